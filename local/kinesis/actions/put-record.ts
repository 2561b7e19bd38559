import * as v from "valibot";
import { THROUGHPUT_EXCEEDED, throughputExceeded, validationFailed } from "../errors.ts";
import { hashKey, partitionKey, sequenceNumberText } from "../inputs.ts";
import { MAX_RECORD_BYTES, putRecords, readRecord } from "../put.ts";
import { streamAction } from "../stream-action.ts";

/** Sequence numbers of a shard always increase, so that SequenceNumberForOrdering has nothing to add. */
export const putRecord = streamAction(
  {
    Data: v.string(),
    PartitionKey: partitionKey,
    ExplicitHashKey: v.optional(hashKey),
    SequenceNumberForOrdering: v.optional(sequenceNumberText),
  },
  (stream, request, context) => {
    const { state, cloud } = context;
    state.refuseInactive(stream);
    const record = readRecord(stream, request);
    if (record.sizeBytes > MAX_RECORD_BYTES)
      throw validationFailed(`the record has ${record.sizeBytes} bytes; at most ${MAX_RECORD_BYTES}`);
    const [result] = putRecords(stream, [record], context);
    const refused = "refused" in result! ? result.refused : undefined;
    cloud.events.emit("kinesis", "record-put", {
      streamName: stream.name,
      sizeBytes: record.sizeBytes,
      ...(refused !== undefined && { error: THROUGHPUT_EXCEEDED }),
    });
    if (refused !== undefined) throw throughputExceeded(refused);
    return { ...result, EncryptionType: stream.keyId === undefined ? "NONE" : "KMS" };
  },
);
