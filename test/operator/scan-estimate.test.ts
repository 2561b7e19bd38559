import { AthenaClient } from "@aws-sdk/client-athena";
import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { estimateScan, type TableScan } from "../../operator/scan-estimate.ts";
import { buckets, database, dtAndHour, parquetTable, prestoView } from "../local/athena/lake.ts";
import { TestLake } from "../local/athena/lake.ts";

const ANALYSTS = {
  Type: "AWS::Athena::WorkGroup",
  Properties: {
    Name: "analysts",
    WorkGroupConfiguration: { ResultConfiguration: { OutputLocation: "s3://results/" } },
  },
};

let lake: TestLake;
const sizes: Record<string, number> = {};
beforeAll(async () => {
  lake = await TestLake.start({
    ...buckets,
    Database: database,
    Seen: parquetTable("seen", { label: "string" }, { dt: "string", hour: "string" }, dtAndHour("seen")),
    Plain: parquetTable("plain", { label: "string" }),
    Cats: prestoView("cats", "SELECT label, dt FROM seen WHERE label = 'PET'", {
      label: "varchar",
      dt: "varchar",
    }),
    Analysts: ANALYSTS,
  });
  for (const [day, hour] of [
    ["01", "08"],
    ["02", "09"],
    ["02", "17"],
    ["04", "08"],
  ])
    // prettier-ignore
    sizes[`${day} ${hour}`] = await lake.put(
      `seen/dt=2026-03-${day}/hour=${hour}/a.parquet`,
      `SELECT 'PET' AS label FROM range(${Number(hour)})`,
    );
  sizes["plain"] = await lake.put("plain/a.parquet", "SELECT 'PET' AS label");
});
afterAll(() => lake.stop());

const estimate = (sql: string, athena?: unknown): Promise<TableScan[]> =>
  estimateScan(
    sql,
    {
      client: (athena ?? lake.local.client(AthenaClient)) as AthenaClient,
      glue: lake.local.client(GlueClient),
      s3: lake.local.client(S3Client),
      workGroup: "analysts",
      database: "doorstep",
    },
    {},
  );

describe("what a query will scan", () => {
  test("is the files in the partitions that match its filters", async () => {
    expect(await estimate("SELECT label FROM seen WHERE dt BETWEEN '2026-03-02' AND '2026-03-03'")).toEqual([
      {
        database: "doorstep",
        table: "seen",
        partitions: { dt: { first: "2026-03-02", last: "2026-03-03" }, hour: { first: "00", last: "23" } },
        listed: 48,
        files: 2,
        bytes: sizes["02 09"]! + sizes["02 17"]!,
      },
    ]);
  });

  test("includes the tables of a view, and tables without partitions", async () => {
    const scans = await estimate("SELECT c.label FROM cats c JOIN plain p ON p.label = c.label WHERE c.dt BETWEEN '2026-03-03' AND '2026-03-04'"); // prettier-ignore
    expect(scans.toSorted((a, b) => a.table.localeCompare(b.table))).toEqual([
      { database: "doorstep", table: "plain", partitions: {}, files: 1, bytes: sizes["plain"] },
      {
        database: "doorstep",
        table: "seen",
        partitions: { dt: { first: "2026-03-03", last: "2026-03-04" }, hour: { first: "00", last: "23" } },
        listed: 48,
        files: 1,
        bytes: sizes["04 08"],
      },
    ]);
  });

  test("is no file, but its partitions' listings, where these are empty", async () => {
    expect(await estimate("SELECT label FROM seen WHERE dt = '2026-03-03' AND hour < '06'")).toEqual([
      {
        database: "doorstep",
        table: "seen",
        partitions: { dt: { first: "2026-03-03", last: "2026-03-03" }, hour: { first: "00", last: "05" } },
        listed: 6,
        files: 0,
        bytes: 0,
      },
    ]);
  });

  test("lists every hour since the first day without a condition on dt", async () => {
    const [scan] = await estimate("SELECT label FROM seen");
    const days = Math.floor(Date.now() / 86_400_000) - Date.UTC(2026, 0, 1) / 86_400_000 + 2;
    expect(scan).toMatchObject({ listed: days * 24, files: 4 });
  });

  test("is nothing when no partition matches", async () => {
    expect(await estimate("SELECT label FROM seen WHERE dt = '2025-03-03'")).toEqual([
      { database: "doorstep", table: "seen", partitions: {}, listed: 0, files: 0, bytes: 0 },
    ]);
  });

  test("fails with Athena's message for SQL that it rejects", async () => {
    await expect(estimate("SELECT colour FROM seen")).rejects.toThrow(/^COLUMN_NOT_FOUND: /);
  });
});

