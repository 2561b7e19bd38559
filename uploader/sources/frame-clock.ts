import { DAY_MS } from "../../base/durations.ts";
import { FRAGMENT_LIMITS, MAX_JITTER_MS, type PacketFacts } from "./cut-fragments.ts";
import { seconds, type Losses } from "./losses.ts";

/** A longer pause is no pause: the clock was set. */
const MAX_PAUSE_MS = DAY_MS;
/** A step of at most this is never odd. */
const USUAL_STEP_MS = 1000;
/** The most frames by which decode and presentation order differ (ITU-T H.264 and H.265), and one. */
const MAX_REORDERED = 17;
/** A frame that is shown for longer says nothing about the frame rate. */
const MAX_FRAME_MS = 10_000;
const DEFAULT_FRAME_MS = 40;

/**
 * Keeps the times of a source's frames in order, whatever its clock does. One video frame whose time does not fit its
 * neighbours is left out; a keyframe, which others depend on, is kept between its neighbours. Where the clock jumps back,
 * or ahead by more than a day, what follows goes on after the last frame. A shorter jump ahead is a pause.
 */
export class FrameClock<P extends PacketFacts> {
  readonly #losses: Losses;
  #offsetMs = 0;
  #previousOffsetMs = 0;
  /** A frame whose time is odd, until the next one shows whether the frame or the clock is. */
  #held: P | undefined;
  #keyMs: number | undefined;
  #lastMs = 0;
  #lastSoundMs = -Infinity;
  /** The last two frames' durations: before a jump, one of them may be anything. */
  #frameMs: readonly number[] = [];
  #isWaitingForKeyframe = false;
  /** The earliest and latest time of a frame, and how many there are. */
  readonly #times = { from: Infinity, to: -Infinity, frames: 0 };
  /** Whether any time was changed or any frame left out. */
  hasChanged = false;

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  /** Whether all frames had the same time. */
  get isStopped(): boolean {
    const { from, to, frames } = this.#times;
    return frames > 1 && from === to;
  }

  /** Takes the next video frame in decode order; returns those whose times are settled. */
  video(packet: P): P[] {
    this.#times.from = Math.min(this.#times.from, packet.atMs);
    this.#times.to = Math.max(this.#times.to, packet.atMs);
    this.#times.frames++;
    return this.#video(packet);
  }

  #video(packet: P): P[] {
    const next = this.#shifted(packet);
    const held = this.#held;
    if (!held) {
      if (!this.#isOdd(next)) return this.#settle(next);
      this.#held = packet;
      return [];
    }
    this.#held = undefined;
    const [heldMs, nextMs] = [held.atMs + this.#offsetMs, next.atMs];
    const isAlone = Math.abs(nextMs - this.#lastMs) <= Math.abs(nextMs - heldMs);
    return [...(isAlone ? this.#correct(held, nextMs) : this.#jump(held)), ...this.#video(packet)];
  }

  /** The frame that was held back, after the last one. */
  end(): P[] {
    const held = this.#held;
    this.#held = undefined;
    return held ? this.#correct(held, this.#lastMs + 2 * this.#stepMs) : [];
  }

  /** The time of an audio frame: by the clock before the last jump or after it, whichever is nearer to the video. */
  soundMs({ atMs }: P, videoMs: number): number {
    const [now, before] = [atMs + this.#offsetMs, atMs + this.#previousOffsetMs];
    return Math.abs(now - videoMs) <= Math.abs(before - videoMs) ? now : before;
  }

  /** Settles an audio frame's time; undefined for one that is left out because it is out of order. */
  sound(packet: P, atMs: number): P | undefined {
    if (atMs > this.#lastSoundMs) {
      this.#lastSoundMs = atMs;
      return atMs === packet.atMs ? packet : { ...packet, atMs };
    }
    this.dropSound(atMs);
    return undefined;
  }

  dropSound(atMs: number): void {
    this.hasChanged = true;
    this.#losses.add({ kind: "audio", atMs, reason: "their times are out of order", count: 1 });
  }

  get #stepMs(): number {
    return this.#frameMs.length === 0 ? DEFAULT_FRAME_MS : Math.min(...this.#frameMs);
  }

  #shifted(packet: P): P {
    return this.#offsetMs === 0 ? packet : { ...packet, atMs: packet.atMs + this.#offsetMs };
  }

  #isOdd({ atMs, keyframe }: P): boolean {
    if (this.#keyMs === undefined) return false;
    const limitMs = Math.max(USUAL_STEP_MS, MAX_REORDERED * this.#stepMs);
    if (atMs - this.#lastMs > limitMs) return true;
    if (keyframe) return atMs <= this.#keyMs || atMs < this.#lastMs - MAX_JITTER_MS;
    return atMs < this.#lastMs - limitMs;
  }

  #settle(packet: P): P[] {
    const { atMs, durationMs, keyframe } = packet;
    this.#lastMs = this.#keyMs === undefined ? atMs : Math.max(this.#lastMs, atMs);
    if (durationMs > 0 && durationMs <= MAX_FRAME_MS)
      this.#frameMs = [...this.#frameMs.slice(-1), durationMs];
    if (keyframe) {
      this.#keyMs = atMs;
      this.#isWaitingForKeyframe = false;
    }
    if (!this.#isWaitingForKeyframe) return [packet];
    this.#drop(atMs, "no keyframe after a pause");
    return [];
  }

  /** One odd frame between two that fit each other. */
  #correct(held: P, nextMs: number): P[] {
    this.hasChanged = true;
    const offMs = held.atMs + this.#offsetMs - this.#lastMs;
    const off = `${seconds(Math.abs(offMs))} ${offMs < 0 ? "before" : "after"} its neighbours`;
    if (!held.keyframe) {
      this.#drop(this.#lastMs, `its time is ${off}`);
      return [];
    }
    const atMs = nextMs > this.#lastMs ? (this.#lastMs + nextMs) / 2 : this.#lastMs + this.#stepMs;
    this.#losses.remark(`the keyframe at ${seconds(atMs)} is sent there, though its time is ${off}`);
    return this.#settle({ ...held, atMs });
  }

  /** The clock jumps at this frame. */
  #jump(held: P): P[] {
    this.hasChanged = true;
    const aheadMs = held.atMs + this.#offsetMs - this.#lastMs;
    if (aheadMs > 0 && aheadMs <= MAX_PAUSE_MS) {
      const { keyframe } = held;
      const spanMs = this.#lastMs + aheadMs - this.#keyMs!;
      this.#isWaitingForKeyframe ||= !keyframe && spanMs > FRAGMENT_LIMITS.maxMs;
    } else {
      this.#losses.remark(
        `its clock jumps ${aheadMs < 0 ? "back" : "ahead"} by ${seconds(Math.abs(aheadMs))} at ${seconds(this.#lastMs)}; ` +
          `what follows is sent right after what came before`,
      );
      this.#previousOffsetMs = this.#offsetMs;
      this.#offsetMs = this.#lastMs + this.#stepMs - held.atMs;
    }
    return this.#settle(this.#shifted(held));
  }

  #drop(atMs: number, reason: string): void {
    this.#losses.add({ kind: "video", atMs, reason, count: 1 });
  }
}
