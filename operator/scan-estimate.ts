import { GetTableCommand, type GlueClient } from "@aws-sdk/client-glue";
import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { systemClock } from "../base/clock.ts";
import { DAY_MS } from "../base/durations.ts";
import { runQuery, type QueryContext, type QueryOptions } from "./athena.ts";

const marker = v.object({ value: v.optional(v.string()), bound: v.string() });
const range = v.object({ low: marker, high: marker });
const columnConstraint = v.object({
  columnName: v.string(),
  domain: v.optional(v.object({ ranges: v.array(range) })),
});

/** The part of the result of `EXPLAIN (TYPE IO, FORMAT JSON)` that is read here (documented: Trino, EXPLAIN). */
const ioPlan = v.object({
  inputTableColumnInfos: v.array(
    v.object({
      table: v.object({ schemaTable: v.object({ schema: v.string(), table: v.string() }) }),
      constraint: v.optional(
        v.object({ none: v.optional(v.boolean(), false), columnConstraints: v.array(columnConstraint) }),
      ),
      /** Where older engine versions put the constraints. */
      columnConstraints: v.optional(v.array(columnConstraint)),
    }),
  ),
});

type Range = v.InferOutput<typeof range>;

/** What a query will read of one table. */
export interface TableScan {
  readonly database: string;
  readonly table: string;
  /** First and last value of each partition column that the query restricts, e.g. `dt`; left out where it does not. */
  readonly partitions: Readonly<Record<string, { readonly first?: string; readonly last?: string }>>;
  /**
   * Partitions that Athena lists, one request to S3 each: with partition projection those that the conditions leave, with
   * files or without. Left out for tables without projection, and for projections of other types than date and integer.
   */
  readonly listed?: number;
  /** Files in those partitions, and their total size. Of Parquet, Athena reads only the columns in the query. */
  readonly files: number;
  readonly bytes: number;
}

const MAX_OBJECTS = 1_000_000;

/**
 * Estimates what a query reads without running it: its plan names the partitions, and S3 lists their files. Athena does
 * not charge for EXPLAIN (documented: Athena guide, "Using EXPLAIN").
 * @throws QueryFailed for SQL that Athena rejects
 */
export async function estimateScan(
  sql: string,
  context: QueryContext & { readonly glue: GlueClient; readonly s3: S3Client },
  options: QueryOptions,
): Promise<TableScan[]> {
  // On the same line, so that this prefix shifts positions in error messages in the first line only.
  const { rows } = await runQuery(`${EXPLAIN}${sql}`, context, options);
  const plan = v.parse(ioPlan, JSON.parse(rows.map(([line]) => line ?? "").join("\n")));
  const scans: TableScan[] = [];
  for (const { table, constraint, columnConstraints } of plan.inputTableColumnInfos) {
    const { schema, table: name } = table.schemaTable;
    const limits = new Map(
      (constraint?.columnConstraints ?? columnConstraints ?? []).flatMap((one) =>
        one.domain ? [[one.columnName, one.domain.ranges] as const] : [],
      ),
    );
    const { Table } = await context.glue.send(new GetTableCommand({ DatabaseName: schema, Name: name }));
    const keys = (Table?.PartitionKeys ?? []).map(({ Name }) => Name ?? "");
    const ofKeys = new Map([...limits].filter(([column]) => keys.includes(column)));
    const found = constraint?.none
      ? { files: 0, bytes: 0 }
      : await listFiles(context.s3, Table?.StorageDescriptor?.Location ?? "", ofKeys, options.signal);
    const nowMs = (options.clock ?? systemClock).now();
    const listed = constraint?.none ? 0 : listedPartitions(keys, Table?.Parameters ?? {}, ofKeys, nowMs);
    scans.push({
      database: schema,
      table: name,
      partitions: extents(ofKeys),
      ...(listed !== undefined && { listed }),
      ...found,
    });
  }
  return scans;
}

/** The prefix that explains a query instead of running it. */
export const EXPLAIN = "EXPLAIN (TYPE IO, FORMAT JSON) ";

