import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { runToEnd, type QueryContext, type QueryOptions, type QueryResult } from "./athena.ts";
import { objectAt } from "./objects.ts";

/**
 * Runs a SELECT and reads its rows from the file that Athena writes: one request, where GetQueryResults needs one after
 * another for every thousand rows. Both need s3:GetObject on the file (documented: Athena API, GetQueryResults). All rows
 * are in memory at once.
 * @throws QueryFailed when the query fails or is cancelled; Error when the file is not a result; the signal's reason once it
 * aborts
 */
export async function queryRows(
  sql: string,
  { s3, ...context }: QueryContext & { readonly s3: S3Client },
  options: QueryOptions = {},
): Promise<Pick<QueryResult, "rows" | "scannedBytes">> {
  const { ResultConfiguration, Statistics } = await runToEnd(sql, context, options);
  const location = ResultConfiguration?.OutputLocation ?? "";
  const object = objectAt(location);
  if (!object)
    throw new Error(`Athena wrote the result to ${location || "no file"}; expected s3://bucket/key`);
  const { Body } = await s3.send(new GetObjectCommand(object), { abortSignal: options.signal });
  const [, ...rows] = resultRows(await Body!.transformToString());
  return { rows, scannedBytes: Statistics?.DataScannedInBytes ?? 0 };
}

/**
 * The rows of a result file, of which the first has the names of the columns. Every value is in double quotes, and a field
 * without them is NULL (documented: Athena guide, "Work with query results, recent queries, and output files"; observed: an
 * empty text is `""`).
 * @throws Error for text that has no such form
 */
export function resultRows(csv: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  for (let at = 0; at < csv.length; at++) {
    const end = csv[at] === '"' ? endOfText(csv, at) : at;
    row.push(end === at ? null : csv.slice(at + 1, end - 1).replaceAll('""', '"'));
    at = end;
    const after = csv[at] ?? "\n";
    if (after !== "," && after !== "\n")
      throw new Error(
        `a result's file has ${JSON.stringify(after)} at character ${at}; expected the end of a field`,
      );
    if (after === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** Where the quoted text that begins at a place ends, after its last quote. */
function endOfText(csv: string, from: number): number {
  for (let quote = csv.indexOf('"', from + 1); quote >= 0; quote = csv.indexOf('"', quote + 2))
    if (csv[quote + 1] !== '"') return quote + 1;
  throw new Error(`a result's file has no end of the text at character ${from}; read it again`);
}
