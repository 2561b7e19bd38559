import { randomId } from "../../base/random.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import type { StartInput } from "./input.ts";
import { isBusy, type Processors, type Session, type StreamProcessor } from "./processors.ts";
import { reportEnd } from "./report.ts";
import { assumeRoleOf } from "./role-access.ts";
import { analyse, type SessionEnd, type SessionRun } from "./session.ts";
import { SessionFailure } from "./session-failure.ts";

interface Running {
  readonly controller: AbortController;
  readonly finished: Promise<void>;
}

/** The runs of all processors. Every run ends: by its video, by silence, by Stop or by a failure. */
export class Sessions {
  readonly #cloud: Cloud;
  readonly #processors: Processors;
  readonly #running = new Map<string, Running>();
  #closing = false;

  constructor(cloud: Cloud, processors: Processors) {
    this.#cloud = cloud;
    this.#processors = processors;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Begins a run and returns its session id at once; whatever goes wrong later ends it as FAILED. */
  start(request: StartInput): string {
    const session = { id: randomId(), request, passedMs: 0, processedMs: 0, reported: [] };
    const processor = this.#processors.change(request.Name, {
      status: "STARTING",
      statusMessage: undefined,
      session,
    });
    this.#cloud.events.emit("rekognition", "session-started", {
      processor: request.Name,
      sessionId: session.id,
    });
    this.#run(processor, session);
    return session.id;
  }

  /** Ends a run after the fragment in hand; what Stop does to a label processor is unconfirmed on AWS. */
  stop(name: string): void {
    this.#processors.change(name, { status: "STOPPING" });
    this.#running.get(name)?.controller.abort();
  }

  /** Goes on with the runs that a stop of the local cloud interrupted. */
  resume(): void {
    for (const processor of this.#processors.list()) {
      if (!isBusy(processor) || !processor.session || this.#running.has(processor.definition.Name)) continue;
      this.#run(processor, processor.session);
      if (processor.status === "STOPPING") this.stop(processor.definition.Name);
    }
  }

  /** Interrupts all runs; their progress is kept. */
  async close(): Promise<void> {
    this.#closing = true;
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ finished }) => finished));
  }

  #run(processor: StreamProcessor, session: Session): void {
    const { Name } = processor.definition;
    const controller = new AbortController();
    const finished = this.#runToEnd(processor, session, controller.signal).finally(() =>
      this.#running.delete(Name),
    );
    this.#running.set(Name, { controller, finished });
  }

  async #runToEnd(processor: StreamProcessor, started: Session, signal: AbortSignal): Promise<void> {
    const { Name } = processor.definition;
    const keep = (session: Session) => this.#processors.keepProgress(Name, session);
    try {
      // After the answer to Start, as on AWS, where the role and the stream are only tried by the run.
      await new Promise((resolve) => setImmediate(resolve));
      const role = assumeRoleOf(processor, this.#cloud);
      const run = { cloud: this.#cloud, processor, session: started, role, signal, keep };
      const { session, end } = await analyse(run);
      if (end === "aborted" && this.#closing) return;
      await this.#end(run, session, end);
    } catch (error) {
      if (!this.#closing) this.#fail(Name, started.id, error);
    }
  }

  /**
   * Tells the end. That a processor which may not tell it is STOPPED without a word is unconfirmed; it is the worse
   * case for whoever waits for the end, since nothing but its absence shows it.
   */
  async #end(run: SessionRun, session: Session, end: SessionEnd): Promise<void> {
    const { Name: processor } = run.processor.definition;
    const told = { processor, sessionId: session.id };
    try {
      await reportEnd(run, session);
      this.#processors.change(processor, { status: "STOPPED" });
      this.#cloud.events.emit("rekognition", "session-completed", {
        ...told,
        processedVideoDurationMs: session.processedMs,
        end: end === "aborted" ? "stopped" : end,
      });
    } catch (error) {
      if (this.#closing) return;
      this.#processors.change(processor, { status: "STOPPED" });
      this.#cloud.events.emit("rekognition", "session-untold", { ...told, error: errorMessage(error) });
    }
  }

  #fail(processor: string, sessionId: string, error: unknown): void {
    const fault = error instanceof SessionFailure ? error.message : `Internal error: ${errorMessage(error)}`;
    this.#processors.change(processor, { status: "FAILED", statusMessage: fault });
    this.#cloud.events.emit("rekognition", "session-failed", {
      processor,
      sessionId,
      statusMessage: fault,
    });
  }
}
