import { DAY_MS } from "../../../base/durations.ts";
import type { Cloud } from "../../cloud.ts";
import type { Collection as Documents } from "../../documents.ts";
import { tokenReused } from "../errors.ts";

interface Used {
  readonly parameters: string;
  readonly output: object;
  readonly atMs: number;
}

/** How long a token is remembered; unconfirmed. */
const REMEMBERED_MS = DAY_MS;

/** The ClientRequestTokens of the last day: a request that is sent again has the response of the first. */
export class RequestTokens {
  readonly #cloud: Cloud;
  readonly #used: Documents<Used & { readonly key: string }>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#used = cloud.documents.collection("rekognition/request-tokens");
    for (const { key, atMs } of this.#used.list()) if (this.#isOver(atMs)) this.#used.delete(key);
  }

  /**
   * Runs the operation, unless its token was used: then returns what it returned. Its writes and the token are stored as
   * one.
   * @throws AwsError IdempotentParameterMismatchException for a token that was used with other parameters
   */
  once<Output extends object>(
    operation: string,
    { ClientRequestToken, ...parameters }: { readonly ClientRequestToken?: string | undefined },
    run: () => Output,
  ): Output {
    if (ClientRequestToken === undefined) return run();
    const key = `${operation}/${ClientRequestToken}`;
    const given = JSON.stringify(parameters);
    const used = this.#used.get(key);
    if (used && !this.#isOver(used.atMs)) {
      if (used.parameters !== given) throw tokenReused();
      return used.output as Output;
    }
    return this.#cloud.documents.atomically(() => {
      const output = run();
      this.#used.put(key, { key, parameters: given, output, atMs: this.#cloud.clock.now() });
      return output;
    });
  }

  #isOver(atMs: number): boolean {
    return atMs + REMEMBERED_MS <= this.#cloud.clock.now();
  }
}
