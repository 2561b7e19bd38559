import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { parquetMetadata } from "hyparquet";
import { parquetFile } from "../../../cli/generate/parquet.ts";
import {
  bufferOf,
  checkRewritten,
  countFaces,
  rewriteFaces,
  rewrittenKey,
  UNKNOWN,
  type FaceRule,
} from "../../../core/lake/rewrite-faces.ts";
import { connectDuckDb } from "../../../local/duckdb.ts";
import { HIVE, parseColumnType } from "../../../local/glue/column-type.ts";
import { parquetOf } from "../../../local/firehose/conversion/parquet.ts";
import { rowOf, TABLE, type FaceRow } from "../faces/world.ts";

const temporary = mkdtempSync(join(tmpdir(), "rewrite-faces-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const [ANNA, BERT, CLEO] = ["a", "b", "c"].map((digit) => `person-${digit.repeat(20)}`) as [
  string,
  string,
  string,
];
const NOTHING: FaceRule = { forgotten: new Set(), merged: new Map(), removeUnknown: false };

const rows: FaceRow[] = [ANNA, null, BERT, ANNA, CLEO, null].map((person_id, index) => ({
  seen_at_ms: 1_790_000_000_000 + index,
  face_no: index,
  person_id,
  yaw: index % 2 ? null : -12.5,
}));

/** As the local Firehose writes it. */
const firehoseFile = async (written: readonly FaceRow[]): Promise<Buffer> =>
  (await parquetOf(
    written.map((row) =>
      JSON.stringify({
        ...rowOf(row),
        seen_at: new Date(row.seen_at_ms).toISOString().slice(0, -1).replace("T", " "),
      }),
    ),
    TABLE.columns.map(({ name, type }) => ({ name, type: parseColumnType(type, HIVE) })),
    { compression: "SNAPPY", writerVersion: "V1", blockSizeBytes: 268_435_456, isDictionaryEncoded: true },
    join(temporary, randomUUID()),
  ))!;

async function duckDbRows(bytes: Uint8Array, sql = "SELECT * FROM FILE"): Promise<unknown[]> {
  const path = join(temporary, `${randomUUID()}.parquet`);
  writeFileSync(path, bytes);
  const connection = await connectDuckDb();
  try {
    const reader = await connection.runAndReadAll(sql.replace("FILE", `'${path}'`));
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
  }
}

for (const [what, write] of [
  ["Firehose", firehoseFile],
  ["doorstep generate", async (written: readonly FaceRow[]) => parquetFile(TABLE, written.map(rowOf))],
] as const)
  test(`a file of ${what} is rewritten without a person, in the same columns and types`, async () => {
    const file = await write(rows);
    const rewritten = (await rewriteFaces(bufferOf(file), { ...NOTHING, forgotten: new Set([ANNA]) }))!;
    expect(rewritten).toMatchObject({ kept: 4, removed: new Map([[ANNA, 2]]), renamed: new Map() });
    const expected = await duckDbRows(file);
    expect(await duckDbRows(rewritten.bytes!)).toEqual(
      expected.filter((row) => (row as FaceRow).person_id !== ANNA),
    );
    const types =
      "SELECT name, type, repetition_type, converted_type, logical_type FROM parquet_schema(FILE)";
    expect(await duckDbRows(rewritten.bytes!, types)).toEqual(await duckDbRows(file, types));
    const { row_groups } = parquetMetadata((await bufferOf(rewritten.bytes!).slice(0)) as ArrayBuffer);
    const codecs = row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data!.codec));
    expect(new Set(codecs)).toEqual(new Set(["SNAPPY"]));
    expect(Buffer.from(rewritten.bytes!).includes(ANNA)).toBe(false);
  });

test("a person's rows become those of whom they were merged into, at the end of all merges", async () => {
  const merged = new Map([
    [ANNA, BERT],
    [BERT, CLEO],
  ]);
  const rule = { ...NOTHING, merged };
  const rewritten = (await rewriteFaces(bufferOf(await firehoseFile(rows)), rule))!;
  expect(rewritten).toMatchObject({
    kept: 6,
    removed: new Map(),
    renamed: new Map([
      [ANNA, 2],
      [BERT, 1],
    ]),
  });
  const persons = await duckDbRows(rewritten.bytes!, "SELECT person_id FROM FILE");
  expect(persons).toEqual([CLEO, null, CLEO, CLEO, CLEO, null].map((person_id) => ({ person_id })));
  const forgotten = (await rewriteFaces(bufferOf(await firehoseFile(rows)), {
    ...rule,
    forgotten: new Set([CLEO]),
  }))!;
  expect(forgotten.kept).toBe(2);
});

test("rows of unknown faces are removed, and a file without other rows leaves no file", async () => {
  const rule = { ...NOTHING, removeUnknown: true };
  const file = bufferOf(await firehoseFile(rows));
  expect(await rewriteFaces(file, rule)).toMatchObject({ kept: 4, removed: new Map([[UNKNOWN, 2]]) });
  const unknown = bufferOf(await firehoseFile(rows.filter(({ person_id }) => person_id === null)));
  expect(await rewriteFaces(unknown, rule)).toEqual({
    bytes: undefined,
    kept: 0,
    removed: new Map([[UNKNOWN, 2]]),
    renamed: new Map(),
  });
});

test("a file that the rule changes nothing in stays, and is decided by its footer alone", async () => {
  const file = await firehoseFile(rows.filter(({ person_id }) => person_id === BERT));
  const slices: number[] = [];
  const whole = bufferOf(file);
  const watched = {
    byteLength: whole.byteLength,
    slice: (start: number, end?: number) => {
      slices.push(start);
      return whole.slice(start, end);
    },
  };
  expect(
    await rewriteFaces(watched, { ...NOTHING, forgotten: new Set([ANNA, CLEO]), removeUnknown: true }),
  ).toBeUndefined();
  expect(slices).toEqual([0]);
  expect((await countFaces(whole, { ...NOTHING, forgotten: new Set([BERT]) })).removed).toEqual(
    new Map([[BERT, 1]]),
  );
});

test("a written file with other rows than were kept is refused", async () => {
  const file = await firehoseFile(rows);
  await expect(checkRewritten(file, 5, NOTHING)).rejects.toThrow(
    "the rewritten file has 6 rows; expected 5, none of them to remove",
  );
  await expect(checkRewritten(file, 6, { ...NOTHING, forgotten: new Set([ANNA]) })).rejects.toThrow(
    "none of them",
  );
  await expect(checkRewritten(file, 6, NOTHING)).resolves.toBeUndefined();
});

test("the new key is in the old one's partition, and decided by content", () => {
  const key = "face_records/dt=2026-11-30/hour=07/doorstep-dev-faces-1-2026-11-30-07-00-00-uuid.parquet";
  const one = rewrittenKey(key, Buffer.from("one"));
  expect(one).toMatch(/^face_records\/dt=2026-11-30\/hour=07\/rewritten-[0-9a-f]{32}\.parquet$/);
  expect(rewrittenKey(key, Buffer.from("one"))).toBe(one);
  expect(rewrittenKey(key, Buffer.from("two"))).not.toBe(one);
});
