import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { errorMessage } from "../../../base/errors.ts";
import type { Action } from "../../api/action.ts";
import { invalidRequest } from "../errors.ts";
import { readCsv, readLines, type RowsRead } from "../results/csv.ts";
import { parseS3Uri } from "../s3-uri.ts";
import type { AthenaState } from "../state.ts";

const MAX_ROWS = 1000;

const input = v.strictObject({
  QueryExecutionId: v.string(),
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_ROWS)), MAX_ROWS),
  /** Where in the result file the page starts, in bytes. */
  NextToken: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,15}$/, "is not one that this listing returned")),
    "0",
  ),
  QueryResultType: v.optional(v.picklist(["DATA_ROWS"])),
});

/**
 * Returns a page of a result, read from its file in S3 with the caller's permissions. The first row of a SELECT has the
 * names of the columns, and counts as a row (observed).
 */
export const getQueryResults: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ QueryExecutionId }, { state }) => state.arnOfExecution(QueryExecutionId),
  run: async ({ QueryExecutionId, MaxResults, NextToken }, { state, cloud, caller }) => {
    const execution = state.executions.get(QueryExecutionId);
    if (execution.state === "FAILED" || execution.state === "CANCELLED")
      throw invalidRequest(
        `Query did not finish successfully. Final query state: ${execution.state}` +
          (execution.reason === undefined ? "" : ` (${execution.reason})`),
      );
    if (execution.state !== "SUCCEEDED")
      throw invalidRequest(`Query has not yet finished. Current state: ${execution.state}`);
    const from = Number(NextToken);
    const bytes = await readFrom(from, execution.outputLocation, cloud.client(S3Client, caller));
    const read = execution.outputLocation.endsWith(".csv") ? readCsv : readLines;
    const { rows, sizeBytes }: RowsRead = read(bytes, MaxResults);
    return {
      UpdateCount: 0,
      ResultSet: {
        Rows: rows.map((row) => ({
          Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
        })),
        ResultSetMetadata: { ColumnInfo: execution.columns },
      },
      NextToken: sizeBytes < bytes.length ? String(from + sizeBytes) : undefined,
    };
  },
};

async function readFrom(from: number, location: string, s3: S3Client): Promise<Uint8Array> {
  const { bucket, key } = parseS3Uri(location)!;
  try {
    const Range = from > 0 ? `bytes=${from}-` : undefined;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
    return await Body!.transformToByteArray();
  } catch (error) {
    throw invalidRequest(`Could not find results at ${location}: ${errorMessage(error)}`);
  }
}
