import { nextTurn } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import { randomId } from "../../../base/random.ts";
import type { Cloud } from "../../cloud.ts";
import { writeFailed } from "../../log-file.ts";
import type { ObjectModel } from "../detection/model/model.ts";
import type { StartInput } from "../inputs.ts";
import {
  isBusy,
  isFaceProcessor,
  type LabelProcessor,
  type Processors,
  type Session,
} from "../processors.ts";
import { Runs } from "../runs.ts";
import { publishCompletion } from "./publish.ts";
import { assumeRoleOf } from "./role-access.ts";
import { statusMessageOf } from "./session-failure.ts";
import type { SessionRun } from "./session-run.ts";
import { analyse, type SessionEnd } from "./session.ts";

/** The running sessions of all processors. Each ends: by its duration, by missing media, by Stop or by a failure. */
export class Sessions {
  readonly #cloud: Cloud;
  readonly #processors: Processors;
  readonly #model: ObjectModel;
  readonly #runs: Runs;

  constructor(cloud: Cloud, processors: Processors, model: ObjectModel) {
    this.#cloud = cloud;
    this.#processors = processors;
    this.#model = model;
    this.#runs = new Runs(cloud);
  }

  get count(): number {
    return this.#runs.count;
  }

  /** Starts a session and returns its id at once; a later error ends it as FAILED. */
  start(request: StartInput): string {
    const session = { id: randomId(), request, receivedMs: 0, processedMs: 0, notified: [] };
    this.#processors.change(request.Name, { status: "STARTING", statusMessage: undefined, session });
    const processor = this.#processors.getLabels(request.Name);
    this.#emit("session-started", { processor: request.Name, sessionId: session.id });
    this.#run(processor, session);
    return session.id;
  }

  /** Ends a session after the current fragment; the effect of Stop on a label processor is unconfirmed on AWS. */
  stop(name: string): void {
    this.#processors.change(name, { status: "STOPPING" });
    this.#runs.abort(name);
  }

  /** Continues the sessions that a stop of the local cloud interrupted. */
  resume(): void {
    for (const processor of this.#processors.list()) {
      if (
        isFaceProcessor(processor) ||
        !isBusy(processor) ||
        !processor.session ||
        this.#runs.has(processor.definition.Name)
      )
        continue;
      this.#run(processor as LabelProcessor, processor.session);
      if (processor.status === "STOPPING") this.stop(processor.definition.Name);
    }
  }

  /** Interrupts all sessions; their progress is stored. */
  async close(): Promise<void> {
    await this.#runs.close();
  }

  #run(processor: LabelProcessor, session: Session): void {
    this.#runs.start(processor.definition.Name, `session ${session.id}`, (signal) =>
      this.#runToEnd(processor, session, signal),
    );
  }

  async #runToEnd(processor: LabelProcessor, started: Session, signal: AbortSignal): Promise<void> {
    const { Name } = processor.definition;
    const saveProgress = (session: Session): void => {
      try {
        this.#processors.saveProgress(Name, session);
      } catch (error) {
        writeFailed(this.#cloud.events, "rekognition", `the progress of session ${session.id}`, error);
      }
    };
    try {
      // After the response to Start, as on AWS, where the session is the first to use role and stream.
      await nextTurn();
      const role = assumeRoleOf(processor, this.#cloud);
      const run: SessionRun = {
        cloud: this.#cloud,
        processor,
        session: started,
        role,
        model: this.#model,
        signal,
        saveProgress,
      };
      const { session, end } = await analyse(run);
      if (end === "aborted" && this.#runs.isClosing) return;
      await this.#end(run, session, end);
    } catch (error) {
      if (!this.#runs.isClosing) this.#fail(Name, started.id, error);
    }
  }

  /**
   * Publishes the completion notification. That a processor whose role may not publish it is STOPPED without an error is
   * unconfirmed; it is the worse case for a caller that waits for the notification.
   */
  async #end(run: SessionRun, session: Session, end: SessionEnd): Promise<void> {
    const { Name: processor } = run.processor.definition;
    const detail = { processor, sessionId: session.id };
    try {
      await publishCompletion(run, session);
      this.#processors.change(processor, { status: "STOPPED" });
      this.#emit("session-completed", {
        ...detail,
        processedVideoDurationMs: session.processedMs,
        end: end === "aborted" ? "stopped" : end,
      });
    } catch (error) {
      if (this.#runs.isClosing) return;
      this.#processors.change(processor, { status: "STOPPED" });
      this.#emit("session-end-unpublished", { ...detail, error: errorMessage(error) });
    }
  }

  #fail(processor: string, sessionId: string, error: unknown): void {
    const statusMessage = statusMessageOf(error);
    this.#processors.change(processor, { status: "FAILED", statusMessage });
    this.#emit("session-failed", { processor, sessionId, statusMessage });
  }

  #emit(name: string, detail: Record<string, unknown>): void {
    this.#cloud.events.emit("rekognition", name, detail);
  }
}
