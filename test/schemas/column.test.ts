import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import {
  EVENT_HOUR_PARTITIONS,
  LAKE_BEGINS,
  LAKE_BEGINS_MS,
  glueColumns,
  gluePartitionKeys,
  projectionRules,
  type Row,
  type Table,
} from "../../schemas/tables/column.ts";
import { tableMarkdown, tablesMarkdown } from "../../tools/docs/tables.ts";
import { rowProblems } from "../support/row-problems.ts";
import { LAKE_TABLES } from "../../schemas/tables/lake-tables.ts";

// The file is JavaScript for the deployment's sake, so it is imported as that does it, without types.
const tablesFile: string = "../../resources/tables.js";
const tables = await import(tablesFile);

const samples = {
  name: "samples",
  description: "One row is one sample.",
  columns: [
    { name: "id", type: "string", comment: "Its id." },
    { name: "taken_at", type: "timestamp", comment: "When." },
    { name: "taken_at_ms", type: "bigint", comment: "When | how long." },
    { name: "tries", type: "int", nullable: true, comment: "How often." },
    { name: "share", type: "double", comment: "0..1." },
    { name: "good", type: "boolean", comment: "Whether." },
    { name: "scores", type: "array<double>", comment: "Each score." },
    { name: "tags", type: "map<string,string>", nullable: true, comment: "Its tags." },
  ],
  partitions: EVENT_HOUR_PARTITIONS,
} as const satisfies Table;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const rowTypeFollowsColumns: Same<
  Row<typeof samples>,
  {
    id: string;
    taken_at: string;
    taken_at_ms: number;
    tries: number | null;
    share: number;
    good: boolean;
    scores: number[];
    tags: Record<string, string> | null;
  }
> = true;

const row: Row<typeof samples> = {
  id: "a",
  taken_at: "2025-11-21T12:00:00.000Z",
  taken_at_ms: 1_763_726_400_000,
  tries: null,
  share: 0.5,
  good: true,
  scores: [1.5, 2],
  tags: { site: "north" },
};

describe("a column list", () => {
  test("is the type of a row", () => {
    expect(rowTypeFollowsColumns).toBe(true);
  });

  test("is the columns of a Glue table", () => {
    expect(glueColumns(samples).slice(0, 2)).toEqual([
      { Name: "id", Type: "string", Comment: "Its id." },
      { Name: "taken_at", Type: "timestamp", Comment: "When." },
    ]);
    expect(gluePartitionKeys(samples)).toEqual([
      { Name: "dt", Type: "string", Comment: "UTC date of the event, yyyy-MM-dd." },
      { Name: "hour", Type: "string", Comment: "UTC hour of the event, 00 to 23." },
    ]);
  });

  test("is the parameters of partition projection", () => {
    expect(projectionRules(samples)).toEqual({
      "projection.enabled": "true",
      "projection.dt.type": "date",
      "projection.dt.range": "2020-01-01,NOW+1DAY",
      "projection.dt.format": "yyyy-MM-dd",
      "projection.dt.interval": "1",
      "projection.dt.interval.unit": "DAYS",
      "projection.hour.type": "integer",
      "projection.hour.range": "0,23",
      "projection.hour.digits": "2",
    });
  });

  test("is the documentation, a line per column and partition", () => {
    const lines = tableMarkdown(samples).split("\n");
    expect(lines[0]).toBe("## `samples`");
    expect(lines).toContain("| `taken_at_ms` | bigint |  | When \\| how long. |");
    expect(lines).toContain("| `tries` | int | yes | How often. |");
    expect(lines).toContain("| `dt` | string, partition |  | UTC date of the event, yyyy-MM-dd. |");
  });

  test("is what docs/tables.md says; run `npm run docs` after a change of columns", () => {
    const written = readFileSync(new URL("../../docs/tables.md", import.meta.url), "utf8");
    expect(written).toBe(tablesMarkdown());
  });

  test("accepts a row of exactly its columns and types", () => {
    expect(rowProblems(samples, row)).toEqual([]);
    expect(rowProblems(samples, { ...row, tries: 2, tags: null, scores: [] })).toEqual([]);
  });

  test.each([
    [{ id: undefined }, "id is missing"],
    [{ id: null }, "id is null; expected string"],
    [{ id: 7 }, "id is 7; expected string"],
    [{ taken_at: "2025-11-21 12:00:00" }, 'taken_at is "2025-11-21 12:00:00"; expected timestamp'],
    [{ taken_at: "2025-13-21T12:00:00.000Z" }, 'taken_at is "2025-13-21T12:00:00.000Z"; expected timestamp'],
    [{ taken_at_ms: 1.5 }, "taken_at_ms is 1.5; expected bigint"],
    [{ tries: 2_147_483_648 }, "tries is 2147483648; expected int"],
    [{ share: Number.NaN }, "share is null; expected double"],
    [{ good: 1 }, "good is 1; expected boolean"],
    [{ scores: {} }, "scores is {}; expected array<double>"],
    [{ scores: ["a"] }, 'scores is ["a"]; expected array<double>'],
    [{ tags: [] }, "tags is []; expected map<string,string>"],
    [{ tags: { site: 1 } }, 'tags is {"site":1}; expected map<string,string>'],
    [{ extra: 1 }, "extra is not a column of samples"],
  ])("says what is wrong with %j", (change, problem) => {
    expect(rowProblems(samples, { ...row, ...change })).toEqual([problem]);
  });
});

describe.each(Object.values(LAKE_TABLES) as Table[])("the table $name", (table) => {
  test("has unique lower snake_case names, none of them a partition's", () => {
    const names = [...table.columns, ...table.partitions].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
  });

  test("explains every column within Glue's 255 characters", () => {
    for (const { comment } of [...table.columns, ...table.partitions]) {
      expect(comment).toMatch(/\.$/);
      expect(comment.length).toBeLessThanOrEqual(255);
    }
  });

  test("gives times as timestamps and names the unit of every whole number that is no count or key", () => {
    for (const { name, type } of table.columns) {
      if (name.endsWith("_at")) expect([name, type]).toEqual([name, "timestamp"]);
      if (type === "bigint" || type === "int")
        expect(name).toMatch(/_(ms|s)$|^(samples|revision|face_no|matches|short_key)$/);
    }
  });
});

test("the lake begins on the same day in text and number", () => {
  expect(LAKE_BEGINS).toBe("2020-01-01");
  expect(new Date(LAKE_BEGINS_MS).toISOString()).toBe("2020-01-01T00:00:00.000Z");
});

test.each([
  ["detectionRecordsTable", "detection_records", "box_left"],
  ["sessionRecordsTable", "session_records", "processed_ms"],
  ["alertRecordsTable", "alert_records", "reason"],
  ["faceRecordsTable", "face_records", "person_id"],
])("the deployment reads %s from the columns, as plain data", (exported, name, column) => {
  const table = structuredClone(tables[exported]);
  expect(table).toMatchObject({
    Name: name,
    Parameters: {
      "projection.enabled": "true",
      "projection.dt.range": { "Fn::Sub": "${LakeFirstDay},NOW+1DAY" },
      "storage.location.template": { "Fn::Sub": `s3://\${LakeBucket}/${name}/dt=\${!dt}/hour=\${!hour}/` },
    },
    PartitionKeys: [{ Name: "dt" }, { Name: "hour" }],
  });
  expect(table.StorageDescriptor.Columns.map(({ Name }: { Name: string }) => Name)).toContain(column);
});
