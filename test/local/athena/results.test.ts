import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { csvLine, readCsv } from "../../../local/athena/results/csv.ts";
import { javaNumber } from "../../../local/athena/results/format.ts";
import { duckDbType, HIVE, parseColumnType, TRINO } from "../../../local/glue/column-type.ts";

describe("a result file", () => {
  const row = fc.array(fc.option(fc.string({ unit: "binary" })), { minLength: 1, maxLength: 5 });

  test("preserves every row, and distinguishes NULL from empty text", () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const bytes = Buffer.from(rows.map(csvLine).join(""));
        expect(readCsv(bytes, rows.length)).toEqual({ rows, sizeBytes: bytes.length });
      }),
    );
  });

  test("can be read from the end of a page", () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 2 }), fc.nat(), (rows, seed) => {
        const bytes = Buffer.from(rows.map(csvLine).join(""));
        const first = readCsv(bytes, 1 + (seed % (rows.length - 1)));
        const rest = readCsv(bytes.subarray(first.sizeBytes), rows.length);
        expect([...first.rows, ...rest.rows]).toEqual(rows);
      }),
    );
  });

  test("omits an incomplete line", () => {
    expect(readCsv(Buffer.from('"a"\n"b'), 10)).toEqual({ rows: [["a"]], sizeBytes: 4 });
  });
});

describe("a double", () => {
  test.each([
    [0, "0.0"],
    [-0, "-0.0"],
    [5, "5.0"],
    [0.25, "0.25"],
    [-123.456, "-123.456"],
    [0.001, "0.001"],
    [0.00015, "1.5E-4"],
    [9_999_999, "9999999.0"],
    [10_000_000, "1.0E7"],
    [12_345_678.9, "1.23456789E7"],
    [1e100, "1.0E100"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
  ])("%d has Java's form, %s", (value, text) => {
    expect(javaNumber(value)).toBe(text);
  });

  test("of single precision has no more digits than needed", () => {
    expect(javaNumber(Math.fround(0.1), true)).toBe("0.1");
    expect(javaNumber(Math.fround(16_777_216), true)).toBe("1.6777216E7");
  });

  test("parses to itself", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(Number(javaNumber(value))).toBe(value);
      }),
    );
  });
});

describe("a column type", () => {
  test.each([
    [HIVE, "string", "VARCHAR"],
    [HIVE, "varchar(12)", "VARCHAR"],
    [HIVE, "Decimal(10, 2)", "DECIMAL(10, 2)"],
    [HIVE, "decimal", "DECIMAL(10, 0)"],
    [HIVE, "binary", "BLOB"],
    [TRINO, "timestamp(3)", "TIMESTAMP"],
    [TRINO, "timestamp(3) with time zone", "TIMESTAMPTZ"],
    [TRINO, "json", "JSON"],
    [HIVE, "array<map<string,int>>", "MAP(VARCHAR, INTEGER)[]"],
    [TRINO, "array(map(varchar, integer))", "MAP(VARCHAR, INTEGER)[]"],
    [HIVE, "struct<a:int,b:array<double>>", 'STRUCT("a" INTEGER, "b" DOUBLE[])'],
    [TRINO, 'row(a integer, "b c" varchar(5))', 'STRUCT("a" INTEGER, "b c" VARCHAR)'],
  ])("of Glue or Trino has one of DuckDB: %#", (dialect, source, type) => {
    expect(duckDbType(parseColumnType(source, dialect), "TIMESTAMP")).toBe(type);
  });

  test.each([
    ["uniontype<int>", "the type uniontype in uniontype<int> is not emulated"],
    ["array<int", 'the type array<int cannot be read at ""'],
    ["int int", 'the type int int cannot be read at "int"'],
  ])("%s is refused", (source, message) => {
    expect(() => parseColumnType(source, HIVE)).toThrow(message);
  });
});
