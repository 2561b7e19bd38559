import type { Clock } from "../../base/clock.ts";
import { TokenBucket } from "../../base/token-bucket.ts";

/** Documented: developer guide, "Quotas and limits". That a second's quota may be used at once is unconfirmed. */
const PER_SECOND = {
  writtenRecords: 1000,
  writtenBytes: 1024 * 1024,
  reads: 5,
  readBytes: 2 * 1024 * 1024,
} as const;

/** What each shard of the account takes and gives in a second. */
export class Throughput {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a record of so many bytes; false, and uncounted, when the shard takes no more at the moment. */
  admitsWrite(shard: string, bytes: number): boolean {
    return this.#takes(shard, { writtenRecords: 1, writtenBytes: bytes });
  }

  /** Counts a call of GetRecords; false, and uncounted, when the shard gives no more at the moment. */
  admitsRead(shard: string): boolean {
    return this.#takes(shard, { reads: 1, readBytes: 1 });
  }

  /** Counts what a call returned: more than the quota of a second delays later calls (documented: GetRecords). */
  countRead(shard: string, bytes: number): void {
    this.#bucket(shard, "readBytes").take(bytes, this.#clock.now());
  }

  /** Takes from all of the quotas, or from none. */
  #takes(shard: string, amounts: Partial<Record<keyof typeof PER_SECOND, number>>): boolean {
    const nowMs = this.#clock.now();
    const taken = (Object.entries(amounts) as [keyof typeof PER_SECOND, number][]).map(([quota, amount]) => ({
      bucket: this.#bucket(shard, quota),
      amount,
    }));
    if (!taken.every(({ bucket, amount }) => bucket.has(amount, nowMs))) return false;
    for (const { bucket, amount } of taken) bucket.take(amount, nowMs);
    return true;
  }

  #bucket(shard: string, quota: keyof typeof PER_SECOND): TokenBucket {
    const key = `${quota} ${shard}`;
    let bucket = this.#buckets.get(key);
    if (!bucket) this.#buckets.set(key, (bucket = new TokenBucket(PER_SECOND[quota], this.#clock.now())));
    return bucket;
  }
}
