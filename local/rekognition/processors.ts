import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import type { LabelName } from "./detection/detector.ts";
import { processorNotFound } from "./errors.ts";
import type { CreateInput, FaceDefinition, LabelDefinition, StartInput } from "./inputs.ts";

/**
 * A label processor is STARTING for the whole session and never RUNNING (documented: streaming labels detection); a face
 * search processor is RUNNING while it reads video.
 */
type Status = "STOPPED" | "STARTING" | "RUNNING" | "STOPPING" | "FAILED";

/** A session's progress: enough to continue it after a restart. */
export interface Session {
  readonly id: string;
  readonly request: StartInput;
  /** Duration of all fragments received. */
  readonly receivedMs: number;
  /** Duration of the fragments that could be decoded and were analysed. */
  readonly processedMs: number;
  /** Classes with a published notification. */
  readonly notified: readonly LabelName[];
  /** The first and the last fragment received. */
  readonly firstFragmentNumber?: string;
  readonly lastFragmentNumber?: string;
}

export interface StreamProcessor<Definition extends CreateInput = CreateInput> {
  readonly arn: string;
  /** As created, with later updates applied. */
  readonly definition: Definition;
  readonly status: Status;
  readonly statusMessage?: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** The current or the last session. */
  readonly session?: Session;
}

export type LabelProcessor = StreamProcessor<LabelDefinition>;
export type FaceProcessor = StreamProcessor<FaceDefinition>;

export const isFaceProcessor = (processor: StreamProcessor): processor is FaceProcessor =>
  processor.definition.Settings.FaceSearch !== undefined;

export const isBusy = ({ status }: StreamProcessor): boolean =>
  status === "STARTING" || status === "RUNNING" || status === "STOPPING";

/** The stream's name; its ARN ends in `stream/<name>/<creation time>`. */
export const streamNameOf = ({ definition }: StreamProcessor): string =>
  definition.Input.KinesisVideoStream.Arn.split("/")[1] ?? definition.Input.KinesisVideoStream.Arn;

/** ARNs of the streams that a processor reads or writes. */
const streamsOf = ({ Input, Output }: CreateInput): string[] =>
  [Input.KinesisVideoStream.Arn, Output.KinesisDataStream?.Arn].filter((arn) => arn !== undefined);

/** All stream processors; they survive a restart. */
export class Processors {
  readonly #documents: Collection<StreamProcessor>;
  readonly #cloud: Cloud;
  /** Names, by the ARNs of streams. */
  readonly #byStream = new Map<string, string>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#documents = cloud.documents.collection("rekognition/stream-processors");
    for (const { definition } of this.#documents.each()) this.#keepStreams(definition);
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
    if (!processor) throw processorNotFound(name, this.#cloud.region);
    return processor;
  }

  count(): number {
    return this.#documents.count();
  }

  /** Name of the processor that reads or writes the stream. */
  userOf(streamArn: string): string | undefined {
    return this.#byStream.get(streamArn);
  }

  /** Ordered by name. */
  list(): StreamProcessor[] {
    return this.#documents.list();
  }

  /** The label processor. @throws AwsError ResourceNotFoundException */
  getLabels(name: string): LabelProcessor {
    return this.get(name) as LabelProcessor;
  }

  create(definition: CreateInput): StreamProcessor {
    const nowMs = this.#cloud.clock.now();
    const processor: StreamProcessor = {
      arn: this.arnOf(definition.Name),
      definition,
      status: "STOPPED",
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    this.#documents.put(definition.Name, processor);
    this.#keepStreams(definition);
    return processor;
  }

  /** Changes the stored processor and its `updatedAtMs`. */
  change(name: string, changes: Partial<StreamProcessor>): StreamProcessor {
    const changed = { ...this.get(name), ...changes, updatedAtMs: this.#cloud.clock.now() };
    this.#documents.put(name, changed);
    return changed;
  }

  /** Stores a session's progress, which is not an update of the processor. */
  saveProgress(name: string, session: Session): void {
    this.#documents.put(name, { ...this.get(name), session });
  }

  delete(name: string): void {
    for (const arn of streamsOf(this.get(name).definition)) this.#byStream.delete(arn);
    this.#documents.delete(name);
  }

  #keepStreams(definition: CreateInput): void {
    for (const arn of streamsOf(definition)) this.#byStream.set(arn, definition.Name);
  }
}
