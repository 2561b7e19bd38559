import { FirehoseClient } from "@aws-sdk/client-firehose";
import type { Coverage } from "../schemas/coverage.ts";
import { sendInBatches } from "./batches.ts";
import { putRecordBatch, RECORD_BATCH } from "./firehose.ts";

/** The coverage ledger: rows of the lake, by way of the sessions' delivery stream. */
export const ledger = (deliveryStreamName: string, client = new FirehoseClient({})) => ({
  /**
   * @returns for each entry whether it was accepted
   * @throws the client's error when none was
   */
  async enter(entries: readonly Coverage[]): Promise<boolean[]> {
    const sized = entries.map((row) => {
      const entry = Buffer.from(JSON.stringify(row));
      return { entry, bytes: entry.length };
    });
    return await sendInBatches(sized, RECORD_BATCH, async (batch) => {
      const refusals = await putRecordBatch(client, deliveryStreamName, batch);
      return refusals.map((refusal) => refusal === undefined);
    });
  },
});
