import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { csvLine } from "../../local/athena/results/csv.ts";
import { runQuery, type QueryContext } from "../../operator/athena.ts";
import { queryRows, resultRows } from "../../operator/result-file.ts";
import { QueryLake } from "../queries/lake.ts";

describe("the rows of a result file", () => {
  test("are those that were written, whatever the values", () => {
    const value = fc.option(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", "é") })),
    );
    const row = fc.array(value, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        expect(resultRows(rows.map(csvLine).join(""))).toEqual(rows);
      }),
    );
  });

  test("have NULL where a field is empty, and an empty text where it is quoted", () => {
    expect(resultRows('"a","b"\n,""\n"",\n')).toEqual([["a", "b"], [null, ""], ["", null]]); // prettier-ignore
  });

  test("are complete without a newline at the end", () => {
    expect(resultRows('"a"\n"1"')).toEqual([["a"], ["1"]]);
  });

  test("take a value of half a million characters", () => {
    const long = '"",\n x'.repeat(80_000);
    expect(resultRows(csvLine([long]))).toEqual([[long]]);
  });

  test.each([
    ['"a"\nb\n', `a result's file has "b" at character 4; expected the end of a field`],
    ['"a"\n"b', "a result's file has no end of the text at character 4; read it again"],
  ])("are an error where the file has no such form, with the place: %j", (csv, message) => {
    expect(() => resultRows(csv)).toThrow(message);
  });
});

describe("a query whose rows are read from its file", () => {
  let lake: QueryLake;
  let context: QueryContext & { readonly s3: S3Client };
  beforeAll(async () => {
    lake = await QueryLake.start();
    context = {
      client: lake.athena,
      s3: lake.local.client(S3Client),
      workGroup: lake.workGroup,
      database: lake.database,
    };
  });
  afterAll(() => lake.stop());

  test.each([
    "SELECT * FROM (VALUES (1, '', CAST(NULL AS varchar)), (2, 'a \"b\", c', 'é'), (NULL, 'line\nbreak', '')) AS t (n, a, b) ORDER BY n",
    "SELECT ARRAY['x', NULL] AS list, DATE '2026-03-02' AS day, 1.5e0 AS number, true AS yes, TIMESTAMP '2026-03-02 10:00:00.5' AS at",
    "SELECT n FROM UNNEST(sequence(1, 2500)) AS t (n) ORDER BY n",
    "SELECT 1 AS n WHERE false",
  ])("has the rows of its pages: %s", async (sql) => {
    const { rows, scannedBytes } = await runQuery(sql, context);
    expect(await queryRows(sql, context)).toEqual({ rows, scannedBytes });
  });

  test("fails with Athena's message", async () => {
    await expect(queryRows("SELECT nothing", context)).rejects.toMatchObject({ name: "QueryFailed" });
  });
});
