import type { FirehoseClient } from "@aws-sdk/client-firehose";
import { backoffCeilingMs } from "../base/backoff.ts";
import { sleep, systemClock, type Clock } from "../base/clock.ts";
import { batchesOf } from "../aws/batches.ts";
import { putRecordBatch, RECORD_BATCH } from "../aws/firehose.ts";

/** Some records of a batch may fail and have to be sent again (documented: PutRecordBatch). */
const MAX_ATTEMPTS = 5;
const BACKOFF = { baseMs: 200, maxMs: 10_000 } as const;

/**
 * Puts records into a delivery stream, and sends those again that it refused.
 * @returns for each record why it was refused at the last attempt, or undefined
 */
export async function putRecords(
  deliveryStreamName: string,
  records: readonly Uint8Array[],
  client: FirehoseClient,
  clock: Clock = systemClock,
): Promise<(string | undefined)[]> {
  const refusals: (string | undefined)[] = [];
  const sized = records.map((entry) => ({ entry, bytes: entry.length }));
  for (const batch of batchesOf(sized, RECORD_BATCH))
    refusals.push(...(await putBatch(deliveryStreamName, batch, client, clock)));
  return refusals;
}

async function putBatch(
  deliveryStreamName: string,
  batch: readonly Uint8Array[],
  client: FirehoseClient,
  clock: Clock,
): Promise<(string | undefined)[]> {
  const refusals: (string | undefined)[] = batch.map(() => "not sent");
  let left = batch.map((_record, index) => index);
  for (let attempts = 0; attempts < MAX_ATTEMPTS && left.length > 0; attempts++) {
    if (attempts > 0) await sleep(clock, backoffCeilingMs(attempts, BACKOFF));
    const results = await putRecordBatch(
      client,
      deliveryStreamName,
      left.map((index) => batch[index]!),
    );
    for (const [at, index] of left.entries()) refusals[index] = results[at];
    left = left.filter((index) => refusals[index] !== undefined);
  }
  return refusals;
}
