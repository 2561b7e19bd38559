import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import { sleep, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { isNamed } from "../base/errors.ts";
import { facesOfRecord, UnreadableRecordError, type RecordParts } from "../core/faces/record.ts";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { personsTable } from "../aws/persons.ts";
import { unrecordedQueue } from "../aws/queues.ts";
import { rowsInto } from "../aws/rows.ts";
import type { Face } from "../schemas/face.ts";
import type { ClientConfig } from "./client-config.ts";
import { kinesisClient } from "./face-processor.ts";
import type { StackOutputs } from "./stack.ts";

/** Documented (GetRecords): five calls a second of a shard, which recordFaces reads too. */
const READ_INTERVAL_MS = 500;
const RECORDS_OF_A_READ = 1000;
/** How often faces are entered that the delivery stream refused. */
const ENTER_ATTEMPTS = 5;

export interface HeldRecordParts extends RecordParts {
  readonly kinesis: Pick<KinesisClient, "send">;
  readonly clock: Clock;
  /** @returns for each face whether it was accepted */
  enter(faces: readonly Face[]): Promise<boolean[]>;
  /** Keeps a record that cannot be read, with the reason. */
  putUnreadable(
    record: { data: string; sequenceNumber: string; streamArn: string },
    reason: string,
  ): Promise<void>;
}

/**
 * Takes what a data stream holds into the lake, before the stream is deleted: how far recordFaces has read cannot be queried.
 * What it has taken already comes twice, with the same keys, which the views show once.
 * @throws Error when faces are refused again and again; then nothing may be deleted
 */
export async function enterHeldRecords(parts: HeldRecordParts, StreamARN: string): Promise<void> {
  const { kinesis, clock } = parts;
  for (const ShardId of await shardsOf(kinesis, StreamARN)) {
    let { ShardIterator: iterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamARN, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    while (iterator !== undefined) {
      try {
        const read = await kinesis.send(
          new GetRecordsCommand({ StreamARN, ShardIterator: iterator, Limit: RECORDS_OF_A_READ }),
        );
        const { Records = [], NextShardIterator, MillisBehindLatest = 0 } = read;
        await enterRecords(parts, StreamARN, Records);
        // A shard that was split or merged has an end; an open one is read when nothing is left.
        iterator = MillisBehindLatest > 0 ? NextShardIterator : undefined;
      } catch (error) {
        if (!isNamed(error, "ProvisionedThroughputExceededException")) throw error;
      }
      if (iterator !== undefined) await sleep(clock, READ_INTERVAL_MS);
    }
  }
}

async function shardsOf(kinesis: HeldRecordParts["kinesis"], StreamARN: string): Promise<string[]> {
  const ids: string[] = [];
  let NextToken: string | undefined;
  do {
    // A following page is named by its token alone (documented: ListShards).
    const page = await kinesis.send(new ListShardsCommand(NextToken ? { NextToken } : { StreamARN }));
    ids.push(...(page.Shards ?? []).flatMap(({ ShardId }) => (ShardId === undefined ? [] : [ShardId])));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return ids;
}

async function enterRecords(
  parts: HeldRecordParts,
  streamArn: string,
  records: readonly { readonly Data?: Uint8Array; readonly SequenceNumber?: string }[],
): Promise<void> {
  const faces: Face[] = [];
  for (const { Data = new Uint8Array(), SequenceNumber: sequenceNumber = "" } of records) {
    const data = Buffer.from(Data);
    try {
      faces.push(...(await facesOfRecord(parts, data.toString("utf8"))).faces);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      await parts.putUnreadable({ data: data.toString("base64"), sequenceNumber, streamArn }, error.message);
    }
  }
  let left: readonly Face[] = faces;
  for (let attempt = 1; left.length > 0; attempt++) {
    const areAccepted = await parts.enter(left);
    left = left.filter((_, index) => !areAccepted[index]);
    if (left.length > 0 && attempt >= ENTER_ATTEMPTS)
      throw new Error(
        `${left.length} faces of ${streamArn} were refused by the delivery stream of faces; run it again`,
      );
    if (left.length > 0) await sleep(parts.clock, attempt * SECOND_MS);
  }
}

/** What reading the records of a stack's cameras uses. The camera's record may be removed already: its faces were on. */
export const heldRecordParts = (
  outputs: StackOutputs,
  { config, dynamodb, clock }: { config: ClientConfig; dynamodb: DynamoDBClient; clock: Clock },
): HeldRecordParts => {
  const queue = unrecordedQueue(outputs.UnrecordedQueueUrl, new SQSClient(config));
  return {
    kinesis: kinesisClient(config),
    clock,
    now: () => clock.now(),
    collectionId: outputs.FacesCollectionId,
    cameraStreamPrefix: outputs.CameraPrefix,
    findCamera: (cameraId) => Promise.resolve({ faces: true, streamName: outputs.CameraPrefix + cameraId }),
    persons: personsTable(outputs.PersonsTableName, dynamodb),
    ...rowsInto(outputs.FacesDeliveryStreamName, new FirehoseClient(config)),
    putUnreadable: (record, reason) => queue.put(record, reason),
  };
};
