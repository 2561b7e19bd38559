import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { duckDbType, HIVE, parseColumnType } from "../../../local/glue/column-type.ts";
import { columnsOf, convert } from "../../../local/firehose/conversion/convert.ts";
import { jsonText, parseDocuments } from "../../../local/firehose/conversion/json-documents.ts";
import { rowOf } from "../../../local/firehose/conversion/open-x-json.ts";
import { queryFile } from "./support.ts";
import { rowGroupRows } from "../../../local/firehose/conversion/parquet.ts";

const OPTIONS = {
  isPartitioned: false,
  isCaseInsensitive: true,
  dotsBecomeUnderscores: false,
  keyOfColumn: {},
  compression: "SNAPPY" as const,
  writerVersion: "V1" as const,
  blockSizeBytes: 268_435_456,
  isDictionaryEncoded: true,
};

const cell = (type: string, json: string, options: Partial<typeof OPTIONS> = {}): unknown => {
  const [document] = parseDocuments(Buffer.from(`{"v":${json}}`));
  return rowOf(document!, [{ name: "v", type: parseColumnType(type, HIVE) }], { ...OPTIONS, ...options })[
    "v"
  ];
};

describe("a column type of Glue", () => {
  test.each([
    ["string", "VARCHAR"],
    ["varchar(20)", "VARCHAR"],
    ["bigint", "BIGINT"],
    ["int", "INTEGER"],
    ["tinyint", "TINYINT"],
    ["double", "DOUBLE"],
    ["decimal(10,2)", "DECIMAL(10, 2)"],
    ["decimal", "DECIMAL(10, 0)"],
    ["date", "DATE"],
    ["timestamp", "TIMESTAMP_MS"],
    ["array<string>", "VARCHAR[]"],
    ["map<string,array<double>>", "MAP(VARCHAR, DOUBLE[])"],
    [
      "struct<left:double, parents:array<struct<name:string>>>",
      'STRUCT("left" DOUBLE, "parents" STRUCT("name" VARCHAR)[])',
    ],
  ])("%s is written as %s", (hive, duckDb) => {
    expect(duckDbType(parseColumnType(hive, HIVE), "TIMESTAMP_MS")).toBe(duckDb);
  });

  test.each([
    ["set<string>", "the type set in set<string> is not emulated"],
    ["array<string", 'the type array<string cannot be read at ""'],
    ["int extra", 'the type int extra cannot be read at "extra"'],
    ["decimal(50,2)", "the type decimal in decimal(50,2) is not emulated"],
    ["map<array<int>,string>", "the map key in map<array<int>,string> is not a primitive type"],
  ])("%s is refused", (hive, message) => {
    expect(() => parseColumnType(hive, HIVE)).toThrow(new Error(message));
  });

  test("that Firehose does not write is named with its column", () => {
    expect(() => columnsOf([{ Name: "image", Type: "binary" }])).toThrow(
      "column image: the type binary in binary is not emulated",
    );
  });
});

