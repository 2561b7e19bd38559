import type { Timer } from "../base/clock.ts";
import type { Cloud } from "./cloud.ts";
import type { Collection } from "./documents.ts";
import { writeFailed } from "./log-file.ts";

/** An item that is attempted until it succeeds or is given up. */
export interface QueuedItem<T> {
  readonly id: string;
  readonly item: T;
  readonly acceptedAtMs: number;
  readonly dueAtMs: number;
  /** Retries so far: attempts before this one, without the postponed ones. */
  readonly retries: number;
  /** Attempts that were postponed. */
  readonly postponements: number;
}

/** The outcome of an attempt. */
export type Attempt<E> =
  | { readonly kind: "done" }
  /** `failed` counts as a retry, `postponed` does not; both are due again as long as the limits allow it. */
  | { readonly kind: "failed" | "postponed"; readonly error: E; readonly retryAfterMs: number }
  | { readonly kind: "refused"; readonly error: E };

/** Why an item is given up: its retries are used up, it would be too old at the next attempt, or it was refused. */
export type EndReason = "retries" | "age" | "refused";

interface RetryQueueOptions<T, E> {
  /** Collection in which the items are kept, e.g. `eventbridge/delivery-queue`. */
  readonly name: string;
  /** For whom the item is: those for one do not wait for those for another. */
  readonly target: (item: T) => string;
  readonly limits: (item: T) => { readonly maxRetries: number; readonly maxAgeMs: number };
  /** Makes one attempt; must not throw. */
  readonly attempt: (queued: QueuedItem<T>) => Promise<Attempt<E>>;
  /** Called when an attempt has failed and another one is due. */
  readonly onRetry?: (queued: QueuedItem<T>, error: E) => void;
  /** Called with an item that is given up, before the queue forgets it; must not throw. */
  readonly onEnd: (queued: QueuedItem<T>, reason: EndReason, error: E) => Promise<void>;
}

/** How many attempts for one target are in progress; what is due beyond them waits. */
const MAX_ATTEMPTS = 20;

interface Target {
  /** How many are in progress. */
  attempts: number;
  /** Ids of items that are due, the first one first. */
  readonly due: Set<string>;
}

/**
 * A durable queue of items that are retried until they succeed, are too old or have failed too often. Items are due on the cloud's
 * clock and survive a restart; an attempt that a stop interrupts is repeated after it. Only items that are attempted are in
 * memory, so that a target that is slower than its senders takes little of it.
 */
export class RetryQueue<T, E = unknown> {
  readonly #cloud: Pick<Cloud, "clock" | "documents" | "events">;
  readonly #options: RetryQueueOptions<T, E>;
  readonly #items: Collection<QueuedItem<T>>;
  readonly #timers = new Map<string, Timer>();
  readonly #targets = new Map<string, Target>();
  /** Items whose last change could not be stored. */
  readonly #unstored = new Map<string, QueuedItem<T>>();
  readonly #attempts = new Set<Promise<void>>();
  #stopped = false;

  constructor(cloud: Pick<Cloud, "clock" | "documents" | "events">, options: RetryQueueOptions<T, E>) {
    this.#cloud = cloud;
    this.#options = options;
    this.#items = cloud.documents.collection(options.name);
  }

  /**
   * Adds an item, whose first attempt is due at once.
   * @throws Error when it can't be stored
   */
  add(id: string, item: T): void {
    const nowMs = this.#cloud.clock.now();
    const queued = { id, item, acceptedAtMs: nowMs, dueAtMs: nowMs, retries: 0, postponements: 0 };
    this.#items.put(id, queued);
    this.#schedule(queued);
  }

  /** Schedules the items that were waiting when the local cloud stopped. */
  resume(): void {
    for (const queued of this.#items.each()) this.#schedule(queued);
  }

  /** Starts no further attempt. One in progress counts only if it succeeds. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Resolves once no attempt is in progress. */
  async settled(): Promise<void> {
    await Promise.all(this.#attempts);
  }

  /** Changes what is stored. If that fails, only the next start repeats an attempt. */
  #store(change: () => void): boolean {
    try {
      change();
      return true;
    } catch (error) {
      const [service = ""] = this.#options.name.split("/");
      writeFailed(this.#cloud.events, service, this.#options.name, error);
      return false;
    }
  }

  #schedule({ id, dueAtMs, item }: QueuedItem<T>): void {
    const { clock } = this.#cloud;
    // Without the item, which would stay in memory.
    const name = this.#options.target(item);
    const isDue = (): void => {
      this.#timers.delete(id);
      this.#target(name).due.add(id);
      this.#next(name);
    };
    this.#timers.set(id, clock.after(Math.max(0, dueAtMs - clock.now()), isDue));
  }

  #target(name: string): Target {
    let target = this.#targets.get(name);
    if (!target) this.#targets.set(name, (target = { attempts: 0, due: new Set() }));
    return target;
  }

  /** Starts what is due for a target, as far as it may. */
  #next(name: string): void {
    const target = this.#target(name);
    for (const id of target.due) {
      if (this.#stopped || target.attempts >= MAX_ATTEMPTS) return;
      target.due.delete(id);
      const queued = this.#unstored.get(id) ?? this.#items.get(id);
      this.#unstored.delete(id);
      if (!queued) continue;
      target.attempts++;
      const attempt = this.#attempt(queued).finally(() => {
        this.#attempts.delete(attempt);
        target.attempts--;
        this.#next(name);
      });
      this.#attempts.add(attempt);
    }
    if (target.attempts === 0) this.#targets.delete(name);
  }

  async #attempt(queued: QueuedItem<T>): Promise<void> {
    const attempt = await this.#options.attempt(queued);
    if (attempt.kind === "done") return void this.#store(() => this.#items.delete(queued.id));
    if (this.#stopped) return;
    if (attempt.kind === "refused") return await this.#end(queued, "refused", attempt.error);
    const { maxRetries, maxAgeMs } = this.#options.limits(queued.item);
    if (attempt.kind === "failed" && queued.retries >= maxRetries)
      return await this.#end(queued, "retries", attempt.error);
    const dueAtMs = this.#cloud.clock.now() + attempt.retryAfterMs;
    if (dueAtMs - queued.acceptedAtMs > maxAgeMs) return await this.#end(queued, "age", attempt.error);
    const counter = attempt.kind === "failed" ? "retries" : "postponements";
    const next = { ...queued, [counter]: queued[counter] + 1, dueAtMs };
    this.#options.onRetry?.(next, attempt.error);
    if (!this.#store(() => this.#items.put(next.id, next))) this.#unstored.set(next.id, next);
    this.#schedule(next);
  }

  async #end(queued: QueuedItem<T>, reason: EndReason, error: E): Promise<void> {
    await this.#options.onEnd(queued, reason, error);
    if (!this.#stopped) this.#store(() => this.#items.delete(queued.id));
  }
}