/** How many partitions of a projection the ranges leave; undefined without a projection whose values are known here. */
function listedPartitions(
  keys: readonly string[],
  parameters: Readonly<Record<string, string>>,
  limits: ReadonlyMap<string, readonly Range[]>,
  nowMs: number,
): number | undefined {
  if (keys.length === 0 || parameters["projection.enabled"] !== "true") return undefined;
  let partitions = 1;
  for (const key of keys) {
    const values = projectedValues(key, parameters, nowMs);
    if (values === undefined) return undefined;
    const ranges = limits.get(key);
    partitions *= values.filter(
      (value) => ranges === undefined || ranges.some((one) => isWithin(value, one)),
    ).length;
  }
  return partitions;
}

/** The values of a column of the lake's tables: days from a first one to tomorrow, and hours of two digits. */
function projectedValues(
  column: string,
  parameters: Readonly<Record<string, string>>,
  nowMs: number,
): string[] | undefined {
  const of = (name: string) => parameters[`projection.${column}.${name}`] ?? "";
  const [first = "", last = ""] = of("range").split(",");
  if (of("type") === "date" && /^\d{4}-\d\d-\d\d$/.test(first) && last === "NOW+1DAY") {
    const days = Math.floor(nowMs / DAY_MS) - Date.parse(first) / DAY_MS + 2;
    return Array.from({ length: Math.max(0, days) }, (_, day) =>
      new Date(Date.parse(first) + day * DAY_MS).toISOString().slice(0, 10),
    );
  }
  if (of("type") === "integer")
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) =>
      String(Number(first) + index).padStart(Number(of("digits") || 1), "0"),
    );
  return undefined;
}

/** Counts files under a location with Hive's layout, `…/dt=2026-11-21/hour=09/…`, whose partition values are in the ranges. */
async function listFiles(
  s3: S3Client,
  location: string,
  limits: ReadonlyMap<string, readonly Range[]>,
  signal: AbortSignal | undefined,
): Promise<{ files: number; bytes: number }> {
  const [, Bucket, prefix = ""] = /^s3:\/\/([^/]+)\/(.*)$/.exec(location) ?? [];
  if (Bucket === undefined) return { files: 0, bytes: 0 };
  // Keys sort by day, so the listing starts at the first day and ends after the last.
  const days = extents(limits)["dt"];
  const request = {
    Bucket,
    Prefix: prefix,
    ...(days?.first !== undefined && { StartAfter: `${prefix}dt=${days.first}` }),
  };
  let [files, bytes, listed] = [0, 0, 0];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, request, {
    ...(signal && { abortSignal: signal }),
  })) {
    for (const { Key = "", Size = 0 } of Contents) {
      if (++listed > MAX_OBJECTS) throw new Error(`${location} holds more than ${MAX_OBJECTS} objects`);
      const values = Object.fromEntries(
        [...Key.matchAll(/([^/=]+)=([^/]*)\//g)].map(([, column, value]) => [column!, value!]),
      );
      if (days?.last !== undefined && (values["dt"] ?? "") > days.last) return { files, bytes };
      if ([...limits].every(([column, ranges]) => ranges.some((one) => isWithin(values[column], one)))) {
        files++;
        bytes += Size;
      }
    }
  }
  return { files, bytes };
}

/** Whether a value is in one of Trino's ranges; a bound without a value does not limit. */
function isWithin(value: string | undefined, { low, high }: Range): boolean {
  if (value === undefined) return false;
  const isAbove = low.value === undefined || (low.bound === "ABOVE" ? value > low.value : value >= low.value);
  const isBelow =
    high.value === undefined || (high.bound === "BELOW" ? value < high.value : value <= high.value);
  return isAbove && isBelow;
}

function extents(limits: ReadonlyMap<string, readonly Range[]>): TableScan["partitions"] {
  return Object.fromEntries(
    [...limits]
      .filter(([, ranges]) => ranges.length > 0)
      .map(([column, ranges]) => {
        const firsts = ranges.flatMap(({ low }) => low.value ?? []).toSorted();
        const lasts = ranges.flatMap(({ high }) => high.value ?? []).toSorted();
        return [
          column,
          {
            ...(firsts.length === ranges.length && { first: firsts[0]! }),
            ...(lasts.length === ranges.length && { last: lasts.at(-1)! }),
          },
        ];
      }),
  );
}
