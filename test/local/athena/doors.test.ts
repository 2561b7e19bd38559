import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { LakeDuckDb } from "../../../local/athena/engine/lake-duckdb.ts";
import { FUNCTIONS } from "../../../local/athena/sql/functions.ts";
import { Source } from "../../../local/athena/sql/source.ts";
import { readQuery } from "../../../local/athena/sql/statement.ts";
import { qualify } from "../../../local/athena/sql/translate.ts";
import { QueryError } from "../../../local/athena/errors.ts";
import { TestLake } from "./lake.ts";

let lake: TestLake;
beforeAll(async () => void (lake = await TestLake.start({})));
afterAll(() => lake.local.stop());

describe("a query reads the lake and nothing else of this machine", () => {
  test.each([
    [`SELECT * FROM "read_text"('/etc/hostname')`, "read_text"],
    [`SELECT * FROM "glob"('/etc/*')`, "glob"],
    [`SELECT * FROM "query"('SELECT 1')`, "query"],
    [`SELECT * FROM "read_csv_auto"('/etc/passwd')`, "read_csv_auto"],
    [`SELECT "getenv"('HOME')`, "getenv"],
    [`SELECT * FROM "duckdb_settings"()`, "duckdb_settings"],
    [`SELECT (SELECT max(content) FROM "READ_TEXT"('/etc/hostname'))`, "read_text"],
    [`WITH t AS (SELECT * FROM "read_blob"('/etc/hostname')) SELECT * FROM t`, "read_blob"],
    [`SELECT 1 FROM (VALUES 1) AS t(x) CROSS JOIN LATERAL "glob"('/etc/*')`, "glob"],
    [`SELECT "main"."getenv"('HOME')`, "getenv"],
    [`SELECT 1 WHERE EXISTS (SELECT 1 FROM "parquet_metadata"('/x'))`, "parquet_metadata"],
  ])("refuses by name, quoted or not: %s", async (sql, name) => {
    expect(await lake.failure(sql)).toMatch(
      new RegExp(`^FUNCTION_NOT_FOUND: (line .*: )?Function '${name}' not registered in the local Athena$`),
    );
  });

  test("runs Athena's functions with quoted names, too", async () => {
    const [, row] = await lake.rows(`SELECT "upper"('a'), "day_of_week"(DATE '2026-11-22')`);
    expect(row).toEqual(["A", "7"]);
  });

  test("of DuckDB's functions, those that Athena does not have are refused in every form of a name and place", () => {
    const others = ["read_text", "read_blob", "read_csv", "read_json", "read_parquet", "glob", "query", "query_table", "getenv", "sniff_csv", "parquet_scan", "range", "pragma_version", "which_secret"].filter((name) => !FUNCTIONS.has(name)); // prettier-ignore
    const spelled = fc
      .tuple(fc.constantFrom(...others), fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }))
      .map(([name, upper]) =>
        Array.from(name, (letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(""),
      );
    const quoted = fc
      .tuple(spelled, fc.constantFrom("", '"', "`"))
      .map(([name, quote]) => quote + name + quote);
    const space = fc.constantFrom("", " ", "\n", "/* ( */", "-- x\n");
    const prefix = fc.constantFrom("", "main.", '"main".', 'system."main".', '"system".main.');
    const call = fc
      .tuple(prefix, quoted, space, space, fc.constantFrom("", "'/etc/hostname'", "1", "'a', 'b'"))
      .map(([schema, name, before, within, args]) => `${schema}${name}${before}(${within}${args})`);
    const query = fc
      .tuple(call, fc.integer({ min: 0, max: 9 }))
      .map(
        ([it, place]) =>
          [
            `SELECT ${it}`,
            `SELECT * FROM ${it}`,
            `SELECT * FROM ${it} AS t(a)`,
            `SELECT 1 FROM (VALUES 1) AS t(x), ${it}`,
            `SELECT 1 FROM (VALUES 1) AS t(x) CROSS JOIN LATERAL ${it}`,
            `SELECT x FROM (VALUES 1) AS t(x) WHERE x IN (SELECT 1 FROM ${it})`,
            `WITH u AS (SELECT * FROM ${it}) SELECT * FROM u`,
            `SELECT count(*) FILTER (WHERE ${it} > 1)`,
            `SELECT upper(CAST(${it} AS varchar)) AS "FROM"`,
            `SELECT 1 UNION ALL SELECT (SELECT 1 FROM ${it})`,
          ][place]!,
      );
    fc.assert(
      fc.property(query, (sql) => {
        expect(() => qualify(readQuery(new Source(sql)), "default", 0)).toThrow(QueryError);
      }),
      { numRuns: 500 },
    );
  });

  test("even SQL that slipped through reaches no file outside the lake, and cannot change that", async () => {
    const connection = await LakeDuckDb.of(lake.local.cloud.dataFolder).connect();
    const failure = (sql: string) =>
      connection.run(sql).then(
        () => "ran",
        (error: Error) => error.message,
      );
    for (const sql of [
      "SELECT * FROM read_text('/etc/hostname')",
      "SELECT * FROM glob('/etc/*')",
      "SELECT * FROM '/etc/passwd.csv'",
      `SELECT * FROM read_text('${lake.local.cloud.dataFolder}/state.sqlite')`,
      `SELECT * FROM read_text('${lake.local.cloud.dataFolder}/s3/buckets/../../state.sqlite')`,
      "COPY (SELECT 1) TO '/tmp/doorstep-escape.csv'",
      "ATTACH '/tmp/doorstep-escape.db' AS escape",
    ])
      expect(await failure(sql)).toMatch(/file system operations are disabled by configuration/);
    for (const sql of [
      "SET enable_external_access = true",
      "SET allowed_directories = ['/']",
      "SET lock_configuration = false",
    ])
      expect(await failure(sql)).toMatch(/locked|Cannot change|cannot be (changed|enabled)/i);
    connection.closeSync();
  });
});