describe("the OpenX JSON SerDe", () => {
  test.each([
    ["int", '"12"', "12"],
    ["int", "-2147483648", "-2147483648"],
    ["bigint", "9223372036854775807", "9223372036854775807"],
    ["bigint", "1763726400875", 1763726400875],
    ["int", "null", null],
    ["string", "12.50", "12.50"],
    ["string", "true", "true"],
    ["string", '{"a":[1,{"b":1e2}]}', '{"a":[1,{"b":1e2}]}'],
    ["string", '"\\ud83d"', "\ufffd"],
    ["double", '" 1.5e3 "', 1500],
    ["decimal(5,2)", "1.005", "1.01"],
    ["decimal(5,2)", '"-12"', "-12.00"],
    ["boolean", '"TRUE"', true],
    ["date", '"2026-2-3"', "2026-02-03"],
    ["timestamp", '"2026-11-20T10:30:00Z"', "2026-11-20 10:30:00.000"],
    ["timestamp", '"2026-11-20T10:30:00.123456789Z"', "2026-11-20 10:30:00.123"],
    ["timestamp", '"2026-1-2 3:04:05.6"', "2026-01-02 03:04:05.600"],
    ["timestamp", "1518033528", "2018-02-07 19:58:48.000"],
    ["timestamp", "1518033528.123", "2018-02-07 19:58:48.123"],
    ["timestamp", "1518033528123", "2018-02-07 19:58:48.123"],
    ["timestamp", '"1518033528123"', "2018-02-07 19:58:48.123"],
    ["timestamp", "999999999999", "2092-10-26 00:40:18.684"],
    ["timestamp", "9223372036854", "2262-04-11 23:47:16.854"],
    ["timestamp", "9223372036855", "1677-09-21 00:12:43.146"],
    ["array<string>", '"lone"', ["lone"]],
    ["array<int>", '[1,null,"3"]', [1, null, "3"]],
    ["map<string,double>", '{"Left":1}', { left: 1 }],
    ["map<string,double>", '{"__proto__":1}', JSON.parse('{"__proto__":1}')],
    ["struct<left:double,top:double>", '{"LEFT":0.5,"other":1}', { left: 0.5, top: null }],
    ["struct<left:double,top:double>", "[0.25]", { left: 0.25, top: null }],
  ])("converts for a %s column the value %s", (type, json, expected) => {
    expect(cell(type, json)).toEqual(expected);
  });

  test.each([
    ["double", '"high"', 'For input string: "high"'],
    ["double", "1e999", 'For input string: "1e999"'],
    ["float", "1e39", 'For input string: "1e39"'],
    ["int", "1.5", 'For input string: "1.5"'],
    ["int", "2147483648", 'For input string: "2147483648"'],
    ["bigint", "9223372036854775808", 'For input string: "9223372036854775808"'],
    ["boolean", "1", 'For input string: "1"'],
    ["timestamp", '"2026-02-30 00:00:00"', 'For input string: "2026-02-30 00:00:00"'],
    ["timestamp", '"2026-9-07T12:00:02Z"', 'For input string: "2026-9-07T12:00:02Z"'],
    ["decimal(3,1)", "123", 'For input string: "123"'],
    ["double", "{}", "A floating is required, found {}"],
    ["struct<left:double>", "1", "A struct is required, found 1"],
    ["map<string,double>", "[1]", "A map is required, found [1]"],
  ])("refuses for a %s column the value %s", (type, json, problem) => {
    expect(() => cell(type, json)).toThrow(
      expect.objectContaining({
        code: "DataFormatConversion.MalformedData",
        message: `Data does not match the schema. ${problem}`,
      }),
    );
  });

  test("finds keys in any case, by mapping, and with dots, by its options", () => {
    expect(rowOf({ VALUE: 1 }, [{ name: "value", type: parseColumnType("int", HIVE) }], OPTIONS)).toEqual({
      value: 1,
    });
    const exact = { ...OPTIONS, isCaseInsensitive: false };
    expect(rowOf({ VALUE: 1 }, [{ name: "value", type: parseColumnType("int", HIVE) }], exact)).toEqual({
      value: null,
    });
    const mapped = { ...OPTIONS, keyOfColumn: { value: "Ts" } };
    expect(rowOf({ ts: 1 }, [{ name: "value", type: parseColumnType("int", HIVE) }], mapped)).toEqual({
      value: 1,
    });
    const dotted = { ...OPTIONS, dotsBecomeUnderscores: true };
    expect(rowOf({ "a.b": 1 }, [{ name: "a_b", type: parseColumnType("int", HIVE) }], dotted)).toEqual({
      a_b: 1,
    });
  });

  test("takes the first of two keys that differ in case alone", () => {
    expect(
      rowOf({ VALUE: 1, value: 2 }, [{ name: "value", type: parseColumnType("int", HIVE) }], OPTIONS),
    ).toEqual({
      value: 1,
    });
  });
});

describe("the JSON of a record", () => {
  const sources = (text: string) => parseDocuments(Buffer.from(text)).length;

  test("may be several objects, with or without white space between", () => {
    expect(sources('{"a":1}')).toBe(1);
    expect(sources('{"a":"}{"}{"b":[{"c":"\\"}"}]}\n {"d":{}} \n')).toBe(3);
  });

  test.each(["", "  ", '{"a":', '{"a":1},{"b":2}', '{"a":1}}', '{"a":1} x', "{a:1}", '{"a":"'])(
    "must be JSON in every part, unlike %j",
    (text) => {
      expect(() => sources(text)).toThrow(
        expect.objectContaining({
          code: "DataFormatConversion.ParseError",
          message: expect.stringContaining("Encountered malformed JSON. "),
        }),
      );
    },
  );

  test.each(['[{"a":1}]', '"a"', "5", '{"a":1}[]', "null"])(
    "must contain only objects, unlike %j",
    (text) => {
      expect(() => sources(text)).toThrow("Data does not match the schema. A JSON object is required.");
    },
  );

  test.each(["5", "1.0", "-0", "1e2", "0.30", "12345678901234567890", "9007199254740993"])(
    "keeps the number %s as it is written, in any form of the document",
    (number) => {
      for (const text of [`{"a":${number}}`, `{ "a":${number} }`])
        expect(parseDocuments(Buffer.from(text)).map(jsonText)).toEqual([`{"a":${number}}`]);
    },
  );

  test("must be UTF-8", () => {
    expect(() => parseDocuments(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow("The record is not UTF-8.");
  });

  test("splits where it was joined", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.array(object, { minLength: 1 }),
        fc.constantFrom("", "\n", " \r\n\t"),
        (objects, between) => {
          const text = objects.map((one) => JSON.stringify(one)).join(between);
          expect(parseDocuments(Buffer.from(text))).toHaveLength(objects.length);
        },
      ),
    );
  });
});

