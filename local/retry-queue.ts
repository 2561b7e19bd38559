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

/** The attempts for one target. */
interface Lane {
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
  readonly #lanes = new Map<string, Lane>();
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
    this.#items.put(id, { id, item, acceptedAtMs: nowMs, dueAtMs: nowMs, retries: 0, postponements: 0 });
    this.#schedule(id, nowMs, this.#options.target(item));
  }

  /** Schedules the items that were waiting when the local cloud stopped. */
  resume(): void {
    for (const { id, dueAtMs, item } of this.#items.each())
      this.#schedule(id, dueAtMs, this.#options.target(item));
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

  #schedule(id: string, dueAtMs: number, target: string): void {
    const { clock } = this.#cloud;
    const isDue = (): void => {
      this.#timers.delete(id);
      this.#laneOf(target).due.add(id);
      this.#next(target);
    };
    this.#timers.set(id, clock.after(Math.max(0, dueAtMs - clock.now()), isDue));
  }

  #laneOf(target: string): Lane {
    let lane = this.#lanes.get(target);
    if (!lane) this.#lanes.set(target, (lane = { attempts: 0, due: new Set() }));
    return lane;
  }

  /** Starts what is due for a target, as far as it may. */
  #next(target: string): void {
    const lane = this.#laneOf(target);
    for (const id of lane.due) {
      if (this.#stopped || lane.attempts >= MAX_ATTEMPTS) return;
      lane.due.delete(id);
      const queued = this.#unstored.get(id) ?? this.#items.get(id);
      this.#unstored.delete(id);
      if (!queued) continue;
      lane.attempts++;
      const attempt = this.#attempt(queued).finally(() => {
        this.#attempts.delete(attempt);
        lane.attempts--;
        this.#next(target);
      });
      this.#attempts.add(attempt);
    }
    if (lane.attempts === 0) this.#lanes.delete(target);
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
    this.#schedule(next.id, dueAtMs, this.#options.target(next.item));
  }

  async #end(queued: QueuedItem<T>, reason: EndReason, error: E): Promise<void> {
    await this.#options.onEnd(queued, reason, error);
    if (!this.#stopped) this.#store(() => this.#items.delete(queued.id));
  }
}
