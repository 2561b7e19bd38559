import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connectDuckDb } from "../../../local/duckdb.ts";
import { objectPath } from "../../../local/s3/object-path.ts";
import { dtAndHour, parquetTable, prestoView, TestLake } from "./lake.ts";

const columns = {
  event_id: "string",
  label: "string",
  received_at_ms: "bigint",
  share: "double",
  tags: "map<string,string>",
  box: "struct<left:double,top:double>",
};

const resources = {
  Records: parquetTable("records", columns, { dt: "string", hour: "string" }, dtAndHour("records")),
  Flat: parquetTable("flat", { ...columns, dt: "string" }),
  Once: prestoView(
    "once",
    `SELECT event_id, label, received_at_ms, share, tags, dt, hour FROM (
       SELECT *, row_number() OVER (PARTITION BY dt, hour, event_id, label ORDER BY received_at_ms) AS nth FROM records
     ) WHERE nth = 1`,
    {
      event_id: "varchar",
      label: "varchar",
      received_at_ms: "bigint",
      share: "double",
      tags: "map(varchar, varchar)",
      dt: "varchar",
      hour: "varchar",
    },
  ),
};

/** Rows whose `received_at_ms` increases from `from`, in row groups of 2048. */
const rowsFrom = (from: number): string =>
  `SELECT 'event-' || i AS event_id, CASE WHEN i % 2 = 0 THEN 'PERSON' ELSE 'PET' END AS label,
     i::BIGINT AS received_at_ms, random() AS share, MAP {'site': 's' || i} AS tags,
     {'left': random(), 'top': random()} AS box, '2026-11-20' AS dt
   FROM range(${from}, ${from} + 6144) r(i)`;

