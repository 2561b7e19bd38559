import type { KeptRecord } from "./record-store.ts";

/** What became of one record in the Lambda processor. */
export type Outcome =
  | { readonly kind: "ok"; readonly data: Buffer; readonly partitionKeys: unknown }
  | { readonly kind: "dropped" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** Largest request and reply of a synchronous invocation (documented: Lambda quotas). */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Messages as AWS writes them (observed). */
const MESSAGES = {
  "Lambda.FunctionError": "The Lambda function was successfully invoked but it returned an error result.",
  "Lambda.MissingRecordId":
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
  "Lambda.DuplicatedRecordId":
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id for each record.",
  "Lambda.ProcessingFailedStatus": "ProcessingFailed status set for record",
  "Lambda.InvalidReturnFormat":
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok.",
} as const;

/** @param detail says what happened, where there is more to say than AWS's message does */
export const failure = (code: keyof typeof MESSAGES, detail?: string): Outcome => ({
  kind: "failed",
  code,
  message: MESSAGES[code] + (detail ? ` ${detail}` : ""),
});

/** The id by which the function knows a record; the same at every retry. */
export const recordIdOf = ({ sequence }: KeptRecord): string =>
  `4966${String(sequence).padStart(46, "0")}000000`;

/** The event of one invocation (documented: `@types/aws-lambda`, FirehoseTransformationEvent). */
export function processorEvent(
  records: readonly KeptRecord[],
  invocation: { invocationId: string; deliveryStreamArn: string; region: string },
): string {
  return JSON.stringify({
    ...invocation,
    records: records.map((record) => ({
      recordId: recordIdOf(record),
      approximateArrivalTimestamp: record.arrivedAtMs,
      data: record.data.toString("base64"),
    })),
  });
}

interface ReplyRecord {
  recordId?: unknown;
  result?: unknown;
  data?: unknown;
  metadata?: { partitionKeys?: unknown } | null;
}

/**
 * Reads a successful invocation's reply: an outcome for every record of the event, in its order. By third-party
 * observation of AWS, an id missing from the reply or in it twice fails that record, an unknown id is ignored, no
 * `records` at all means that every id is missing, and a result or base64 that can't be read fails the whole batch.
 */
export function checkReply(payload: Uint8Array, records: readonly KeptRecord[]): Outcome[] {
  const byId = new Map<string, ReplyRecord[]>();
  for (const reply of repliesIn(payload)) {
    const id = String(reply.recordId);
    byId.set(id, [...(byId.get(id) ?? []), reply]);
  }
  const outcomes: Outcome[] = [];
  for (const record of records) {
    const [reply, ...duplicates] = byId.get(recordIdOf(record)) ?? [];
    if (!reply) outcomes.push(failure("Lambda.MissingRecordId"));
    else if (duplicates.length > 0) outcomes.push(failure("Lambda.DuplicatedRecordId"));
    else {
      const outcome = outcomeOf(reply);
      if (typeof outcome === "string")
        return records.map(() => failure("Lambda.FunctionError", `Record ${recordIdOf(record)}: ${outcome}`));
      outcomes.push(outcome);
    }
  }
  return outcomes;
}

function repliesIn(payload: Uint8Array): ReplyRecord[] {
  let reply: unknown;
  try {
    reply = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return [];
  }
  const records = reply && typeof reply === "object" && "records" in reply ? reply.records : undefined;
  if (!Array.isArray(records)) return [];
  return records.filter((one): one is ReplyRecord => one !== null && typeof one === "object");
}

/** A record's outcome, or what makes the whole reply unreadable. */
function outcomeOf({ result, data, metadata }: ReplyRecord): Outcome | string {
  if (result === "Dropped") return { kind: "dropped" };
  if (result === "ProcessingFailed") return failure("Lambda.ProcessingFailedStatus");
  if (result !== "Ok")
    return `result is ${JSON.stringify(result)}; expected Ok, Dropped or ProcessingFailed.`;
  if (data === undefined || data === null) return failure("Lambda.InvalidReturnFormat");
  const bytes = typeof data === "string" ? Buffer.from(data, "base64") : undefined;
  if (!bytes || bytes.toString("base64") !== data) return "data is not base64.";
  return { kind: "ok", data: bytes, partitionKeys: metadata?.partitionKeys };
}
