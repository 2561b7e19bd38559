import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import type { Coverage } from "../schemas/coverage.ts";
import { RECORD_BATCH, sendInBatches } from "./batches.ts";

/** The coverage ledger: rows of the lake by way of the sessions' delivery stream. */
export const ledger = (deliveryStreamName: string, client = new FirehoseClient({})) => ({
  /**
   * @returns for each entry whether it was taken
   * @throws the client's error when none was
   */
  async enter(entries: readonly Coverage[]): Promise<boolean[]> {
    const sized = entries.map((entry) => {
      const Data = Buffer.from(JSON.stringify(entry));
      return { entry: { Data }, bytes: Data.length };
    });
    return await sendInBatches(sized, RECORD_BATCH, async (batch) => {
      const { RequestResponses = [] } = await client.send(
        new PutRecordBatchCommand({ DeliveryStreamName: deliveryStreamName, Records: [...batch] }),
      );
      return batch.map((_, index) => RequestResponses[index]?.RecordId !== undefined);
    });
  },
});
