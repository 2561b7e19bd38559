import type { StoredRecord } from "../buffers/record-store.ts";

/** The result of the Lambda processor for one record. */
export type Outcome =
  | { readonly kind: "ok"; readonly data: Buffer; readonly partitionKeys: unknown }
  | { readonly kind: "dropped" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** Maximum size of the request and the response of a synchronous invocation (documented: Lambda quotas). */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Messages of AWS (observed). */
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

/** @param detail added to AWS's message */
export const failure = (code: keyof typeof MESSAGES, detail?: string): Outcome => ({
  kind: "failed",
  code,
  message: MESSAGES[code] + (detail ? ` ${detail}` : ""),
});

/** The id of a record in the event; the same at every retry. */
export const recordIdOf = ({ sequence }: StoredRecord): string =>
  `4966${String(sequence).padStart(46, "0")}000000`;

/** The event of one invocation (documented: `@types/aws-lambda`, FirehoseTransformationEvent). */
export function processorEvent(
  records: readonly StoredRecord[],
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

interface ResponseRecord {
  recordId?: unknown;
  result?: unknown;
  data?: unknown;
  metadata?: { partitionKeys?: unknown } | null;
}

/**
 * Reads the response of a successful invocation: an outcome for every record of the event, in its order. An id that is
 * missing or occurs twice fails that record, an unknown id is ignored, a response without `records` lacks every id, and
 * a result or base64 that can't be read fails the whole batch (observed by third parties).
 */
export function readResponse(payload: Uint8Array, records: readonly StoredRecord[]): Outcome[] {
  const byId = Map.groupBy(recordsIn(payload), ({ recordId }) => String(recordId));
  const outcomes: Outcome[] = [];
  for (const record of records) {
    const [found, ...duplicates] = byId.get(recordIdOf(record)) ?? [];
    if (!found) outcomes.push(failure("Lambda.MissingRecordId"));
    else if (duplicates.length > 0) outcomes.push(failure("Lambda.DuplicatedRecordId"));
    else {
      const outcome = outcomeOf(found);
      if (typeof outcome === "string")
        return records.map(() => failure("Lambda.FunctionError", `Record ${recordIdOf(record)}: ${outcome}`));
      outcomes.push(outcome);
    }
  }
  return outcomes;
}

function recordsIn(payload: Uint8Array): ResponseRecord[] {
  let response: unknown;
  try {
    response = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return [];
  }
  const records =
    response && typeof response === "object" && "records" in response ? response.records : undefined;
  if (!Array.isArray(records)) return [];
  return records.filter((one): one is ResponseRecord => one !== null && typeof one === "object");
}

/** A record's outcome, or the problem that makes the whole response unreadable. */
function outcomeOf({ result, data, metadata }: ResponseRecord): Outcome | string {
  if (result === "Dropped") return { kind: "dropped" };
  if (result === "ProcessingFailed") return failure("Lambda.ProcessingFailedStatus");
  if (result !== "Ok")
    return `result is ${JSON.stringify(result)}; expected Ok, Dropped or ProcessingFailed.`;
  if (data === undefined || data === null) return failure("Lambda.InvalidReturnFormat");
  const bytes = typeof data === "string" ? Buffer.from(data, "base64") : undefined;
  if (!bytes || bytes.toString("base64") !== data) return "data is not base64.";
  return { kind: "ok", data: bytes, partitionKeys: metadata?.partitionKeys };
}
