import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { invalidArgument } from "../errors.ts";
import { record, streamName } from "../inputs.ts";
import { streamArn, type FirehoseState } from "../state.ts";

const MAX_RECORDS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

const input = v.object({
  DeliveryStreamName: streamName,
  Records: v.pipe(
    v.array(record),
    v.minLength(1, "Member must have length greater than or equal to 1"),
    v.maxLength(MAX_RECORDS, `Member must have length less than or equal to ${MAX_RECORDS}`),
  ),
});

/**
 * Accepts 1 to 500 records of at most 4 MiB together (documented: API reference, PutRecordBatch). The batch is stored in
 * one transaction, so no record fails alone: FailedPutCount is 0, and RequestResponses are in the request's order.
 */
export const putRecordBatch: Action<FirehoseState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DeliveryStreamName }, { cloud }) => streamArn(cloud, DeliveryStreamName),
  run: ({ DeliveryStreamName, Records }, { state }) => {
    const stream = state.stream(DeliveryStreamName);
    const sizeBytes = Records.reduce((sum, { Data }) => sum + Data.length, 0);
    if (sizeBytes > MAX_BATCH_BYTES) throw invalidArgument("Records size exceeds 4 MB limit");
    const ids = stream.accept(Records.map(({ Data }) => Data));
    return {
      FailedPutCount: 0,
      Encrypted: stream.isEncrypted,
      RequestResponses: ids.map((RecordId) => ({ RecordId })),
    };
  },
};
