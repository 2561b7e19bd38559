/** What a camera of the engine `face-search` has beside its video stream: a data stream, its trigger, and a processor. */
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
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

export const faceSearchParts = (config: ClientConfig, rekognition: RekognitionClient, clock: Clock) => {
  // Over HTTP/1.1, which every endpoint speaks; nothing here streams.
  const kinesis = new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });
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

  async function mappingIds(FunctionName: string, EventSourceArn: string): Promise<string[]> {
    const ids: string[] = [];
    const pages = paginateListEventSourceMappings({ client: lambda }, { FunctionName, EventSourceArn });
    for await (const { EventSourceMappings = [] } of pages)
      ids.push(...EventSourceMappings.flatMap(({ UUID }) => (UUID === undefined ? [] : [UUID])));
    return ids;
  }

  async function ensureTrigger(
    { functionName, failureQueueArn }: WantedFaceSearch,
    arn: string,
  ): Promise<void> {
    if ((await mappingIds(functionName, arn)).length > 0) return;
    await lambda.send(
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
  }

  return {
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

    /** Deletes the trigger and the data stream with the records that it still has. @returns false when there is no stream */
    async removeDataStream(StreamName: string, functionName: string): Promise<boolean> {
      const found = await dataStream(StreamName);
      if (!found?.StreamARN || found.StreamStatus === "DELETING") return false;
      for (const UUID of await mappingIds(functionName, found.StreamARN))
        await lambda
          .send(new DeleteEventSourceMappingCommand({ UUID }))
          .catch((error: unknown) => ignoreError(error, "ResourceNotFoundException", undefined));
      await kinesis.send(new DeleteStreamCommand({ StreamName }));
      return true;
    },
  };
};
