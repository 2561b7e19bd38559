import type { StoredRecord } from "../buffers/record-store.ts";

/** A record that goes to the error output, with the reason. */
export interface FailedRecord {
  readonly record: StoredRecord;
  readonly code: string;
  readonly message: string;
}

/**
 * One line of a `processing-failed` file. Names and numeric milliseconds are those of AWS (observed); the guide's
 * "Handle failure in data transformation" spells the last member `lambdaArn`.
 */
export function processingFailedLine(
  { record, code, message }: FailedRecord,
  attempt: { attemptsMade: number; endedAtMs: number; functionArn: string | undefined },
): Buffer {
  return line({
    attemptsMade: attempt.attemptsMade,
    arrivalTimestamp: record.arrivedAtMs,
    errorCode: code,
    errorMessage: message,
    attemptEndingTimestamp: Math.round(attempt.endedAtMs),
    rawData: record.data.toString("base64"),
    lambdaARN: attempt.functionArn,
  });
}

/** The Glue table of a conversion. */
interface CatalogTable {
  readonly catalogId: string;
  readonly databaseName: string;
  readonly tableName: string;
  readonly region: string;
  readonly versionId: string;
}

/**
 * One line of a `format-conversion-failed` file (documented: Firehose guide, "Handling errors for data format
 * conversion"). `rawData` is the input of the conversion: with a Lambda processor, its output (unconfirmed). The
 * sequence numbers are those of a Kinesis source, and null here.
 */
export function conversionFailedLine(
  { record, code, message }: FailedRecord,
  endedAtMs: number,
  table: CatalogTable,
): Buffer {
  return line({
    attemptsMade: 1,
    arrivalTimestamp: record.arrivedAtMs,
    lastErrorCode: code,
    lastErrorMessage: message,
    attemptEndingTimestamp: Math.round(endedAtMs),
    rawData: record.data.toString("base64"),
    sequenceNumber: null,
    subSequenceNumber: null,
    dataCatalogTable: { ...table, catalogArn: null },
  });
}

/** Counts the lines of an error file by their code. */
export function countByErrorCode(lines: readonly Buffer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of lines) {
    const { errorCode, lastErrorCode } = JSON.parse(text.toString("utf8")) as Record<
      string,
      string | undefined
    >;
    const code = errorCode ?? lastErrorCode ?? "unknown";
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

const line = (members: Record<string, unknown>): Buffer => Buffer.from(`${JSON.stringify(members)}\n`);
