import { nextTurn } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import type { Cloud } from "../../cloud.ts";
import { writeFailed } from "../../log-file.ts";
import { isBusy, isFaceProcessor, type FaceProcessor, type Processors } from "../processors.ts";
import { SessionFailure } from "../sessions/session-failure.ts";
import { searchFaces, type FaceSearchParts } from "./search.ts";

interface Running {
  readonly controller: AbortController;
  readonly finished: Promise<void>;
}

/** The face searches of all processors. Each goes on until it is stopped or fails (documented), also over a restart. */
export class FaceSearches {
  readonly #cloud: Cloud;
  readonly #processors: Processors;
  readonly #parts: FaceSearchParts;
  readonly #running = new Map<string, Running>();
  #closing = false;

  constructor(cloud: Cloud, processors: Processors, parts: FaceSearchParts) {
    this.#cloud = cloud;
    this.#processors = processors;
    this.#parts = parts;
  }

  get count(): number {
    return this.#running.size;
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
    const running = this.#running.get(name);
    if (running) running.controller.abort();
    else this.#stopped(name);
  }

  /** Continues the searches that a stop of the local cloud interrupted. */
  resume(): void {
    for (const processor of this.#processors.list()) {
      const { Name } = processor.definition;
      if (!isFaceProcessor(processor) || !isBusy(processor) || this.#running.has(Name)) continue;
      if (processor.status === "STOPPING") this.#stopped(Name);
      else this.#run(processor);
    }
  }

  /** Interrupts all searches. */
  async close(): Promise<void> {
    this.#closing = true;
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ finished }) => finished));
  }

  #run(processor: FaceProcessor): void {
    const { Name } = processor.definition;
    const controller = new AbortController();
    const finished = this.#runToEnd(processor, controller.signal)
      .catch((error: unknown) =>
        writeFailed(this.#cloud.events, "rekognition", `the end of the face search of ${Name}`, error),
      )
      .finally(() => this.#running.delete(Name));
    this.#running.set(Name, { controller, finished });
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
      if (!this.#closing) this.#stopped(Name);
    } catch (error) {
      if (this.#closing) return;
      const statusMessage =
        error instanceof SessionFailure ? error.message : `Internal error: ${errorMessage(error)}`;
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
