import * as v from "valibot";
import { invalidArgument, THROUGHPUT_EXCEEDED, validationFailed } from "../errors.ts";
import { hashKey, partitionKey } from "../inputs.ts";
import { MAX_RECORD_BYTES, putRecords as put, readRecord } from "../put.ts";
import { streamAction } from "../stream-action.ts";

/** Documented: PutRecords. */
const MAX_RECORDS = 500;
const MAX_REQUEST_BYTES = 5 * 1024 * 1024;

const record = v.object({
  Data: v.string(),
  PartitionKey: partitionKey,
  ExplicitHashKey: v.optional(hashKey),
});

export const putRecords = streamAction(
  { Records: v.pipe(v.array(record), v.minLength(1), v.maxLength(MAX_RECORDS)) },
  (stream, { Records }, context) => {
    const { state, cloud } = context;
    state.refuseInactive(stream);
    const records = Records.map((one) => readRecord(stream, one));
    const tooLarge = records.findIndex(({ sizeBytes }) => sizeBytes > MAX_RECORD_BYTES);
    if (tooLarge >= 0)
      throw validationFailed(
        `Records[${tooLarge}] has ${records[tooLarge]!.sizeBytes} bytes; at most ${MAX_RECORD_BYTES}`,
      );
    if (bytesOf(records) > MAX_REQUEST_BYTES)
      throw invalidArgument(
        `the records have ${bytesOf(records)} bytes; at most ${MAX_REQUEST_BYTES} a request`,
      );
    const results = put(stream, records, context);
    const stored = records.filter((_, index) => "ShardId" in results[index]!);
    const FailedRecordCount = records.length - stored.length;
    cloud.events.emit("kinesis", "records-put", {
      streamName: stream.name,
      records: stored.length,
      throttled: FailedRecordCount,
      sizeBytes: bytesOf(stored),
    });
    return {
      FailedRecordCount,
      Records: results.map((result) =>
        "refused" in result ? { ErrorCode: THROUGHPUT_EXCEEDED, ErrorMessage: result.refused } : result,
      ),
      EncryptionType: stream.keyId === undefined ? "NONE" : "KMS",
    };
  },
);

const bytesOf = (records: readonly { readonly sizeBytes: number }[]): number =>
  records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
