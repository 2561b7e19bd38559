import { setTimeout as sleep } from "node:timers/promises";
import { PutRecordBatchCommand, type FirehoseClient } from "@aws-sdk/client-firehose";

/** Documented (PutRecordBatch): 500 records and 4 MiB at most; some of them may fail and are to be sent again. */
const BATCH_RECORDS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
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
  for (const batch of batchesOf(records))
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
    if (tries > 0) await sleep(FIRST_DELAY_MS * 2 ** (tries - 1));
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

function* batchesOf(records: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const record of records) {
    if (batch.length === BATCH_RECORDS || (batch.length > 0 && sizeBytes + record.length > BATCH_BYTES)) {
      yield batch;
      batch = [];
      sizeBytes = 0;
    }
    batch.push(record);
    sizeBytes += record.length;
  }
  if (batch.length > 0) yield batch;
}
