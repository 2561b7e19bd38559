import { PutRecordBatchCommand, type FirehoseClient } from "@aws-sdk/client-firehose";
import { sleep, systemClock } from "../base/clock.ts";
import { batchesOf } from "../aws/batches.ts";
import { RECORD_BATCH } from "../aws/firehose.ts";

/** Some records of a batch may fail, and are to be sent again (documented: PutRecordBatch). */
const MAX_TRIES = 5;
const FIRST_DELAY_MS = 200;

/**
 * Puts records into a delivery stream, and again those that it did not take.
 * @returns for each why it was not taken in the end, or nothing
 */
export async function putRecords(
  deliveryStreamName: string,
  records: readonly Uint8Array[],
  client: FirehoseClient,
): Promise<(string | undefined)[]> {
  const refused: (string | undefined)[] = [];
  const sized = records.map((entry) => ({ entry, bytes: entry.length }));
  for (const batch of batchesOf(sized, RECORD_BATCH))
    refused.push(...(await putBatch(deliveryStreamName, batch, client)));
  return refused;
}

async function putBatch(
  DeliveryStreamName: string,
  batch: readonly Uint8Array[],
  client: FirehoseClient,
): Promise<(string | undefined)[]> {
  const refused: (string | undefined)[] = batch.map(() => "not sent");
  let left = batch.map((_record, index) => index);
  for (let tries = 0; tries < MAX_TRIES && left.length > 0; tries++) {
    if (tries > 0) await sleep(systemClock, FIRST_DELAY_MS * 2 ** (tries - 1));
    const { RequestResponses = [] } = await client.send(
      new PutRecordBatchCommand({
        DeliveryStreamName,
        Records: left.map((index) => ({ Data: batch[index] })),
      }),
    );
    for (const [at, index] of left.entries()) {
      const { RecordId, ErrorCode, ErrorMessage } = RequestResponses[at] ?? {};
      refused[index] =
        RecordId === undefined ? `${ErrorCode ?? "no answer"}: ${ErrorMessage ?? ""}` : undefined;
    }
    left = left.filter((index) => refused[index] !== undefined);
  }
  return refused;
}
