import { PutRecordBatchCommand, type FirehoseClient } from "@aws-sdk/client-firehose";
import type { BatchLimits } from "./batches.ts";

/** Documented (PutRecordBatch): 500 records and 4 MiB together at most. */
export const RECORD_BATCH: BatchLimits = { entries: 500, bytes: 4 * 1024 * 1024 };

/**
 * Puts one batch of records into a delivery stream. Some of them may be refused (documented: PutRecordBatch).
 * @returns for each record why it was refused, or undefined if it was accepted
 * @throws the client's error when the call fails as a whole
 */
export async function putRecordBatch(
  client: FirehoseClient,
  DeliveryStreamName: string,
  records: readonly Uint8Array[],
): Promise<(string | undefined)[]> {
  const Records = records.map((Data) => ({ Data }));
  const { RequestResponses = [] } = await client.send(
    new PutRecordBatchCommand({ DeliveryStreamName, Records }),
  );
  return records.map((_, index) => {
    const { RecordId, ErrorCode = "no result", ErrorMessage = "" } = RequestResponses[index] ?? {};
    return RecordId === undefined ? `${ErrorCode}: ${ErrorMessage}` : undefined;
  });
}
