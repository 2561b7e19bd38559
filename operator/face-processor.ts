/** What a camera of the engine `face-search` has beside its video stream: a data stream, its trigger, and a processor. */
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  paginateListStreams,
} from "@aws-sdk/client-kinesis";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  LambdaClient,
  paginateListEventSourceMappings,
} from "@aws-sdk/client-lambda";
import {
  CreateStreamProcessorCommand,
  DeleteStreamProcessorCommand,
  type RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Clock } from "../base/clock.ts";
import { DAY_MS } from "../base/durations.ts";
import { ignoreError, isNamed } from "../base/errors.ts";
import { pollUntil } from "../base/poll.ts";
import type { ClientConfig } from "./client-config.ts";
import { describe, ProcessorBusyError, type Reconciled } from "./label-processor.ts";

const POLL_INTERVAL_MS = 1000;
/** A data stream becomes active within a minute. */
const ACTIVE_WITHIN_MS = 120_000;
/** A data stream keeps its records for a day by default, so that what is given up can still be read again for half a day. */
const LONGEST_RETRY_SECONDS = DAY_MS / 2000;

/** The states of a data stream and of its trigger, each undefined where there is none. */
export interface DataStreamState {
  /** `ACTIVE`, or what the data stream is instead. */
  readonly status: string | undefined;
  /** `Enabled`, or what the trigger is instead. */
  readonly trigger: string | undefined;
}

/** State of a trigger that was deleted a while ago (documented: Lambda API, EventSourceMappingConfiguration). */
const DELETING = "Deleting";

/** The wanted settings of a camera's face-search processor. */
export interface WantedFaceSearch {
  /** Of the processor and of the data stream. */
  readonly name: string;
  readonly streamArn: string;
  readonly roleArn: string;
  readonly collectionId: string;
  /** In percent. */
  readonly matchThreshold: number;
  readonly functionName: string;
  /** Where batches go that are given up. */
  readonly failureQueueArn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Over HTTP/1.1, which every endpoint speaks; nothing here streams. */
export const kinesisClient = (config: ClientConfig): KinesisClient =>
  new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });

/**
 * The data streams of cameras, each with the state of its trigger: undefined where it has none.
 * @param prefix of the names of the cameras' data streams
 */
export async function dataStreamTriggers(
  config: ClientConfig,
  prefix: string,
  functionName: string,
): Promise<Map<string, string | undefined>> {
  const kinesis = kinesisClient(config);
  const lambda = new LambdaClient(config);
  try {
    const states = new Map<string, string | undefined>();
    for await (const { StreamNames = [] } of paginateListStreams({ client: kinesis }, {}))
      for (const name of StreamNames) if (name.startsWith(prefix)) states.set(name, undefined);
    if (states.size === 0) return states;
    const pages = paginateListEventSourceMappings({ client: lambda }, { FunctionName: functionName });
    for await (const { EventSourceMappings = [] } of pages)
      for (const { EventSourceArn = "", State } of EventSourceMappings) {
        const name = EventSourceArn.slice(EventSourceArn.indexOf("/") + 1);
        if (states.has(name)) states.set(name, State);
      }
    return states;
  } finally {
    for (const client of [kinesis, lambda]) client.destroy();
  }
}