describe("a buffer of records", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "doorstep-conversion-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const everyType = columnsOf(
    Object.entries({
      s: "string",
      i: "int",
      b: "bigint",
      d: "double",
      f: "float",
      dec: "decimal(38,10)",
      bool: "boolean",
      day: "date",
      at: "timestamp",
      list: "array<string>",
      "it's": 'struct<x:double,"when":timestamp>'.replaceAll('"', ""),
      boxes: "array<struct<left:double,tags:map<string,int>>>",
    }).map(([Name, Type]) => ({ Name, Type })),
  );

  const recordOf = (data: string, sequence = 1) => ({ sequence, arrivedAtMs: 0, data: Buffer.from(data) });

  const tableOf = async (parquet: Buffer, sql: string) => {
    writeFileSync(join(folder, "out.parquet"), parquet);
    return await queryFile(join(folder, "out.parquet"), sql);
  };

  test("becomes Parquet with exactly the columns of the Glue table, timestamps as INT64 milliseconds", async () => {
    const { parquet } = await convert([recordOf('{"s":"a"}')], everyType, OPTIONS, join(folder, "work"));
    const columns = await tableOf(
      parquet!,
      "SELECT name, type, converted_type FROM parquet_schema(FILE) WHERE name IN ('s', 'at', 'when', 'b', 'it''s')",
    );
    expect(columns).toEqual([
      { name: "s", type: "BYTE_ARRAY", converted_type: "UTF8" },
      { name: "b", type: "INT64", converted_type: "INT_64" },
      { name: "at", type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
      { name: "it's", type: null, converted_type: null },
      { name: "when", type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
    ]);
    expect(await tableOf(parquet!, "SELECT count(*)::INT AS n FROM FILE")).toEqual([{ n: 1 }]);
  });

  test("has row groups of at most a block, each with its minimum, maximum and number of NULLs", async () => {
    const rows = Array.from({ length: 5000 }, (_, n) =>
      recordOf(`{"b":${n},"s":${n % 2 ? `"cam-${n}"` : null}}`, n),
    );
    const small = { ...OPTIONS, blockSizeBytes: 500_000 };
    const { parquet } = await convert(rows, everyType, small, join(folder, "work"));
    const sql = `SELECT row_group_id AS id, row_group_num_rows AS rows, path_in_schema AS path, compression,
      stats_min_value AS minimum, stats_max_value AS maximum, stats_null_count AS nulls
      FROM parquet_metadata(FILE) WHERE path_in_schema IN ('b', 's') ORDER BY ALL`;
    const group = (id: string, rowCount: string) => ({ id, rows: rowCount, compression: "SNAPPY" });
    expect(await tableOf(parquet!, sql)).toEqual([
      { ...group("0", "2048"), path: "b", minimum: "0", maximum: "2047", nulls: "0" },
      { ...group("0", "2048"), path: "s", minimum: "cam-1", maximum: "cam-999", nulls: "1024" },
      { ...group("1", "2048"), path: "b", minimum: "2048", maximum: "4095", nulls: "0" },
      { ...group("1", "2048"), path: "s", minimum: "cam-2049", maximum: "cam-4095", nulls: "1024" },
      { ...group("2", "904"), path: "b", minimum: "4096", maximum: "4999", nulls: "0" },
      { ...group("2", "904"), path: "s", minimum: "cam-4097", maximum: "cam-4999", nulls: "452" },
    ]);
  });

  test("has the rows of one block in one group, up to DuckDB's limit", () => {
    const row = "x".repeat(1000);
    const sizeOf = ({ length }: string) => ({ rows: 10, sizeBytes: 10 * length });
    expect(rowGroupRows(sizeOf(row), 268_435_456)).toBe(122_880);
    expect(rowGroupRows(sizeOf(row), 67_108_864)).toBe(65_536);
    expect(rowGroupRows(sizeOf(row.repeat(1000)), 67_108_864)).toBe(2048);
    expect(rowGroupRows({ rows: 0, sizeBytes: 0 }, 67_108_864)).toBe(122_880);
  });

  test("is dictionary-encoded only where the stream says so", async () => {
    const rows = Array.from({ length: 100 }, (_, n) => recordOf(`{"s":"cam-${n % 3}"}`, n));
    const encodings = async (isDictionaryEncoded: boolean) => {
      const { parquet } = await convert(
        rows,
        everyType,
        { ...OPTIONS, isDictionaryEncoded },
        join(folder, "work"),
      );
      return await tableOf(
        parquet!,
        "SELECT encodings FROM parquet_metadata(FILE) WHERE path_in_schema = 's'",
      );
    };
    expect(await encodings(true)).toEqual([{ encodings: "PLAIN_DICTIONARY" }]);
    expect(await encodings(false)).toEqual([{ encodings: "PLAIN" }]);
  });

  test("keeps nested values, null, and 64-bit integers exactly", async () => {
    const document =
      '{"b":9007199254740993,"dec":"0.0000000001","list":["x",null],"it\'s":{"x":1,"when":1518033528},' +
      '"boxes":[{"left":0.5,"tags":{"a":1}},null]}';
    const { parquet } = await convert([recordOf(document)], everyType, OPTIONS, join(folder, "work"));
    const sql = `SELECT b, dec, list, "it's" AS struct, boxes, s FROM FILE`;
    expect(await tableOf(parquet!, sql)).toEqual([
      {
        b: "9007199254740993",
        dec: "0.0000000001",
        list: ["x", null],
        struct: { x: 1, when: "2018-02-07 19:58:48" },
        boxes: [{ left: 0.5, tags: [{ key: "a", value: 1 }] }, null],
        s: null,
      },
    ]);
  });

  test("with one bad document loses that record as a whole, and no other", async () => {
    const records = [recordOf('{"i":1}{"i":2}', 1), recordOf('{"i":3}{"i":"x"}', 2), recordOf('{"i":4}', 3)];
    const { parquet, rows, converted, failed } = await convert(
      records,
      everyType,
      OPTIONS,
      join(folder, "work"),
    );
    expect({ rows, converted }).toEqual({ rows: 3, converted: 2 });
    expect(failed.map(({ record, code }) => [record.sequence, code])).toEqual([
      [2, "DataFormatConversion.MalformedData"],
    ]);
    expect(await tableOf(parquet!, "SELECT i FROM FILE")).toEqual([{ i: 1 }, { i: 2 }, { i: 4 }]);
  });

  test("may have several documents only where it is not partitioned", async () => {
    const records = [recordOf('{"i":1}{"i":2}', 1), recordOf('{"i":3}', 2), recordOf(' {"i":4}\n', 3)];
    const partitioned = { ...OPTIONS, isPartitioned: true };
    const { parquet, rows, failed } = await convert(records, everyType, partitioned, join(folder, "work"));
    expect(rows).toBe(2);
    expect(failed).toEqual([
      {
        record: records[0],
        code: "DataFormatConversion.ParseError",
        message:
          "Encountered malformed JSON. The record has 2 JSON documents; with dynamic partitioning it may have one.",
      },
    ]);
    expect(await tableOf(parquet!, "SELECT i FROM FILE")).toEqual([{ i: 3 }, { i: 4 }]);
  });

  test("that can't be written at all is returned as failed", async () => {
    const twice = columnsOf([
      { Name: "a", Type: "int" },
      { Name: "A", Type: "int" },
    ]);
    const { parquet, failed } = await convert([recordOf("{}")], twice, OPTIONS, join(folder, "work"));
    expect(parquet).toBeUndefined();
    expect(failed.map(({ code }) => code)).toEqual(["DataFormatConversion.InternalError"]);
  });

  test("of any JSON ends with every record once, as rows or as failed with a reason", async () => {
    const names = everyType.map(({ name }) => name);
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: "binary" }),
      fc.double().map((number) => (Number.isFinite(number) ? number : 0)),
      fc.constantFrom(
        "2026-11-20 10:30:00",
        "1518033528",
        -1e300,
        "99999999999999999999",
        "\u0000",
        "\ud800",
      ),
    );
    const document = fc.dictionary(fc.constantFrom(...names), value).map((one) => JSON.stringify(one));
    const record = fc.oneof(
      document,
      fc.array(document, { minLength: 1, maxLength: 3 }).map((all) => all.join("")),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), async (texts) => {
        const records = texts.map((text, index) => recordOf(text, index));
        const result = await convert(records, everyType, OPTIONS, join(folder, "work"));
        expect(result.converted + result.failed.length).toBe(texts.length);
        expect(result.failed.map(({ code }) => code)).not.toContain("DataFormatConversion.InternalError");
        const failed = new Set(result.failed.map((one) => one.record.sequence));
        const good = records.filter(({ sequence }) => !failed.has(sequence));
        expect(result.rows).toBe(good.flatMap(({ data }) => parseDocuments(data)).length);
        if (result.parquet)
          expect(await tableOf(result.parquet, "SELECT count(*)::INT AS n FROM FILE")).toEqual([
            { n: result.rows },
          ]);
      }),
      { numRuns: 60 },
    );
  });
});
