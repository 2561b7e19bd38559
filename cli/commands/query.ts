import { text as readAll } from "node:stream/consumers";
import { AthenaClient } from "@aws-sdk/client-athena";
import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import { QueryFailed, runQuery, type QueryContext, type QueryOptions } from "../../operator/athena.ts";
import { estimateScan, EXPLAIN, type TableScan } from "../../operator/scan-estimate.ts";
import { stackOutputs } from "../../operator/stack.ts";
import { nearestNames } from "../nearest-names.ts";
import { listPrices, usdOf } from "../../analysis/prices.ts";
import { queryCostUsd } from "../../analysis/query-cost.ts";
import { ParameterError, withParameters, type SavedQuery } from "../../schemas/queries/saved-query.ts";
import { clientConfig, CLOUD_FLAGS, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { resultCsv, resultObjects, resultTable } from "../query-result.ts";
import { queryPack } from "../../operator/query-pack.ts";
import { textTable } from "../table.ts";
import { counted, fileSize } from "../text.ts";

const FLAGS = {
  param: {
    type: "string",
    value: "<name=value>",
    multiple: true,
    about: "value of a parameter of a pack query; may be repeated",
  },
  csv: {
    type: "boolean",
    about:
      "print all rows as CSV (RFC 4180) on stdout; NULL is empty. Spreadsheets take cells that begin with =, +, - or @ for formulas: import them as text",
  },
  explain: { type: "boolean", about: "print which tables, days and files it would read, and do not run it" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Without an operand, it lists the query pack: each query's name and purpose. - reads SQL from standard input.
Dates are yyyy-mm-dd, today, or days ago such as 7d. Scanned bytes and their list price are printed on stderr. Without a
condition on dt, Athena lists every hour since the lake's first day, one request to S3 each; --explain says how many.

  npx doorstep query
  npx doorstep query busiest-hours --param from=30d --param zone=Europe/Berlin
  npx doorstep query "SELECT label, count(*) FROM detections WHERE dt = '2026-11-21' GROUP BY label"
  npx doorstep query timeline --param camera=front-door --csv > timeline.csv
  npx doorstep query cost-per-camera-day --param from=90d --explain

Needs athena:StartQueryExecution, StopQueryExecution, GetQueryExecution, GetQueryResults on the stack's workgroup,
glue:GetDatabase, GetTable, GetPartitions, and s3:ListBucket, GetObject, PutObject on the lake's bucket.`;

const MAX_TABLE_ROWS = 1000;
/** Above it, listing takes longer than reading (observed with Trino: 60,600 in 94 s and more). */
const MANY_PARTITIONS = 5000;

export const query = defineCommand({
  name: "query",
  about: "Query the lake: run a query of the pack by name, or any SQL",
  operands: ["[<name or SQL>]"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [operand], console, signal, clock }) {
    const pack = queryPack();
    if (operand === undefined) return listPack(pack, console);
    if (flags.csv && console.isJson) throw new UsageError("give --csv or --json, not both");
    const sql = await sqlOf(operand, flags.param, pack);
    const config = clientConfig(flags);
    const { WorkGroupName, DatabaseName } = await stackOutputs(flags.stack, config);
    const context = {
      client: new AthenaClient(config),
      glue: new GlueClient(config),
      s3: new S3Client(config),
      workGroup: WorkGroupName,
      database: DatabaseName,
    };
    const options: QueryOptions = {
      signal,
      clock,
      onWait: (waitedMs) =>
        console.progress(`the query has been running for ${Math.round(waitedMs / 1000)} s`),
    };
    try {
      if (flags.explain) explain(await estimateScan(sql, context, options), console);
      else await runAndPrint(sql, context, options, flags.csv, console);
    } catch (error) {
      if (!(error instanceof QueryFailed)) throw error;
      throw new Error(withPosition(error, flags.explain ? EXPLAIN + sql : sql), { cause: error });
    } finally {
      for (const client of [context.client, context.glue, context.s3]) client.destroy();
    }
  },
});

function listPack(pack: readonly SavedQuery[], console: Console): void {
  console.say(
    textTable(
      ["query", "purpose"],
      pack.map(({ name, purpose }) => [name, purpose]),
    ),
  );
  console.result(pack);
}

/** @throws UsageError for an unknown name, and for values that the query does not accept */
async function sqlOf(
  operand: string,
  params: readonly string[],
  pack: readonly SavedQuery[],
): Promise<string> {
  const isName = /^[\w-]+$/.test(operand) && operand !== "-";
  const saved = pack.find(({ name }) => name === operand);
  if (isName && !saved) {
    const near = nearestNames(
      operand,
      pack.map(({ name }) => name),
    );
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "npx doorstep query lists them";
    throw new UsageError(`the pack has no query ${operand}; ${hint}`);
  }
  if (!saved) {
    if (params.length > 0) throw new UsageError("--param is for queries of the pack; write values into SQL");
    return operand === "-" ? await readAll(process.stdin) : operand;
  }
  const values = params.map((param) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(param) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--param is ${param}; expected <name>=<value>`);
    return [name, value] as const;
  });
  try {
    return withParameters(saved, Object.fromEntries(values));
  } catch (error) {
    throw error instanceof ParameterError ? new UsageError(error.message) : error;
  }
}

async function runAndPrint(
  sql: string,
  context: QueryContext,
  options: QueryOptions,
  isCsv: boolean,
  console: Console,
): Promise<void> {
  const result = await runQuery(sql, context, options);
  const { columns, columnTypes, rows, scannedBytes } = result;
  const usd = queryCostUsd(scannedBytes, listPrices);
  if (console.isJson)
    console.result({
      columns: columns.map((name, index) => ({ name, type: columnTypes[index] })),
      rows: resultObjects(result),
      scannedBytes,
      usd,
    });
  else if (isCsv) for (const line of resultCsv(result)) console.say(`${line}\r`);
  else {
    const shown = { ...result, rows: rows.slice(0, MAX_TABLE_ROWS) };
    console.say(resultTable(shown, console, process.stdout.isTTY ? process.stdout.columns : undefined));
    if (rows.length > MAX_TABLE_ROWS)
      console.note(`The first ${MAX_TABLE_ROWS} of ${rows.length} rows; --csv prints them all.`);
  }
  console.note(
    `${counted(rows.length, "row")}, ${fileSize(scannedBytes)} scanned, ${dollars(usd)} at list price`,
  );
}

function explain(scans: readonly TableScan[], console: Console): void {
  const bytes = scans.reduce((sum, scan) => sum + scan.bytes, 0);
  const usd = queryCostUsd(bytes, listPrices);
  console.say(
    textTable(
      ["table", "partitions", " listed", " files", " size"],
      scans.map(({ table, partitions, listed, files, bytes: size }) => [
        table,
        Object.entries(partitions)
          .map(([column, extent]) => `${column} ${extentText(extent)}`)
          .join(", "),
        listed?.toLocaleString("en") ?? "",
        String(files),
        fileSize(size),
      ]),
    ),
  );
  console.note(
    `At most ${fileSize(bytes)} to scan, ${dollars(usd)} at list price; less if it reads few columns.`,
  );
  const listed = scans.reduce((sum, scan) => sum + (scan.listed ?? 0), 0);
  const listUsd = usdOf(listPrices.prices.s3Put, listed);
  console.note(
    `Lists ${counted(listed, "partition")} (${counted(listed, "LIST request")} to S3, about ${dollars(listUsd)})` +
      (listed > MANY_PARTITIONS ? "; a condition on dt leaves fewer and is faster." : "."),
  );
  console.result({ scans, mostBytes: bytes, mostUsd: usd, listedPartitions: listed, listUsd });
}

function extentText({ first, last }: TableScan["partitions"][string]): string {
  if (first === undefined) return last === undefined ? "any" : `up to ${last}`;
  if (last === undefined) return `from ${first}`;
  return first === last ? first : `${first} to ${last}`;
}

/** `$0.00005`: two significant digits under a dollar. */
const dollars = (usd: number): string =>
  `$${usd === 0 || usd >= 1 ? usd.toFixed(2) : Number(usd.toPrecision(2))}`;

/** Athena's message, and under it the line of SQL with a mark at the position. */
function withPosition({ message, position }: QueryFailed, sql: string): string {
  const line = position && sql.split("\n")[position.line - 1];
  if (line === undefined) return message;
  const number = `${position!.line} | `;
  const indent = line.slice(0, position!.column - 1).replaceAll(/[^\t]/g, " ");
  return `${message}\n\n${number}${line}\n${" ".repeat(number.length)}${indent}^`;
}
