import { Worker } from "node:worker_threads";
import type { Look, Picture, Seen } from "./messages.ts";

interface Waiting<Found> {
  readonly resolve: (found: readonly Found[]) => void;
  readonly reject: (error: Error) => void;
}

/** A model in its worker, which starts at the first picture and looks at one after another. */
export class PictureModel<Found> {
  readonly #name: string;
  readonly #script: URL;
  readonly #missing: () => string | undefined;
  #worker: Worker | undefined;
  #looks = 0;
  readonly #waiting = new Map<number, Waiting<Found>>();

  /**
   * @param name of the model, for errors
   * @param script of the worker
   * @param missing why there is no model; undefined if there is
   */
  constructor(name: string, script: URL, missing: () => string | undefined) {
    this.#name = name;
    this.#script = script;
    this.#missing = missing;
  }

  /** Why there is no model; undefined if there is. */
  missing(): string | undefined {
    return this.#missing();
  }

  /** @throws Error when the model fails or the local cloud stops */
  look({ rgba, width, height }: Picture): Promise<readonly Found[]> {
    this.#worker ??= this.#start();
    const id = ++this.#looks;
    const seen = new Promise<readonly Found[]>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    // A copy, which moves to the worker: the caller still needs the picture.
    const look: Look = { id, rgba: new Uint8Array(rgba), width, height };
    this.#worker.postMessage(look, [look.rgba.buffer as ArrayBuffer]);
    return seen;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { execArgv: [] });
    worker.on("message", (seen: Seen<Found>) => {
      const waiting = this.#waiting.get(seen.id);
      this.#waiting.delete(seen.id);
      if ("error" in seen) waiting?.reject(new Error(`the ${this.#name} failed: ${seen.error}`));
      else waiting?.resolve(seen.found);
    });
    worker.on("error", (error) => this.#fail(`the ${this.#name} failed: ${error.message}`));
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#fail(`the ${this.#name} ended`);
    });
    return worker;
  }

  #fail(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }
}
