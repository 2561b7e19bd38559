import { systemClock, type Clock, type Timer } from "../../base/clock.ts";
import type { Sandbox } from "./sandbox.ts";

/** AWS keeps them for minutes (documented: Lambda, execution environment lifecycle, without a number). */
const IDLE_MS = 60_000;
/** AWS starts as many as needed, up to 1,000 per account (documented: Lambda quotas); one machine gets these. */
const MAX_PER_FUNCTION = 4;
/** Of all functions, beyond the first one of each that is in use. Each takes 25 to 35 MB. */
const MAX_SANDBOXES = 8;

interface Owned<S> {
  readonly owner: object;
  readonly sandbox: S;
}

/**
 * The sandboxes of all functions. The one that was used last is used first; one that is idle for too long, or is one too
 * many, is ended.
 */
export class Sandboxes<S extends Pick<Sandbox, "alive" | "retire"> = Sandbox> {
  readonly #clock: Clock;
  readonly #all = new Set<Owned<S>>();
  /** The one that was used last is last. */
  readonly #idle = new Map<Owned<S>, Timer>();

  /** @param clock the machine's by default: who turns the cloud's clock does not want cold starts */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * A sandbox for the owner's next invocation: an idle one, or else a new one. A function without any gets one at once, so
   * that functions may wait for each other.
   * @returns undefined when the invocation has to wait until the owner gives one back
   */
  take(owner: object, create: () => S): S | undefined {
    const idle = [...this.#idle.keys()].findLast((one) => one.owner === owner && one.sandbox.alive);
    if (idle) {
      this.#forgetIdle(idle);
      return idle.sandbox;
    }
    for (const one of this.#of(owner)) if (!one.sandbox.alive) this.#forget(one);
    const own = this.#of(owner).length;
    if (own > 0 && (own >= MAX_PER_FUNCTION || this.#all.size >= MAX_SANDBOXES)) return undefined;
    if (this.#all.size >= MAX_SANDBOXES) this.#endOldest();
    const sandbox = create();
    this.#all.add({ owner, sandbox });
    return sandbox;
  }

  /** To be called after each invocation. */
  giveBack(sandbox: S): void {
    const owned = [...this.#all].find((one) => one.sandbox === sandbox);
    if (!owned) return;
    if (!sandbox.alive) return this.#forget(owned);
    this.#idle.set(
      owned,
      this.#clock.after(IDLE_MS, () => this.#end(owned)),
    );
    if (this.#all.size > MAX_SANDBOXES) this.#endOldest();
  }

  /** Forgets the owner's sandboxes, and returns them, to be ended. */
  removeAll(owner: object): S[] {
    const all = this.#of(owner);
    for (const one of all) this.#forget(one);
    return all.map(({ sandbox }) => sandbox);
  }

  #of(owner: object): Owned<S>[] {
    return [...this.#all].filter((one) => one.owner === owner);
  }

  #endOldest(): void {
    const [oldest] = this.#idle.keys();
    if (oldest) this.#end(oldest);
  }

  #end(owned: Owned<S>): void {
    this.#forget(owned);
    owned.sandbox.retire();
  }

  #forget(owned: Owned<S>): void {
    this.#all.delete(owned);
    this.#forgetIdle(owned);
  }

  #forgetIdle(owned: Owned<S>): void {
    this.#idle.get(owned)?.cancel();
    this.#idle.delete(owned);
  }
}
