import { systemClock, type Clock } from "../base/clock.ts";

/** Something that happened inside the local cloud, for people to follow and for tests to wait for. */
export interface CloudEvent {
  /** The service's folder name, e.g. `firehose`. */
  readonly service: string;
  /** What happened, e.g. `object-delivered`. */
  readonly name: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

type Listener = (event: CloudEvent) => void;

const MAX_KEPT_EVENTS = 10_000;

/** The log of events, newest last. */
export class Events {
  readonly #clock: Clock;
  readonly #kept: CloudEvent[] = [];
  readonly #listeners = new Set<Listener>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(service: string, name: string, detail: Record<string, unknown> = {}): void {
    const event = { service, name, detail, atMs: this.#clock.now() };
    this.#kept.push(event);
    if (this.#kept.length > MAX_KEPT_EVENTS) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls `listener` for every later event; returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The kept events that match, oldest first. */
  matching(matches: (event: CloudEvent) => boolean): CloudEvent[] {
    return this.#kept.filter(matches);
  }

  /** Resolves to the first matching event, past or future; rejects when there is none within `timeoutMs` of real time. */
  waitFor(matches: (event: CloudEvent) => boolean, timeoutMs = 60_000): Promise<CloudEvent> {
    const past = this.#kept.find(matches);
    if (past) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const stop = this.subscribe((event) => {
        if (!matches(event)) return;
        deadline.cancel();
        stop();
        resolve(event);
      });
      const deadline = systemClock.after(timeoutMs, () => {
        stop();
        const last = this.#kept.slice(-8).map((event) => `${event.service}/${event.name}`);
        reject(new Error(`no matching event within ${timeoutMs} ms; the last ones: ${last.join(", ")}`));
      });
    });
  }

  /** Resolves after `durationMs` of real time; rejects at once when an event matches, past or future. */
  async expectNone(matches: (event: CloudEvent) => boolean, durationMs: number): Promise<void> {
    const event = await this.waitFor(matches, durationMs).catch(() => undefined);
    if (event)
      throw new Error(
        `expected no matching event, but got ${event.service}/${event.name}: ${JSON.stringify(event.detail)}`,
      );
  }
}
