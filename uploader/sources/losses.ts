/** What is left out of a source. */
export interface Loss {
  /** `video` and `audio` are counted in frames, `data` in bytes of the file. */
  readonly kind: "video" | "audio" | "data" | "rotation";
  /** Where the first of it is, from the source's first video frame, in whole milliseconds. */
  readonly atMs: number;
  readonly reason: string;
  /** How much; undefined for all of it. */
  readonly count?: number;
}

/** Collects what is left out of a source, and what else its sender should know. */
export class Losses {
  readonly #losses: Loss[] = [];
  readonly #remarks: string[] = [];

  /** Adds a loss; one of the same kind and reason grows. */
  add(loss: Loss): void {
    const at = this.#losses.findIndex(({ kind, reason }) => kind === loss.kind && reason === loss.reason);
    const same = this.#losses[at];
    if (!same) this.#losses.push({ ...loss, atMs: Math.round(loss.atMs) });
    else if (same.count !== undefined && loss.count !== undefined)
      this.#losses[at] = { ...same, count: same.count + loss.count };
  }

  /** Adds the video frames before the first keyframe, if there are any. */
  addBeforeKeyframe(count: number): void {
    if (count > 0) this.add({ kind: "video", atMs: 0, reason: "they come before the first keyframe", count });
  }

  /** Adds a sentence about something that is not lost. */
  remark(text: string): void {
    if (!this.#remarks.includes(text)) this.#remarks.push(text);
  }

  /** Adds all that another has collected. */
  include({ all, remarks }: Losses): void {
    for (const loss of all) this.add(loss);
    for (const text of remarks) this.remark(text);
  }

  get remarks(): readonly string[] {
    return this.#remarks;
  }

  get all(): readonly Loss[] {
    return this.#losses;
  }

  /** Everything, as a line each. */
  get notices(): readonly string[] {
    return [...this.#remarks, ...this.#losses.map(lossText)];
  }
}

/** Players turn the picture; a stream has no place to say so. */
export const rotationLoss = (degrees: number): Loss => ({
  kind: "rotation",
  atMs: 0,
  reason: `players turn it by ${degrees} degrees, which Kinesis Video Streams cannot store`,
});

function lossText({ kind, atMs, reason, count }: Loss): string {
  if (kind === "video")
    return `${count} video frame${count === 1 ? "" : "s"} left out at ${seconds(atMs)}: ${reason}`;
  if (kind === "data") return `${count} bytes left out: ${reason}`;
  if (count !== undefined) return `${count} ${kind} frame${count === 1 ? "" : "s"} left out: ${reason}`;
  return `${kind} left out${atMs > 0 ? ` from ${seconds(atMs)} on` : ""}: ${reason}`;
}

/** `1.5 s` */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
