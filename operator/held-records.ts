import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { sleep, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { facesOfRecord, UnreadableRecordError, type RecordParts } from "../core/faces/record.ts";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { personsTable } from "../aws/persons.ts";
import { unrecordedQueue } from "../aws/queues.ts";
import { rowsInto } from "../aws/rows.ts";
import type { Face } from "../schemas/face.ts";
import type { ClientConfig } from "./client-config.ts";
import { readShard, shardsOf, type DataRecord } from "./data-stream.ts";
import { kinesisClient } from "./face-processor.ts";
import type { StackOutputs } from "./stack.ts";

/** How often faces are entered that the delivery stream refused. */
const ENTER_ATTEMPTS = 5;

export interface HeldRecordParts extends RecordParts {
  readonly kinesis: KinesisClient;
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
export async function enterHeldRecords(parts: HeldRecordParts, streamArn: string): Promise<void> {
  for (const shard of await shardsOf(streamArn, parts.kinesis))
    for await (const records of readShard(shard, parts.kinesis, parts.clock))
      await enterRecords(parts, streamArn, records);
}

async function enterRecords(
  parts: HeldRecordParts,
  streamArn: string,
  records: readonly DataRecord[],
): Promise<void> {
  const faces: Face[] = [];
  for (const { data, sequenceNumber } of records)
    try {
      faces.push(...(await facesOfRecord(parts, data.toString("utf8"))).faces);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      await parts.putUnreadable({ data: data.toString("base64"), sequenceNumber, streamArn }, error.message);
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
