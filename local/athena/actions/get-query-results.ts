import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { errorMessage } from "../../../base/errors.ts";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { splitLocation } from "../engine/executions.ts";
import type { AthenaState } from "../index.ts";
import { readCsv, type CsvRows } from "../results/csv.ts";

const MAX_ROWS = 1000;

const input = v.strictObject({
  QueryExecutionId: v.string(),
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_ROWS)), MAX_ROWS),
  /** Where in the result file the page begins, in bytes. */
  NextToken: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,15}$/, "is not one that this listing returned")),
    "0",
  ),
  QueryResultType: v.optional(v.picklist(["DATA_ROWS"])),
});

/**
 * A page of a result, read from its file in S3 with the caller's rights. The first row of a SELECT names the columns
 * and counts as a row (observed).
 */
export const getQueryResults: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ QueryExecutionId }, { state }) => state.store.arnOfExecution(QueryExecutionId),
  run: async ({ QueryExecutionId, MaxResults, NextToken }, { state, caller }) => {
    const { state: queryState, reason, columns, outputLocation } = state.store.execution(QueryExecutionId);
    if (queryState === "FAILED" || queryState === "CANCELLED")
      throw new AwsError(
        "InvalidRequestException",
        `Query did not finish successfully. Final query state: ${queryState}${reason === undefined ? "" : ` (${reason})`}`,
      );
    if (queryState !== "SUCCEEDED")
      throw new AwsError(
        "InvalidRequestException",
        `Query has not yet finished. Current state: ${queryState}`,
      );
    const from = Number(NextToken);
    const read = outputLocation.endsWith(".csv") ? readCsv : readLines;
    const { rows, nextByte } = await readPage(
      state.store.clientsOf(caller).s3,
      outputLocation,
      from,
      MaxResults,
      read,
    );
    return {
      UpdateCount: 0,
      ResultSet: {
        Rows: rows.map((row) => ({
          Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
        })),
        ResultSetMetadata: { ColumnInfo: columns },
      },
      ...(nextByte !== undefined && { NextToken: String(nextByte) }),
    };
  },
};

async function readPage(
  s3: S3Client,
  location: string,
  from: number,
  maxRows: number,
  read: (bytes: Uint8Array, maxRows: number) => CsvRows,
): Promise<{ rows: CsvRows["rows"]; nextByte?: number }> {
  const { bucket, key } = splitLocation(location);
  try {
    const Range = from > 0 ? `bytes=${from}-` : undefined;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
    const bytes = await Body!.transformToByteArray();
    const { rows, sizeBytes } = read(bytes, maxRows);
    return { rows, ...(sizeBytes < bytes.length && { nextByte: from + sizeBytes }) };
  } catch (error) {
    throw new AwsError(
      "InvalidRequestException",
      `Could not find results at ${location}: ${errorMessage(error)}`,
    );
  }
}

/** Lines of a text result, one value each. */
function readLines(bytes: Uint8Array, maxRows: number): CsvRows {
  const lines = Buffer.from(bytes).toString("utf8").split("\n").slice(0, -1).slice(0, maxRows);
  return {
    rows: lines.map((line) => [line]),
    sizeBytes: Buffer.byteLength(lines.map((line) => `${line}\n`).join("")),
  };
}
