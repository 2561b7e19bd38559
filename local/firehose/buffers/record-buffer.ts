import { backoffCeilingMs } from "../../../base/backoff.ts";
import type { Clock, Timer } from "../../../base/clock.ts";
import type { StoredRecord, RecordStore } from "./record-store.ts";

/** When a buffer is emptied: once it has this size, or this long after its first record arrived. */
export interface BufferLimits {
  readonly sizeBytes: number;
  readonly intervalMs: number;
  /** Maximum number of records taken at once. */
  readonly maxRecords: number;
  /** Maximum number of batches in progress. */
  readonly maxBatches: number;
}

interface BufferOptions {
  readonly store: RecordStore;
  readonly clock: Clock;
  readonly stream: string;
  readonly name: string;
  readonly limits: BufferLimits;
  /**
   * Processes or delivers the records. Resolves with what replaces them in the store, which is called in the order of the
   * records; rejects when they must stay.
   */
  readonly empty: (records: readonly StoredRecord[]) => Promise<() => void>;
  /** Called each time `empty` rejects. */
  readonly failed: (error: unknown, retryAfterMs: number) => void;
}

const RETRY = { baseMs: 5_000, maxMs: 300_000 };

/** Decides when the records of one stream that wait for the same thing are processed. The records are in the store. */
export class RecordBuffer {
  readonly #options: BufferOptions;
  #records = 0;
  #sizeBytes = 0;
  #openedAtMs = 0;
  #failures = 0;
  #retryAtMs = 0;
  #timer: Timer | undefined;
  #isQueued = false;
  #isStopped = true;
  #running: Promise<void> = Promise.resolve();

  constructor(options: BufferOptions) {
    this.#options = options;
    this.#measure();
  }

  get isEmpty(): boolean {
    return this.#records === 0;
  }

  /** Starts to empty the buffer whenever it is full or due. */
  start(): void {
    this.#isStopped = false;
    this.#schedule();
  }

  /** To be called after a record was added to the store under this buffer's name. */
  added(sizeBytes: number): void {
    if (this.isEmpty) this.#openedAtMs = this.#options.clock.now();
    this.#records++;
    this.#sizeBytes += sizeBytes;
    if (this.#records === 1 || this.#sizeBytes >= this.#options.limits.sizeBytes) this.#schedule();
  }

  /** Empties the buffer of all records that it has now. Rejects when some must stay. */
  drain(): Promise<void> {
    const upToSequence = this.#options.store.lastSequence();
    this.#isQueued = true;
    const run = this.#running.catch(() => {}).then(() => this.#drainUpTo(upToSequence));
    this.#running = run;
    return run;
  }

  /** Stops emptying the buffer; resolves when nothing is in progress. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running.catch(() => {});
    this.#timer?.cancel();
  }

  async #drainUpTo(upToSequence: number): Promise<void> {
    const { store, stream, name, limits, empty, failed } = this.#options;
    this.#isQueued = false;
    this.#timer?.cancel();
    const { sizeBytes: maxBytes, maxRecords, maxBatches } = limits;
    const inProgress: Promise<() => void>[] = [];
    let afterSequence = 0;
    try {
      while (!this.#isStopped) {
        while (inProgress.length < maxBatches) {
          const records = store.take(stream, name, { maxBytes, maxRecords, afterSequence, upToSequence });
          if (records.length === 0) break;
          afterSequence = records.at(-1)!.sequence;
          const batch = empty(records);
          // It may reject before it is its turn.
          batch.catch(() => {});
          inProgress.push(batch);
        }
        const replace = await inProgress.shift();
        if (!replace) break;
        replace();
        this.#failures = 0;
        this.#retryAtMs = 0;
      }
    } catch (error) {
      const retryAfterMs = backoffCeilingMs(++this.#failures, RETRY);
      this.#retryAtMs = this.#options.clock.now() + retryAfterMs;
      if (!this.#isStopped) failed(error, retryAfterMs);
      throw error;
    } finally {
      // Those behind one that failed are taken again with it.
      await Promise.allSettled(inProgress);
      if (!this.#isStopped) {
        this.#measure();
        this.#schedule();
      }
    }
  }

  #measure(): void {
    const { store, stream, name } = this.#options;
    const { records, sizeBytes, openedAtMs } = store.measure(stream, name);
    this.#records = records;
    this.#sizeBytes = sizeBytes;
    this.#openedAtMs = openedAtMs;
  }

  #schedule(): void {
    this.#timer?.cancel();
    if (this.#isStopped || this.#isQueued || this.isEmpty) return;
    const { clock, limits } = this.#options;
    const isFull = this.#sizeBytes >= limits.sizeBytes;
    const dueMs = this.#retryAtMs || this.#openedAtMs + (isFull ? 0 : limits.intervalMs);
    const delayMs = dueMs - clock.now();
    if (delayMs <= 0) void this.drain().catch(() => {});
    else this.#timer = clock.after(delayMs, () => void this.drain().catch(() => {}));
  }
}