/** A substitute for Athena that returns a plan of Trino's for EXPLAIN, whose ranges may be open or unbounded. */
const explaining = (constraint: object) => ({
  send: async ({ input }: { input: object }) => {
    if ("QueryString" in input) return { QueryExecutionId: "q" };
    if (!("NextToken" in input)) return { QueryExecution: { Status: { State: "SUCCEEDED" } } };
    const plan = {
      inputTableColumnInfos: [
        {
          table: { catalog: "awsdatacatalog", schemaTable: { schema: "doorstep", table: "seen" } },
          ...constraint,
          estimate: { outputRowCount: "NaN" },
        },
      ],
    };
    const lines = `Query Plan\n${JSON.stringify(plan, undefined, 2)}`.split("\n");
    return {
      ResultSet: {
        Rows: lines.map((VarCharValue) => ({ Data: [{ VarCharValue }] })),
        ResultSetMetadata: { ColumnInfo: [{ Name: "Query Plan", Type: "varchar" }] },
      },
    };
  },
});
const dtWithin = (...ranges: object[]) => [
  { columnName: "dt", type: "varchar", domain: { nullsAllowed: false, ranges } },
];
const from = (value: string) => ({ low: { value, bound: "EXACTLY" }, high: { bound: "BELOW" } });

describe("a plan of Trino's", () => {
  test("has the range of the days, and no end where they are unbounded", async () => {
    const daysOf = async (...ranges: object[]) =>
      (await estimate("SELECT 1", explaining({ constraint: { columnConstraints: dtWithin(...ranges) } })))[0]!
        .partitions;
    const until = { low: { bound: "ABOVE" }, high: { value: "2026-03-01", bound: "EXACTLY" } };
    expect(await daysOf(from("2026-03-02"))).toEqual({ dt: { first: "2026-03-02" } });
    expect(await daysOf(until)).toEqual({ dt: { last: "2026-03-01" } });
    expect(await daysOf(until, from("2026-03-02"))).toEqual({ dt: {} });
  });

  test.each([
    ["one without a limit", { constraint: { none: false, columnConstraints: [] } }, 4],
    ["one with an open end", { constraint: { columnConstraints: dtWithin(from("2026-03-02")) } }, 3],
    ["one of an older engine", { columnConstraints: dtWithin(from("2026-03-02")) }, 3],
    [
      "one with bounds that are not within",
      {
        constraint: {
          columnConstraints: dtWithin({
            low: { value: "2026-03-01", bound: "ABOVE" },
            high: { value: "2026-03-04", bound: "BELOW" },
          }),
        },
      },
      2,
    ],
    ["one of two ranges", {
      constraint: {
        columnConstraints: dtWithin(
          { low: { bound: "ABOVE" }, high: { value: "2026-03-01", bound: "EXACTLY" } },
          from("2026-03-04"),
        ),
      },
    }, 2],
    ["one without a day", { constraint: { none: true, columnConstraints: [] } }, 0],
  ])("%s", async (_, constraint, files) => {
    expect((await estimate("SELECT 1", explaining(constraint))).map((scan) => scan.files)).toEqual([files]);
  }); // prettier-ignore
});
