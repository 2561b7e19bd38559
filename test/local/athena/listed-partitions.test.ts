import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parseProjection, projectedValues, projects } from "../../../local/glue/projection/projection.ts";
import { buckets, database, parquetTable, TestLake } from "./lake.ts";

const parameters = {
  "projection.enabled": "true",
  "projection.dt.type": "date",
  "projection.dt.range": "2024-12-31,NOW+1DAY",
  "projection.dt.format": "yyyy-MM-dd",
  "projection.hour.type": "integer",
  "projection.hour.range": "0,23",
  "projection.hour.digits": "2",
  "storage.location.template": "s3://lake/seen/dt=${dt}/hour=${hour}/",
};

describe("the partitions that Athena would list", () => {
  let lake: TestLake;
  beforeAll(async () => {
    lake = await TestLake.start({
      ...buckets,
      Database: database,
      Seen: parquetTable("seen", { label: "string" }, { dt: "string", hour: "string" }, parameters),
    });
  });
  afterAll(() => lake.stop());

  const listed = async (sql: string): Promise<unknown[]> => {
    const before = lake.local.cloud.events.matching(({ name }) => name.endsWith("partitions-listed")).length;
    await lake.rows(sql);
    return lake.local.cloud.events
      .matching(({ name }) => name.endsWith("partitions-listed"))
      .slice(before)
      .map(({ name, detail }) => ({ name, ...detail }));
  };

  test("are those that the conditions on dt and hour leave, with files or without", async () => {
    expect(await listed("SELECT label FROM doorstep.seen WHERE dt = '2026-03-01'")).toEqual([
      { name: "partitions-listed", table: "doorstep.seen", partitions: 24 },
    ]);
    expect(
      await listed(
        "SELECT label FROM doorstep.seen WHERE dt BETWEEN '2026-03-01' AND '2026-03-02' AND hour < '06'",
      ),
    ).toEqual([{ name: "partitions-listed", table: "doorstep.seen", partitions: 12 }]);
  });

  test("are every hour since the first day without a condition, of which a warning says the number", async () => {
    const days = projectedValues(
      parseProjection(["dt", "hour"], parameters)!.columns.get("dt")!,
      lake.local.clock.now(),
    )!.length;
    expect(days).toBeGreaterThan(600);
    expect(await listed("SELECT label FROM doorstep.seen")).toEqual([
      {
        name: "many-partitions-listed",
        table: "doorstep.seen",
        partitions: days * 24,
        warning: `Athena would list ${days * 24} partitions, one request to S3 each; add a condition on dt`,
      },
    ]);
  });

  test("are values that the projection contains, and all of them", () => {
    const nowMs = Date.UTC(2025, 0, 2);
    const { columns } = parseProjection(["dt", "hour"], parameters)!;
    const values = [...columns].map(([, column]) => projectedValues(column, nowMs)!);
    expect(values[0]).toEqual(["2024-12-31", "2025-01-01", "2025-01-02", "2025-01-03"]);
    expect(values[1]).toHaveLength(24);
    for (const [index, [, column]] of [...columns].entries())
      for (const value of values[index]!) expect(projects(column, value, nowMs)).toBe(true);
  });
});
