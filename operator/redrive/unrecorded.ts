import * as v from "valibot";
import { batchesOf } from "../../aws/batches.ts";
import type { DataRecord, ShardRange } from "../data-stream.ts";
import type { Deliver } from "./queues.ts";
import type { Read } from "./read-failures.ts";

/** What recordFaces could not record: one record, or a batch that Lambda gave up, which only names its records. */
type Unrecorded =
  | { readonly kind: "record"; readonly streamArn: string; readonly record: DataRecord }
  | {
      readonly kind: "batch";
      readonly range: ShardRange;
      /** How many records it had. */
      readonly records: number;
      /** When the first of them arrived, as Lambda writes it. */
      readonly arrivedAt: string;
    };

/** Documented (Lambda quotas): a request has at most 6 MB. */
const PAYLOAD_LIMITS = { entries: 100, bytes: 5 * 1024 * 1024 };
/** The part of a record's entry that is not its data, at most. */
const ENVELOPE_BYTES = 500;

const sequenceNumber = v.pipe(v.string(), v.regex(/^\d{1,128}$/, "expected digits"));
const streamArn = v.pipe(v.string(), v.startsWith("arn:", "expected the ARN of a data stream"));
/** What recordFaces puts into the queue (aws/queues.ts). */
const unreadRecord = v.object({ streamArn, sequenceNumber, data: v.string() });
/** What Lambda puts there (documented: Lambda, "Retain discarded batch records" of Kinesis). */
const discardedBatch = v.object({
  KinesisBatchInfo: v.object({
    streamArn,
    shardId: v.string(),
    startSequenceNumber: sequenceNumber,
    endSequenceNumber: sequenceNumber,
    approximateArrivalOfFirstRecord: v.string(),
    batchSize: v.number(),
  }),
});

/** Reads a message of the queue of the unrecorded. */
export function readUnrecorded(body: string): Read<Unrecorded> {
  const parsed = v.safeParse(
    v.pipe(v.string(), v.parseJson(), v.union([unreadRecord, discardedBatch])),
    body,
  );
  if (!parsed.success)
    return {
      ok: false,
      reason:
        "the message is neither a record (streamArn, sequenceNumber, data) nor a batch that Lambda gave up (KinesisBatchInfo)",
    };
  const message = parsed.output;
  if ("data" in message) {
    const { data, ...rest } = message;
    const record = { sequenceNumber: rest.sequenceNumber, data: Buffer.from(data, "base64") };
    return { ok: true, value: { kind: "record", streamArn: rest.streamArn, record } };
  }
  const { KinesisBatchInfo: batch } = message;
  return {
    ok: true,
    value: {
      kind: "batch",
      range: {
        streamArn: batch.streamArn,
        shardId: batch.shardId,
        first: batch.startSequenceNumber,
        last: batch.endSequenceNumber,
      },
      records: batch.batchSize,
      arrivedAt: batch.approximateArrivalOfFirstRecord,
    },
  };
}

/** What puts records back; all throw the client's error. */
interface UnrecordedParts {
  /** Why recordFaces would not be able to read a record, or undefined. */
  unreadable(text: string): string | undefined;
  /** Invokes recordFaces with the payload. */
  record(
    payload: string,
  ): Promise<
    { readonly ok: true; readonly result: string } | { readonly ok: false; readonly reason: string }
  >;
  /** The records that the data stream still has; undefined when it does not exist any more. */
  readRange(range: ShardRange): Promise<readonly DataRecord[] | undefined>;
}

/**
 * Invokes recordFaces with the records, as their data stream's trigger does: those of the messages, and those that a message
 * only names, which are read from the data stream again. A message of which records are gone stays, and says so.
 */
export function recordAgain({ unreadable, record, readRange }: UnrecordedParts): Deliver {
  /** A record that recordFaces could not read is in the queue again, as a new message. */
  const recorded = new Set<string>();

  /** @returns why not all were recorded, or undefined */
  async function invokeWith(arn: string, records: readonly DataRecord[]): Promise<string | undefined> {
    const entries = records.map(({ sequenceNumber: number, data }) => ({
      eventID: number,
      eventSource: "aws:kinesis",
      eventSourceARN: arn,
      kinesis: { sequenceNumber: number, data: data.toString("base64") },
    }));
    const sized = entries.map((entry) => ({ entry, bytes: entry.kinesis.data.length + ENVELOPE_BYTES }));
    for (const Records of batchesOf(sized, PAYLOAD_LIMITS)) {
      const invoked = await record(JSON.stringify({ Records }));
      if (!invoked.ok) return invoked.reason;
      const { batchItemFailures = [] } = JSON.parse(invoked.result) as { batchItemFailures?: unknown[] };
      if (batchItemFailures.length > 0) return "recordFaces could not record it; its log has the reason";
    }
    return undefined;
  }

  async function putBack(unrecorded: Unrecorded): Promise<string | undefined> {
    if (unrecorded.kind === "batch") {
      const { range, records, arrivedAt } = unrecorded;
      const found = await readRange(range);
      const stream = range.streamArn.slice(range.streamArn.indexOf("/") + 1);
      if (!found) return `its ${records} records are gone with the data stream ${stream}`;
      const refusal = await invokeWith(range.streamArn, found);
      if (refusal !== undefined || found.length >= records) return refusal;
      return (
        `${records - found.length} of its ${records} records are gone: they arrived at ${arrivedAt} and later, ` +
        `and the data stream ${stream} keeps them for 24 hours` +
        (found.length > 0 ? "; the others are recorded" : "")
      );
    }
    const { streamArn: arn, record: one } = unrecorded;
    const reason = unreadable(one.data.toString("utf8"));
    if (reason !== undefined) return `it cannot be read: ${reason}`;
    const key = `${arn} ${one.sequenceNumber}`;
    if (recorded.has(key)) return "the stack's recordFaces cannot read it; deploy this version, which can";
    recorded.add(key);
    return await invokeWith(arn, [one]);
  }

  return async (letters) => {
    const refusals: (string | undefined)[] = [];
    for (const { body } of letters) {
      const read = readUnrecorded(body);
      refusals.push(read.ok ? await putBack(read.value) : read.reason);
    }
    return refusals;
  };
}