describe("DataScannedInBytes", () => {
  let lake: TestLake;
  /** Compressed bytes in the footers, by file, column path and row group. */
  const chunks: { file: string; path: string; rowGroup: number; bytes: number }[] = [];

  beforeAll(async () => {
    lake = await TestLake.start(resources);
    const connection = await connectDuckDb();
    for (const [key, from] of [
      ["records/dt=2026-11-20/hour=05/a.parquet", 0],
      ["records/dt=2026-11-20/hour=06/b.parquet", 10_000],
      ["flat/all.parquet", 0],
    ] as const) {
      await lake.put(key, rowsFrom(from), "ROW_GROUP_SIZE 2048, COMPRESSION snappy");
      const path = objectPath(lake.local.cloud.dataFolder, "lake", key);
      const metadata = await connection.runAndReadAll(
        `SELECT path_in_schema, row_group_id, total_compressed_size FROM parquet_metadata('${path}')`,
      );
      for (const [column, rowGroup, bytes] of metadata.getRows())
        chunks.push({
          file: key.at(-9)!,
          path: String(column),
          rowGroup: Number(rowGroup),
          bytes: Number(bytes),
        });
    }
    connection.closeSync();
  });
  afterAll(() => lake.stop());

  /** The size of the chunks of some columns. @param files a for hour 05, b for hour 06, l for the flat table */
  const bytesOf = (files: string, paths: readonly string[], rowGroups = [0, 1, 2]): number =>
    chunks
      .filter(
        (one) => files.includes(one.file) && paths.includes(one.path) && rowGroups.includes(one.rowGroup),
      )
      .reduce((sum, { bytes }) => sum + bytes, 0);
  const scanned = async (sql: string) => {
    const { Status, Statistics } = await lake.run(sql);
    expect(Status?.StateChangeReason).toBeUndefined();
    return Statistics?.DataScannedInBytes;
  };

  test("counts the columns that are selected, filtered, grouped or ordered by, and no other", async () => {
    expect(await scanned("SELECT label FROM records")).toBe(bytesOf("ab", ["label"]));
    expect(await scanned("SELECT label FROM records WHERE share > 0.5")).toBe(
      bytesOf("ab", ["label", "share"]),
    );
    expect(await scanned("SELECT label, max(share) FROM records WHERE hour = '06' GROUP BY label")).toBe(
      bytesOf("b", ["label", "share"]),
    );
    expect(await scanned("SELECT event_id FROM records ORDER BY received_at_ms DESC LIMIT 3")).toBe(
      bytesOf("ab", ["event_id", "received_at_ms"]),
    );
  });

  test("is zero when footers and folders are enough", async () => {
    expect(await scanned("SELECT count(*) FROM records")).toBe(0);
    expect(await scanned("SELECT dt, hour, count(*) FROM records GROUP BY dt, hour")).toBe(0);
    expect(await scanned("SELECT label FROM records WHERE hour = '07'")).toBe(0);
  });

  test("counts every chunk of a map, and of a struct only the fields that are read", async () => {
    expect(await scanned("SELECT tags['site'] FROM records WHERE hour = '05'")).toBe(
      bytesOf("a", ["tags, key_value, key", "tags, key_value, value"]),
    );
    expect(await scanned("SELECT box FROM records WHERE hour = '05'")).toBe(
      bytesOf("a", ["box, left", "box, top"]),
    );
    expect(await scanned("SELECT r.box.left FROM records r WHERE hour = '05'")).toBe(
      bytesOf("a", ["box, left"]),
    );
  });

  test("does not count row groups whose minimum and maximum exclude the condition", async () => {
    const two = ["label", "received_at_ms"];
    for (const [condition, rowGroups] of [
      ["received_at_ms = 3000", [1]],
      ["received_at_ms < 2048", [0]],
      ["received_at_ms <= 2048", [0, 1]],
      ["received_at_ms > 6142", [2]],
      ["received_at_ms BETWEEN 2100 AND 2200", [1]],
      ["received_at_ms IN (5, 6143)", [0, 2]],
      ["received_at_ms = 5 OR received_at_ms = 2500", [0, 1]],
      ["received_at_ms IS NULL", []],
      ["received_at_ms % 2 = 0", [0, 1, 2]],
      ["received_at_ms <> 5", [0, 1, 2]],
    ] as const)
      expect([
        condition,
        await scanned(`SELECT label FROM records WHERE hour = '05' AND ${condition}`),
      ]).toEqual([condition, bytesOf("a", two, [...rowGroups])]);
    expect(await scanned("SELECT received_at_ms FROM records WHERE label = 'PARCEL'")).toBe(0);
  });

  test("counts of a table beside an unnested list only the files and columns that are read", async () => {
    expect(
      await scanned(
        `SELECT label, count(*)
         FROM (SELECT *, IF(n = 0, label, 'none') AS name
               FROM records CROSS JOIN UNNEST(sequence(0, cardinality(tags))) AS numbers (n))
         WHERE dt = '2026-11-20' AND hour = '05' GROUP BY label`,
      ),
    ).toBe(bytesOf("a", ["label", "tags, key_value, key", "tags, key_value, value"]));
  });

  test("counts through a view the columns that it deduplicates by, and those that are selected", async () => {
    const facts = ["event_id", "label", "received_at_ms"];
    expect(await scanned("SELECT count(*) FROM once WHERE dt = '2026-11-20' AND hour = '05'")).toBe(
      bytesOf("a", facts),
    );
    expect(await scanned("SELECT label, avg(share) FROM once WHERE hour = '06' GROUP BY label")).toBe(
      bytesOf("b", [...facts, "share"]),
    );
    expect(
      await scanned(
        "WITH late AS (SELECT * FROM once WHERE dt = '2026-11-20') SELECT a.label FROM late a JOIN records b " +
          "ON a.event_id = b.event_id WHERE a.hour = '05' AND b.hour = '06'",
      ),
    ).toBe(bytesOf("a", facts) + bytesOf("b", ["event_id"]));
  });

  test("counts a common table expression as often as it is read", async () => {
    expect(
      await scanned(
        "WITH some AS (SELECT share, label FROM records WHERE hour = '05') " +
          "SELECT (SELECT max(share) FROM some WHERE label = 'PET'), (SELECT min(share) FROM some)",
      ),
    ).toBe(bytesOf("a", ["share", "label"]) + bytesOf("a", ["share"]));
    expect(
      await scanned(
        "SELECT 1 FROM once a, once b WHERE a.hour = '05' AND b.hour = '05' AND a.share < b.share LIMIT 1",
      ),
    ).toBe(2 * bytesOf("a", ["event_id", "label", "received_at_ms", "share"]));
  });

  test("counts an unpartitioned table's columns in all its files", async () => {
    expect(await scanned("SELECT label FROM flat WHERE dt = '2026-11-20'")).toBe(
      bytesOf("l", ["label", "dt"]),
    );
    expect(await scanned("SELECT * FROM flat")).toBe(
      chunks.filter(({ file }) => file === "l").reduce((sum, { bytes }) => sum + bytes, 0),
    );
  });
});
