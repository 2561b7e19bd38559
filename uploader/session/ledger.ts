import type { Ack } from "../acks.ts";

/** A fragment on its way. */
export interface SentFragment {
  readonly index: number;
  /** As in its cluster: acknowledgements name fragments by it. */
  readonly timecodeMs: number;
  readonly sizeBytes: number;
  /** In producer time, epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
}

/** A stretch of producer time, epoch milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Stretches that touch, but for rounding, are told as one. */
const TOUCHING_MS = 1;

/**
 * The account of a session: what is on its way, what is safe, what was lost. A fragment is safe once it is PERSISTED,
 * or RECEIVED where the stream stores nothing. Nothing but acknowledgements makes a fragment safe.
 */
export class FragmentLedger {
  readonly safeAs: "PERSISTED" | "RECEIVED";
  readonly #inFlight = new Map<number, SentFragment & { received: boolean }>();
  /** Safe and lost ones among those from `resumeAt` on. */
  readonly #passed = new Set<number>();
  readonly #stretches: { fromMs: number; toMs: number }[] = [];
  #resumeAt: number;
  #sentBelow: number;
  readonly #firstIndex: number;
  /** On this connection. */
  #lastSent = -1;
  #inFlightBytes = 0;
  #received = 0;
  #safe = 0;
  #lost = 0;
  #lastSafeNumber: string | undefined;

  /** @param firstIndex what lies before it is none of this session's business */
  constructor(safeAs: "PERSISTED" | "RECEIVED", firstIndex = 0) {
    this.safeAs = safeAs;
    this.#firstIndex = this.#resumeAt = this.#sentBelow = firstIndex;
  }

  /** The first fragment that is neither safe nor lost: where the next connection begins. */
  get resumeAt(): number {
    return this.#resumeAt;
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Distinct fragments, each counted once however often it was sent. */
  get counts() {
    return {
      sent: this.#sentBelow - this.#firstIndex - this.#lost,
      received: this.#received,
      safe: this.#safe,
      lost: this.#lost,
    };
  }

  get lastSafeNumber(): string | undefined {
    return this.#lastSafeNumber;
  }

  /** Producer time that is safe, in order. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Whether it need not be sent (again): safe, or lost. */
  isSettled(index: number): boolean {
    return index < this.#resumeAt || this.#passed.has(index);
  }

  /** What was on its way on the last connection counts as unsent. */
  reconnect(): void {
    for (const { received } of this.#inFlight.values()) if (received) this.#received--;
    this.#inFlight.clear();
    this.#inFlightBytes = 0;
    this.#lastSent = -1;
  }

  /**
   * A fragment goes out; on one connection they go in the order of their indexes. Returns how many before it are lost:
   * its source no longer has them.
   */
  sent(fragment: SentFragment): number {
    let lost = 0;
    for (let index = Math.max(this.#lastSent + 1, this.#resumeAt); index < fragment.index; index++)
      if (!this.isSettled(index)) {
        lost++;
        this.#passed.add(index);
      }
    this.#advance();
    this.#lastSent = fragment.index;
    this.#lost += lost;
    this.#sentBelow = Math.max(this.#sentBelow, fragment.index + 1);
    this.#inFlight.set(fragment.timecodeMs, { ...fragment, received: false });
    this.#inFlightBytes += fragment.sizeBytes;
    return lost;
  }

  /** Returns the fragment that an acknowledgement makes safe. One of a fragment that isn't on its way says nothing. */
  acknowledge({ eventType, fragmentTimecode, fragmentNumber }: Ack): SentFragment | undefined {
    const fragment = this.#inFlight.get(fragmentTimecode ?? NaN);
    if (!fragment || (eventType !== "RECEIVED" && eventType !== "PERSISTED")) return undefined;
    if (!fragment.received) {
      fragment.received = true;
      this.#received++;
    }
    if (eventType === "RECEIVED" && this.safeAs === "PERSISTED") return undefined;
    this.#inFlight.delete(fragment.timecodeMs);
    this.#inFlightBytes -= fragment.sizeBytes;
    this.#safe++;
    this.#lastSafeNumber = fragmentNumber ?? this.#lastSafeNumber;
    this.#addStretch(fragment);
    this.#passed.add(fragment.index);
    this.#advance();
    return fragment;
  }

  #advance(): void {
    while (this.#passed.delete(this.#resumeAt)) this.#resumeAt++;
  }

  #addStretch({ startMs, endMs }: SentFragment): void {
    const at = this.#stretches.findLastIndex(({ fromMs }) => fromMs <= startMs);
    const [before, after] = [this.#stretches[at], this.#stretches[at + 1]];
    const touchesAfter = after !== undefined && endMs >= after.fromMs - TOUCHING_MS;
    if (before && startMs <= before.toMs + TOUCHING_MS) {
      before.toMs = Math.max(before.toMs, touchesAfter ? after.toMs : endMs);
      if (touchesAfter) this.#stretches.splice(at + 1, 1);
    } else if (touchesAfter) after.fromMs = startMs;
    else this.#stretches.splice(at + 1, 0, { fromMs: startMs, toMs: endMs });
  }
}
