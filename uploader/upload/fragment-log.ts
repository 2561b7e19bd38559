import type { Ack } from "../acks.ts";

/** A fragment that was sent and is not acknowledged yet. */
interface SentFragment {
  readonly index: number;
  /** The time of its cluster; acknowledgements refer to the fragment by it. */
  readonly timecodeMs: number;
  readonly sizeBytes: number;
  /** In producer time, epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
}

/** An interval of producer time, epoch milliseconds. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Intervals this close to each other are one: times are rounded. */
const TOUCHING_MS = 1;

/**
 * The fragments of an upload: in flight, safe, or lost. A fragment is safe when it is PERSISTED, or RECEIVED where the
 * stream stores nothing. Only an acknowledgement makes a fragment safe.
 */
export class FragmentLog {
  readonly safeAs: "PERSISTED" | "RECEIVED";
  readonly #inFlight = new Map<number, SentFragment & { received: boolean }>();
  /** Safe and lost fragments from `resumeAt` on. */
  readonly #settled = new Set<number>();
  readonly #safeIntervals: { fromMs: number; toMs: number }[] = [];
  #resumeAt: number;
  #sentBelow: number;
  readonly #firstIndex: number;
  /** The last index on this connection. */
  #lastSent = -1;
  #inFlightBytes = 0;
  #received = 0;
  #safe = 0;
  #lost = 0;
  #lastSafeNumber: string | undefined;

  /** @param firstIndex the first fragment of this upload */
  constructor(safeAs: "PERSISTED" | "RECEIVED", firstIndex = 0) {
    this.safeAs = safeAs;
    this.#firstIndex = this.#resumeAt = this.#sentBelow = firstIndex;
  }

  /** The first fragment that is neither safe nor lost: the next connection begins there. */
  get resumeAt(): number {
    return this.#resumeAt;
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Distinct fragments: each counts once, even if it was sent repeatedly. */
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

  /** The intervals that are safe, in order. */
  get safeIntervals(): readonly Interval[] {
    return this.#safeIntervals;
  }

  /** Whether a fragment is safe or lost, so that it is not sent again. */
  isSettled(index: number): boolean {
    return index < this.#resumeAt || this.#settled.has(index);
  }

  /** Counts the fragments in flight on the last connection as not sent. */
  reconnect(): void {
    for (const { received } of this.#inFlight.values()) if (received) this.#received--;
    this.#inFlight.clear();
    this.#inFlightBytes = 0;
    this.#lastSent = -1;
  }

  /**
   * Records a sent fragment; on one connection, fragments are sent in the order of their indexes.
   * @returns how many fragments before it are lost, because the source no longer has them
   */
  sent(fragment: SentFragment): number {
    let lost = 0;
    for (let index = Math.max(this.#lastSent + 1, this.#resumeAt); index < fragment.index; index++)
      if (!this.isSettled(index)) {
        lost++;
        this.#settled.add(index);
      }
    this.#advance();
    this.#lastSent = fragment.index;
    this.#lost += lost;
    this.#sentBelow = Math.max(this.#sentBelow, fragment.index + 1);
    this.#inFlight.set(fragment.timecodeMs, { ...fragment, received: false });
    this.#inFlightBytes += fragment.sizeBytes;
    return lost;
  }

  /** Returns the fragment that an acknowledgement makes safe, if any. Acknowledgements of other fragments are ignored. */
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
    this.#addInterval(fragment);
    this.#settled.add(fragment.index);
    this.#advance();
    return fragment;
  }

  #advance(): void {
    while (this.#settled.delete(this.#resumeAt)) this.#resumeAt++;
  }

  #addInterval({ startMs, endMs }: SentFragment): void {
    const at = this.#safeIntervals.findLastIndex(({ fromMs }) => fromMs <= startMs);
    const [before, after] = [this.#safeIntervals[at], this.#safeIntervals[at + 1]];
    const touchesAfter = after !== undefined && endMs >= after.fromMs - TOUCHING_MS;
    if (before && startMs <= before.toMs + TOUCHING_MS) {
      before.toMs = Math.max(before.toMs, touchesAfter ? after.toMs : endMs);
      if (touchesAfter) this.#safeIntervals.splice(at + 1, 1);
    } else if (touchesAfter) after.fromMs = startMs;
    else this.#safeIntervals.splice(at + 1, 0, { fromMs: startMs, toMs: endMs });
  }
}
