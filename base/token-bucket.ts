/**
 * Lets through so many tokens a second, and a burst at once after a pause: a second's worth by default. Time is a
 * parameter, in epoch milliseconds.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  /** Below 0 while more was taken than there was. */
  #tokens: number;
  #filledAtMs: number;

  constructor(perSecond: number, nowMs: number, burst = perSecond) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAtMs = nowMs;
  }

  /** Whether so many tokens are there; of more than the bucket holds, whether it is full. */
  has(count: number, nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= Math.min(count, this.#burst);
  }

  isFull(nowMs: number): boolean {
    return this.has(this.#burst, nowMs);
  }

  /** Takes tokens, whether they are there or not; returns in how many milliseconds they will be, 0 if they are. */
  take(count: number, nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens -= count;
    return Math.max(0, Math.ceil((-this.#tokens / this.#perSecond) * 1000));
  }

  #fill(nowMs: number): void {
    // A clock that was set back earns nothing, and goes on from there.
    const earned = (Math.max(0, nowMs - this.#filledAtMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#filledAtMs = nowMs;
  }
}
