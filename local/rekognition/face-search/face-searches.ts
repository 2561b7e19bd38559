import { nextTurn } from "../../../base/clock.ts";
import type { Cloud } from "../../cloud.ts";
import { isBusy, isFaceProcessor, type FaceProcessor, type Processors } from "../processors.ts";
import { Runs } from "../runs.ts";
import { statusMessageOf } from "../sessions/session-failure.ts";
import { searchFaces, type FaceSearchParts } from "./search.ts";

/** The face searches of all processors. Each goes on until it is stopped or fails (documented), also over a restart. */
export class FaceSearches {
  readonly #cloud: Cloud;
  readonly #processors: Processors;
  readonly #parts: FaceSearchParts;
  readonly #runs: Runs;

  constructor(cloud: Cloud, processors: Processors, parts: FaceSearchParts) {
    this.#cloud = cloud;
    this.#processors = processors;
    this.#parts = parts;
    this.#runs = new Runs(cloud);
  }

  get count(): number {
    return this.#runs.count;
  }

  /** Starts a search and returns at once; a later error ends it as FAILED. */
  start(name: string): void {
    this.#processors.change(name, { status: "STARTING", statusMessage: undefined });
    this.#emit("face-search-started", { processor: name });
    this.#run(this.#processors.get(name) as FaceProcessor);
  }

  /** Ends a search: the frame that it analyses is the last. */
  stop(name: string): void {
    this.#processors.change(name, { status: "STOPPING" });
    if (!this.#runs.abort(name)) this.#stopped(name);
  }

  /** Continues the searches that a stop of the local cloud interrupted. */
  resume(): void {
    for (const processor of this.#processors.list()) {
      const { Name } = processor.definition;
      if (!isFaceProcessor(processor) || !isBusy(processor) || this.#runs.has(Name)) continue;
      if (processor.status === "STOPPING") this.#stopped(Name);
      else this.#run(processor);
    }
  }

  /** Interrupts all searches. */
  async close(): Promise<void> {
    await this.#runs.close();
  }

  #run(processor: FaceProcessor): void {
    const { Name } = processor.definition;
    this.#runs.start(Name, `the face search of ${Name}`, (signal) => this.#runToEnd(processor, signal));
  }

  async #runToEnd(processor: FaceProcessor, signal: AbortSignal): Promise<void> {
    const { Name } = processor.definition;
    const running = () => {
      if (signal.aborted || this.#processors.get(Name).status === "RUNNING") return;
      this.#processors.change(Name, { status: "RUNNING" });
      this.#emit("face-search-running", { processor: Name });
    };
    try {
      // After the response to Start, as on AWS, where the search is the first to use role and stream.
      await nextTurn();
      await searchFaces(this.#cloud, processor, this.#parts, { signal, running });
      if (!this.#runs.isClosing) this.#stopped(Name);
    } catch (error) {
      if (this.#runs.isClosing) return;
      const statusMessage = statusMessageOf(error);
      this.#processors.change(Name, { status: "FAILED", statusMessage });
      this.#emit("face-search-failed", { processor: Name, statusMessage });
    }
  }

  #stopped(name: string): void {
    this.#processors.change(name, { status: "STOPPED" });
    this.#emit("face-search-stopped", { processor: name });
  }

  #emit(name: string, detail: Record<string, unknown>): void {
    this.#cloud.events.emit("rekognition", name, detail);
  }
}
