import { Worker } from "node:worker_threads";
import type { Frame } from "../detector.ts";
import type { Look, ModelObject, Seen } from "./messages.ts";
import { missingModel } from "./packages.ts";

interface Waiting {
  readonly resolve: (objects: readonly ModelObject[]) => void;
  readonly reject: (error: Error) => void;
}

/** The object model in its worker, which starts at the first picture and looks at one after another. */
export class ObjectModel {
  readonly #isOn: boolean;
  #worker: Worker | undefined;
  #looks = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** Why there is no model; undefined if there is. */
  missing(): string | undefined {
    return missingModel(this.#isOn);
  }

  /** @throws Error when the model fails or the local cloud stops */
  look({ rgba, width, height }: Pick<Frame, "rgba" | "width" | "height">): Promise<readonly ModelObject[]> {
    this.#worker ??= this.#start();
    const id = ++this.#looks;
    const seen = new Promise<readonly ModelObject[]>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    // A copy, which moves to the worker: the frame is still needed for evidence.
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
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { execArgv: [] });
    worker.on("message", (seen: Seen) => {
      const waiting = this.#waiting.get(seen.id);
      this.#waiting.delete(seen.id);
      if ("error" in seen) waiting?.reject(new Error(`the object model failed: ${seen.error}`));
      else waiting?.resolve(seen.objects);
    });
    worker.on("error", (error) => this.#fail(`the object model failed: ${error.message}`));
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#fail("the object model ended");
    });
    return worker;
  }

  #fail(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }
}
