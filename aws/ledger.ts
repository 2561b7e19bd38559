import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import type { Coverage } from "../schemas/coverage.ts";

/** Documented (PutRecordBatch): 500 records at most. */
const BATCH_SIZE = 500;

/** The coverage ledger: rows of the lake by way of the sessions' delivery stream. */
export const ledger = (deliveryStreamName: string, client = new FirehoseClient({})) => ({
  /** @returns for each entry whether it was taken */
  async enter(entries: readonly Coverage[]): Promise<boolean[]> {
    const taken: boolean[] = [];
    for (let first = 0; first < entries.length; first += BATCH_SIZE) {
      const batch = entries.slice(first, first + BATCH_SIZE);
      const { RequestResponses = [] } = await client.send(
        new PutRecordBatchCommand({
          DeliveryStreamName: deliveryStreamName,
          Records: batch.map((entry) => ({ Data: Buffer.from(JSON.stringify(entry)) })),
        }),
      );
      taken.push(...batch.map((_, index) => RequestResponses[index]?.RecordId !== undefined));
    }
    return taken;
  },
});
