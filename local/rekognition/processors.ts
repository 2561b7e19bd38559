import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { AwsError } from "../errors.ts";
import type { CreateInput, StartInput } from "./input.ts";
import type { LabelName } from "./detector.ts";

/** A label processor is STARTING for the whole of a run and never RUNNING (documented: streaming labels detection). */
export type Status = "STOPPED" | "STARTING" | "STOPPING" | "FAILED";

/** How far a run has come; enough to go on after a restart. */
export interface Session {
  readonly id: string;
  readonly request: StartInput;
  /** Length of the fragments that went by, in ms. */
  readonly passedMs: number;
  /** Length of those of them that could be analysed, in ms. */
  readonly processedMs: number;
  /** Classes that have been notified. */
  readonly reported: readonly LabelName[];
  readonly lastFragmentNumber?: string;
}

export interface StreamProcessor {
  readonly arn: string;
  /** What it was created with, and what Update changed of it. */
  readonly definition: CreateInput;
  readonly status: Status;
  readonly statusMessage?: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** The current or the last run. */
  readonly session?: Session;
}

export const isBusy = ({ status }: StreamProcessor): boolean =>
  status === "STARTING" || status === "STOPPING";

/** `stream/<name>/<creation time>`, the end of a stream's ARN, gives the name. */
export const streamNameOf = ({ definition }: StreamProcessor): string =>
  definition.Input.KinesisVideoStream.Arn.split("/")[1] ?? definition.Input.KinesisVideoStream.Arn;

/** Every stream processor; they survive a restart. */
export class Processors {
  readonly #documents: Collection<StreamProcessor>;
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#documents = cloud.documents.collection("rekognition/stream-processors");
  }

  arnOf(name: string): string {
    return this.#cloud.arn("rekognition", `streamprocessor/${name}`);
  }

  find(name: string): StreamProcessor | undefined {
    return this.#documents.get(name);
  }

  /** @throws AwsError ResourceNotFoundException */
  get(name: string): StreamProcessor {
    const processor = this.find(name);
    if (!processor)
      throw new AwsError(
        "ResourceNotFoundException",
        `Stream processor ${name} does not exist in ${this.#cloud.region}; create it with CreateStreamProcessor.`,
      );
    return processor;
  }

  /** Ordered by name. */
  list(): StreamProcessor[] {
    return this.#documents.list();
  }

  create(definition: CreateInput): StreamProcessor {
    const now = this.#cloud.clock.now();
    const arn = this.arnOf(definition.Name);
    const processor: StreamProcessor = {
      arn,
      definition,
      status: "STOPPED",
      createdAtMs: now,
      updatedAtMs: now,
    };
    this.#documents.put(definition.Name, processor);
    return processor;
  }

  /** Changes what is stored now and marks the time. */
  change(name: string, changes: Partial<StreamProcessor>): StreamProcessor {
    const changed = { ...this.get(name), ...changes, updatedAtMs: this.#cloud.clock.now() };
    this.#documents.put(name, changed);
    return changed;
  }

  /** Keeps how far the run has come, which is no update of the processor. */
  keepProgress(name: string, session: Session): void {
    this.#documents.put(name, { ...this.get(name), session });
  }

  delete(name: string): void {
    this.#documents.delete(name);
  }
}
