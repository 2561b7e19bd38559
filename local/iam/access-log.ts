import { isSame, type Grant } from "./grants.ts";

/** A denied call. */
export interface Denial {
  /** The caller's role, or the service that called in its own name. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** As the caller received it. */
  readonly message: string;
}

const MAX_DENIALS = 1000;

/** Which permissions were used, and which calls were denied: the proof that policies are minimal and sufficient. */
export class AccessLog {
  readonly #used = new Map<string, Grant[]>();
  readonly #denials: Denial[] = [];

  /** @param owner ARN of the role or the resource whose policy it is */
  use(owner: string, grants: readonly Grant[]): void {
    const known = this.#used.get(owner) ?? [];
    const fresh = grants.filter((grant) => !known.some((one) => isSame(one, grant)));
    if (fresh.length > 0) this.#used.set(owner, [...known, ...fresh]);
  }

  isUsed(owner: string, grant: Grant): boolean {
    return (this.#used.get(owner) ?? []).some((one) => isSame(one, grant));
  }

  deny(denial: Denial): void {
    this.#denials.push(denial);
    if (this.#denials.length > MAX_DENIALS) this.#denials.shift();
  }

  /** The latest denials, newest last. */
  get denials(): readonly Denial[] {
    return [...this.#denials];
  }
}
