import { FirehoseClient } from "@aws-sdk/client-firehose";
import type { AlertDecision } from "../schemas/alert-decision.ts";
import type { Coverage } from "../schemas/coverage.ts";
import type { Face } from "../schemas/face.ts";
import { sendInBatches } from "./batches.ts";
import { putRecordBatch, RECORD_BATCH } from "./firehose.ts";

/** Rows of the lake that functions write themselves, by way of a delivery stream: the coverage ledger's, decisions, and faces. */
export const rowsInto = (deliveryStreamName: string, client = new FirehoseClient({})) => ({
  /**
   * @returns for each row whether it was accepted
   * @throws the client's error when none was
   */
  async enter(rows: readonly (Coverage | AlertDecision | Face)[]): Promise<boolean[]> {
    const sized = rows.map((row) => {
      const entry = Buffer.from(JSON.stringify(row));
      return { entry, bytes: entry.length };
    });
    return await sendInBatches(sized, RECORD_BATCH, async (batch) => {
      const refusals = await putRecordBatch(client, deliveryStreamName, batch);
      return refusals.map((refusal) => refusal === undefined);
    });
  },
});
