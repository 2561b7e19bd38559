import { systemClock, type Clock, type Timer } from "../../base/clock.ts";
import type { Sandbox } from "./sandbox.ts";

/** AWS keeps them for minutes (documented: Lambda, execution environment lifecycle, without a number). */
const IDLE_MS = 60_000;
/** Each takes 20 to 50 MB. */
const MAX_IDLE = 12;

interface Idle<S> {
  readonly owner: object;
  readonly sandbox: S;
  /** Called when it is ended. */
  readonly ended: () => void;
}

/**
 * The sandboxes of all functions that wait for their next invocation. The one that was used last is used first; one that
 * waits too long, or is one too many, is ended.
 */
export class IdleSandboxes<S extends Pick<Sandbox, "alive" | "retire"> = Sandbox> {
  readonly #clock: Clock;
  /** The one that was used last is last. */
  readonly #idle = new Map<Idle<S>, Timer>();

  /** @param clock the machine's by default: who turns the cloud's clock does not want cold starts */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  add(idle: Idle<S>): void {
    this.#idle.set(
      idle,
      this.#clock.after(IDLE_MS, () => this.#end(idle)),
    );
    const [oldest] = this.#idle.keys();
    if (this.#idle.size > MAX_IDLE) this.#end(oldest!);
  }

  /** The sandbox that the owner used last and that is still alive. */
  take(owner: object): S | undefined {
    for (const idle of [...this.#idle.keys()].toReversed()) {
      if (idle.owner !== owner) continue;
      this.#forget(idle);
      if (idle.sandbox.alive) return idle.sandbox;
      idle.ended();
    }
    return undefined;
  }

  /** Forgets the owner's sandboxes, which it ends itself. */
  forgetAll(owner: object): void {
    for (const idle of this.#idle.keys()) if (idle.owner === owner) this.#forget(idle);
  }

  #end(idle: Idle<S>): void {
    this.#forget(idle);
    idle.ended();
    idle.sandbox.retire();
  }

  #forget(idle: Idle<S>): void {
    this.#idle.get(idle)?.cancel();
    this.#idle.delete(idle);
  }
}
