import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parquetFile } from "../../cli/generate/parquet.ts";
import { connectDuckDb } from "../../local/duckdb.ts";
import { arrayOfStructs, type Table } from "../../schemas/tables/column.ts";

const table: Table = {
  name: "things",
  description: "One of every type.",
  columns: [
    { name: "id", type: "bigint", comment: "" },
    { name: "text", type: "string", comment: "", nullable: true },
    { name: "code", type: "string", comment: "", nullable: true },
    { name: "seen_at", type: "timestamp", comment: "", nullable: true },
    { name: "seen_at_ms", type: "bigint", comment: "", nullable: true },
    { name: "big", type: "bigint", comment: "", nullable: true },
    { name: "small", type: "int", comment: "", nullable: true },
    { name: "share", type: "double", comment: "", nullable: true },
    { name: "yes", type: "boolean", comment: "", nullable: true },
    { name: "tags", type: "map<string,string>", comment: "", nullable: true },
    {
      name: "boxes",
      ...arrayOfStructs([
        { name: "label", type: "string", comment: "" },
        { name: "at_ms", type: "bigint", comment: "", nullable: true },
        { name: "edge", type: "double", comment: "", nullable: true },
      ]),
      comment: "",
      nullable: true,
    },
  ],
  partitions: [],
};

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 4 });
const row = fc.record({
  id: fc.maxSafeInteger(),
  text: nullable(fc.string({ unit: "grapheme", maxLength: 200 }).map((text) => text.replaceAll("\0", ""))),
  code: nullable(fc.constantFrom("PERSON", "PET", "PÄCKAGE", "")),
  seen_at_ms: nullable(fc.integer({ min: 0, max: Date.parse("2099-12-31T23:59:59.999Z") })),
  big: nullable(fc.maxSafeInteger()),
  small: nullable(fc.integer()),
  share: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
  yes: nullable(fc.boolean()),
  tags: nullable(
    fc.dictionary(fc.stringMatching(/^[a-zé]{1,5}$/), fc.stringMatching(/^[ -~ü]{0,20}$/), { maxKeys: 4 }),
  ),
  boxes: nullable(
    fc.array(
      fc.record({
        label: fc.constantFrom("PERSON", "PÄCKAGE"),
        at_ms: nullable(fc.maxSafeInteger()),
        edge: nullable(fc.double({ min: 0.25, max: 1, noNaN: true })),
      }),
      { maxLength: 4 },
    ),
  ),
});

describe("a generated Parquet file", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-parquet-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  let file = "";
  // Each has its own name, so that no result depends on the file before.
  const write = (bytes: Buffer) => writeFileSync((file = join(folder, `${++files}.parquet`)), bytes);

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const connection = await connectDuckDb();
    try {
      return (await connection.runAndReadAll(sql.replace("$file", `'${file}'`))).getRowObjectsJson();
    } finally {
      connection.closeSync();
    }
  }

  test("is read by DuckDB as the rows that were written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        async (some, times) => {
          const rows = Array.from({ length: times }, () => some).flat();
          write(parquetFile(table, rows));
          const read = await query(
            "SELECT id, text, code, epoch_ms(seen_at) AS seen_at, seen_at_ms, big, small, share, yes, tags, boxes FROM $file",
          );
          const back = read.map(({ id, seen_at, seen_at_ms, big, share, tags, boxes, ...rest }) => ({
            ...rest,
            id: Number(id),
            seen_at: seen_at === null ? null : Number(seen_at),
            seen_at_ms: seen_at_ms === null ? null : Number(seen_at_ms),
            big: big === null ? null : Number(big),
            // JSON has no negative zero.
            share: share === null ? null : Number(share) + 0,
            tags:
              tags === null
                ? null
                : Object.fromEntries(
                    (tags as { key: string; value: string }[]).map((one) => [one.key, one.value]),
                  ),
            boxes:
              (boxes as { at_ms: string | null }[] | null)?.map((box) => ({
                ...box,
                at_ms: box.at_ms === null ? null : Number(box.at_ms),
              })) ?? null,
          }));
          expect(back).toEqual(
            rows.map((one) => ({
              ...one,
              seen_at: one.seen_at_ms,
              share: one.share === null ? null : one.share + 0,
            })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("has the minimum, the maximum and the number of nulls of each column", async () => {
    write(
      parquetFile(table, [
        {
          id: 7,
          text: "b",
          code: "x",
          seen_at_ms: Date.UTC(2026, 10, 1) + 1,
          big: -5,
          small: 3,
          share: 0.5,
          yes: true,
          tags: null,
        },
        {
          id: -7,
          text: "é",
          code: "x",
          seen_at_ms: Date.UTC(2026, 10, 1) - 1,
          big: 2 ** 40,
          small: -3,
          share: -0.25,
          yes: null,
          tags: {},
        },
        {
          id: 0,
          text: null,
          code: "x",
          seen_at_ms: null,
          big: null,
          small: null,
          share: null,
          yes: null,
          tags: { a: "1" },
          boxes: [
            { label: "x", at_ms: 5, edge: 0.5 },
            { label: "y", at_ms: null, edge: 0.25 },
          ],
        },
      ]),
    );
    const metadata = await query(
      "SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count FROM parquet_metadata($file)",
    );
    expect(metadata.map((column) => Object.values(column))).toEqual([
      ["id", "-7", "7", "0"],
      ["text", "b", "é", "1"],
      ["code", "x", "x", "0"],
      ["seen_at", "2026-10-31 23:59:59.999", "2026-11-01 00:00:00.001", "1"],
      ["seen_at_ms", "1793491199999", "1793491200001", "1"],
      ["big", "-5", "1099511627776", "1"],
      ["small", "-3", "3", "1"],
      ["share", "-0.25", "0.5", "1"],
      ["yes", "true", "true", "2"],
      ["tags, key_value, key", "a", "a", "2"],
      ["tags, key_value, value", "1", "1", "2"],
      ["boxes, list, element, label", "x", "y", "2"],
      ["boxes, list, element, at_ms", "5", "5", "3"],
      ["boxes, list, element, edge", "0.25", "0.5", "2"],
    ]);
    expect(
      await query("SELECT count(*) AS n FROM $file WHERE seen_at >= TIMESTAMP '2026-11-01' AND text < 'c'"),
    ).toEqual([{ n: "1" }]);
  });

  test("has the same bytes for the same rows", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        expect(parquetFile(table, rows)).toEqual(parquetFile(table, structuredClone(rows)));
      }),
    );
  });

  test("names a column of a type that is not supported", () => {
    const columns = [{ name: "boxes", type: "array<double>", comment: "" }] as const;
    expect(() => parquetFile({ ...table, columns }, [{ boxes: [1] }])).toThrow(
      "column boxes: Parquet files of type array<double> are not supported",
    );
  });

  test("names a timestamp without a column of milliseconds", () => {
    const columns = [{ name: "seen_at", type: "timestamp", comment: "" }] as const;
    expect(() => parquetFile({ ...table, columns }, [])).toThrow(
      "column seen_at: no column seen_at_ms holds its milliseconds",
    );
  });
});