export const faceSearchParts = (config: ClientConfig, rekognition: RekognitionClient, clock: Clock) => {
  const kinesis = kinesisClient(config);
  const lambda = new LambdaClient(config);

  const dataStream = async (StreamName: string) => {
    try {
      const { StreamDescriptionSummary } = await kinesis.send(
        new DescribeStreamSummaryCommand({ StreamName }),
      );
      return StreamDescriptionSummary;
    } catch (error) {
      return ignoreError(error, "ResourceNotFoundException", undefined);
    }
  };

  /** Creates the data stream if it is missing, with one shard, and waits until it is active. @returns its ARN */
  async function ensureDataStream(StreamName: string): Promise<string> {
    const arn = await pollUntil(
      async () => {
        const found = await dataStream(StreamName);
        if (found?.StreamStatus === "ACTIVE") return found.StreamARN;
        if (!found)
          await kinesis
            .send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
            .catch((error: unknown) => ignoreError(error, "ResourceInUseException", undefined));
        return undefined;
      },
      { clock, everyMs: POLL_INTERVAL_MS, withinMs: ACTIVE_WITHIN_MS },
    );
    if (arn !== undefined) return arn;
    throw new Error(
      `the data stream ${StreamName} is not active after ${ACTIVE_WITHIN_MS / 1000} s; try again`,
    );
  }

  /** The triggers of a data stream. */
  async function triggers(FunctionName: string, EventSourceArn: string) {
    const found: { readonly id: string; readonly state: string }[] = [];
    const pages = paginateListEventSourceMappings({ client: lambda }, { FunctionName, EventSourceArn });
    for await (const { EventSourceMappings = [] } of pages)
      for (const { UUID, State = "UNKNOWN" } of EventSourceMappings)
        if (UUID !== undefined) found.push({ id: UUID, state: State });
    return found;
  }

  /** Creates the trigger if it is missing. That of an earlier data stream of the name may still be being deleted. */
  async function ensureTrigger(wanted: WantedFaceSearch, arn: string): Promise<void> {
    const isThere = await pollUntil(
      async () => {
        const found = await triggers(wanted.functionName, arn);
        if (found.length === 0) await createTrigger(wanted, arn);
        return found.every(({ state }) => state !== DELETING) || undefined;
      },
      { clock, everyMs: POLL_INTERVAL_MS, withinMs: ACTIVE_WITHIN_MS },
    );
    if (isThere) return;
    throw new Error(
      `the earlier trigger of ${arn} is still being deleted after ${ACTIVE_WITHIN_MS / 1000} s; try again`,
    );
  }

  const createTrigger = ({ functionName, failureQueueArn }: WantedFaceSearch, arn: string) =>
    lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: functionName,
        EventSourceArn: arn,
        // What came before the trigger was there is taken too.
        StartingPosition: "TRIM_HORIZON",
        BatchSize: 100,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 100,
        MaximumRecordAgeInSeconds: LONGEST_RETRY_SECONDS,
        DestinationConfig: { OnFailure: { Destination: failureQueueArn } },
      }),
    );

  /** One that is being created or changed cannot be deleted yet (documented: DeleteEventSourceMapping). */
  async function deleteTrigger(UUID: string): Promise<void> {
    const isDeleted = await pollUntil(
      async () => {
        try {
          await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
          return true;
        } catch (error) {
          if (isNamed(error, "ResourceNotFoundException")) return true;
          return ignoreError(error, "ResourceInUseException", undefined);
        }
      },
      { clock, everyMs: POLL_INTERVAL_MS, withinMs: ACTIVE_WITHIN_MS },
    );
    if (isDeleted) return;
    throw new Error(
      `the trigger ${UUID} is still being changed after ${ACTIVE_WITHIN_MS / 1000} s; try again`,
    );
  }

  return {
    /** The data stream and its trigger; a status is undefined where there is none. */
    async state(StreamName: string, functionName: string): Promise<DataStreamState> {
      const found = await dataStream(StreamName);
      if (!found?.StreamARN) return { status: undefined, trigger: undefined };
      const [trigger] = await triggers(functionName, found.StreamARN);
      return { status: found.StreamStatus, trigger: trigger?.state };
    },

    /**
     * Creates the data stream, its trigger and the processor, where they are missing. A processor cannot be updated (documented:
     * UpdateStreamProcessor), so one that differs is deleted and created again.
     * @param isRetagged whether its tags are known to differ
     * @throws ProcessorBusyError when it has to change while a session runs
     */
    async reconcile(wanted: WantedFaceSearch, { isRetagged = false } = {}): Promise<Reconciled> {
      const { name, streamArn, roleArn, collectionId, matchThreshold, tags } = wanted;
      const dataArn = await ensureDataStream(name);
      await ensureTrigger(wanted, dataArn);
      const found = await describe(name, rekognition);
      const create = () =>
        rekognition.send(
          new CreateStreamProcessorCommand({
            Name: name,
            Input: { KinesisVideoStream: { Arn: streamArn } },
            Output: { KinesisDataStream: { Arn: dataArn } },
            Settings: { FaceSearch: { CollectionId: collectionId, FaceMatchThreshold: matchThreshold } },
            RoleArn: roleArn,
            Tags: { ...tags },
          }),
        );
      if (!found) {
        await create();
        return "created";
      }
      const settings = found.Settings?.FaceSearch;
      const isSame =
        !isRetagged &&
        found.Input?.KinesisVideoStream?.Arn === streamArn &&
        found.Output?.KinesisDataStream?.Arn === dataArn &&
        found.RoleArn === roleArn &&
        settings?.CollectionId === collectionId &&
        Math.abs((settings.FaceMatchThreshold ?? 0) - matchThreshold) < 0.01;
      if (isSame) return "unchanged";
      try {
        await rekognition.send(new DeleteStreamProcessorCommand({ Name: name }));
      } catch (error) {
        throw isNamed(error, "ResourceInUseException") ? new ProcessorBusyError(name) : error;
      }
      await create();
      return "recreated";
    },

    /**
     * Deletes the trigger and the data stream, after what it holds was read. A run that was interrupted is completed by the next.
     * @param readHeld reads what the data stream of that ARN holds; no processor writes to it any more
     */
    async removeDataStream(
      StreamName: string,
      functionName: string,
      readHeld: (streamArn: string) => Promise<void>,
    ): Promise<void> {
      const found = await dataStream(StreamName);
      if (!found?.StreamARN || found.StreamStatus === "DELETING") return;
      await readHeld(found.StreamARN);
      for (const { id, state } of await triggers(functionName, found.StreamARN))
        if (state !== DELETING) await deleteTrigger(id);
      await kinesis
        .send(new DeleteStreamCommand({ StreamName }))
        .catch((error: unknown) => ignoreError(error, "ResourceNotFoundException", undefined));
    },
  };
};
