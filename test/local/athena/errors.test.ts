import type { GlueClient } from "@aws-sdk/client-glue";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { QueryError } from "../../../local/athena/errors.ts";
import { findRelation } from "../../../local/athena/lake/catalog.ts";
import { dtAndHour, parquetTable, prestoView, TestLake } from "./lake.ts";

const partitions = { dt: "string", hour: "string" };
const UNRESOLVED = "cannot be resolved or requester is not authorized to access requested resources";

const resources = {
  Sightings: parquetTable(
    "sightings",
    { label: "string", n: "bigint", tags: "map<string,string>" },
    partitions,
    dtAndHour("sightings"),
  ),
  Damaged: parquetTable("damaged", { a: "bigint" }, partitions, dtAndHour("damaged")),
  Kinds: prestoView("kinds", "SELECT label, n, dt, hour FROM sightings", {
    label: "varchar",
    n: "bigint",
    dt: "varchar",
    hour: "varchar",
  }),
};

describe("a query that fails", () => {
  let lake: TestLake;
  const putBytes = async (key: string, Body: Uint8Array | string) => {
    await lake.local.client(S3Client).send(new PutObjectCommand({ Bucket: "lake", Key: key, Body }));
  };
  const bytesOf = async (key: string) => {
    const { Body } = await lake.local
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: "lake", Key: key }));
    return Buffer.from(await Body!.transformToByteArray());
  };

  beforeAll(async () => {
    lake = await TestLake.start(resources);
    await lake.put(
      "sightings/dt=2026-11-20/hour=05/a.parquet",
      "SELECT 'PERSON' AS label, 1::BIGINT AS n, MAP {'site': 'x'} AS tags UNION ALL SELECT 'PET', 2, MAP {}",
    );
    for (const hour of ["00", "01", "02", "03", "04"])
      await lake.put(`damaged/dt=2026-11-20/hour=${hour}/a.parquet`, "SELECT i AS a FROM range(5000) r(i)");
    const whole = await bytesOf("damaged/dt=2026-11-20/hour=01/a.parquet");
    await putBytes("damaged/dt=2026-11-20/hour=01/a.parquet", Buffer.from(whole).fill(0xee, 10, 6000));
    await putBytes("damaged/dt=2026-11-20/hour=02/a.parquet", whole.subarray(0, whole.length - 20));
    await putBytes("damaged/dt=2026-11-20/hour=03/notes.txt", "what is this doing here?\n6.8\n");
    await putBytes(
      "damaged/dt=2026-11-20/hour=04/a.parquet",
      Buffer.from(whole).fill(
        0xee,
        whole.length - 8 - whole.readUInt32LE(whole.length - 8),
        whole.length - 8,
      ),
    );
    await putBytes("damaged/dt=2026-11-20/hour=05/tiny.parquet", "PAR1");
  });
  afterAll(() => lake.stop());

  test.each([
    ["WITH c AS (SELECT label AS l FROM sightings) SELECT nope FROM c", "1:53", "nope"],
    ["WITH c AS (SELECT label AS l FROM sightings)\nSELECT c.label FROM c", "2:8", "c.label"],
    ["WITH c AS (SELECT nope FROM sightings) SELECT * FROM c", "1:19", "nope"],
    ["SELECT x.nope FROM (SELECT label FROM sightings) x", "1:8", "x.nope"],
    ["SELECT 1 FROM (SELECT label FROM sightings) WHERE nope > 1", "1:51", "nope"],
    ["SELECT kinds.nope FROM kinds", "1:8", "kinds.nope"],
    ["SELECT label FROM kinds ORDER BY nope", "1:34", "nope"],
    ["SELECT label FROM sightings GROUP BY nope", "1:38", "nope"],
    ["SELECT a.label FROM sightings a JOIN kinds k ON a.n = k.nope", "1:55", "k.nope"],
    ["SELECT z.label FROM sightings a", "1:8", "z.label"],
    ["SELECT label FROM sightings WHERE n IN (SELECT nope FROM kinds)", "1:48", "nope"],
    ["SELECT label FROM sightings UNION ALL SELECT nope FROM kinds", "1:46", "nope"],
    ["SELECT row_number() OVER (PARTITION BY nope ORDER BY n) FROM sightings", "1:40", "nope"],
  ])("names the column and its position: %s", async (sql, at, column) => {
    expect(await lake.failure(sql)).toBe(`COLUMN_NOT_FOUND: line ${at}: Column '${column}' ${UNRESOLVED}`);
  });

  test.each([
    ["SELECT n / (n - 1) FROM sightings", "DIVISION_BY_ZERO: Division by zero"],
    ["SELECT n % 0 FROM sightings", "DIVISION_BY_ZERO: Division by zero"],
    ["SELECT CAST(label AS bigint) FROM sightings", "INVALID_CAST_ARGUMENT: Cannot cast 'PERSON' to BIGINT"],
    ["SELECT CAST('maybe' AS boolean)", "INVALID_CAST_ARGUMENT: Cannot cast 'maybe' to BOOLEAN"],
    ["SELECT CAST('2026-13-01' AS date)", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: 2026-13-01"],
    ["SELECT CAST('x' AS timestamp)", "INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: x"],
    ["SELECT 1,\n  DATE '2026-02-30'", "INVALID_LITERAL: line 2:3: '2026-02-30' is not a valid DATE literal"],
    [
      "SELECT CAST(n + 299 AS tinyint) FROM sightings",
      "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for tinyint: 300",
    ],
    ["SELECT 2147483647 + 1", "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow: 2147483647 + 1"],
    [
      "SELECT max(n) + 9223372036854775807 FROM sightings",
      "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 2 + 9223372036854775807",
    ],
    [
      "SELECT sum(x) FROM (VALUES 9223372036854775807, 1) AS t(x)",
      "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775808",
    ],
    ["SELECT tags['site'] FROM sightings", "INVALID_FUNCTION_ARGUMENT: Key not present in map: site"],
    [
      "SELECT ARRAY[1, 2][3]",
      "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 3 > 2",
    ],
    ["SELECT date_parse('x', '%Y')", `INVALID_FUNCTION_ARGUMENT: Invalid format: "x"`],
    ["SELECT json_parse('{')", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '{'"],
    [
      "SELECT (SELECT n FROM sightings)",
      "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows",
    ],
    [
      "SELECT label || n FROM sightings",
      "FUNCTION_NOT_FOUND: Unexpected parameters (varchar, bigint) for function concat",
    ],
    ["SELECT label + 1 FROM sightings", "TYPE_MISMATCH: Cannot apply operator: varchar + integer"],
    [
      "SELECT 1, lower(2)",
      "FUNCTION_NOT_FOUND: line 1:11: Unexpected parameters (integer) for function lower",
    ],
    ["SELECT sum(sum(n)) FROM sightings", "NESTED_AGGREGATION: Cannot nest aggregations inside aggregation"],
    [
      "SELECT label FROM sightings WHERE sum(n) > 1",
      "EXPRESSION_NOT_SCALAR: line 1:29: WHERE clause cannot contain aggregations, window functions or grouping operations",
    ],
    ["SELECT 1 UNION SELECT 1, 2", "TYPE_MISMATCH: UNION query has different number of fields"],
    ["SELECT FROM sightings", "SYNTAX_ERROR: line 1:8: mismatched input 'FROM'"],
    [
      "SELECT label,, n FROM sightings",
      "SYNTAX_ERROR: line 1:14: mismatched input ','. Unexpected token: Comma",
    ],
    [
      "SELECT label\nFROM",
      "SYNTAX_ERROR: line 2:5: mismatched input '<EOF>'. Expected table name or subquery, got From",
    ],
    [
      "SELECT * FROM sightings, nope",
      "TABLE_NOT_FOUND: line 1:26: Table 'awsdatacatalog.doorstep.nope' does not exist",
    ],
  ])("fails with Athena's message: %s", async (sql, reason) => {
    expect(await lake.failure(sql)).toBe(reason);
  });

  test.each([
    ["TRY(n / (n - 1))", [null, "2"]],
    ["TRY(CAST(label AS integer))", [null, null]],
    ["TRY(tags['site'])", ["x", null]],
    ["element_at(tags, 'site')", ["x", null]],
    ["CASE WHEN n > 1 THEN n / (n - 1) END", [null, "2"]],
  ])("does not fail inside TRY and TRY_CAST: %s", async (expression, values) => {
    const [, ...rows] = await lake.rows(`SELECT ${expression} FROM sightings ORDER BY n`);
    expect(rows.flat()).toEqual(values);
  });

  test.each([
    [
      "01",
      "HIVE_CURSOR_ERROR: Failed to read Parquet file: s3://lake/damaged/dt=2026-11-20/hour=01/a.parquet",
    ],
    [
      "03",
      "HIVE_BAD_DATA: Malformed Parquet file. Expected magic number: PAR1 got: 6.8\n [s3://lake/damaged/dt=2026-11-20/hour=03/notes.txt]",
    ],
    [
      "04",
      "HIVE_CURSOR_ERROR: Failed to read Parquet file: s3://lake/damaged/dt=2026-11-20/hour=04/a.parquet",
    ],
    [
      "05",
      "HIVE_BAD_DATA: Malformed Parquet file. s3://lake/damaged/dt=2026-11-20/hour=05/tiny.parquet is not a valid Parquet File [s3://lake/damaged/dt=2026-11-20/hour=05/tiny.parquet]",
    ],
  ])("names the file that is corrupt or not Parquet, in hour %s", async (hour, reason) => {
    expect(await lake.failure(`SELECT sum(a) FROM damaged WHERE hour = '${hour}'`)).toBe(reason);
  });

  test("affects neither the other partitions nor the next query", async () => {
    expect(await lake.failure("SELECT sum(a) FROM damaged WHERE hour = '02'")).toMatch(
      /^HIVE_BAD_DATA: Malformed Parquet file\. Expected magic number: PAR1 got: .{4} \[s3:\/\/lake\/damaged\/dt=2026-11-20\/hour=02\/a\.parquet\]$/s,
    );
    expect(await lake.rows("SELECT sum(a) AS a FROM damaged WHERE hour = '00'")).toEqual([
      ["a"],
      ["12497500"],
    ]);
  });
});

test.each([
  [
    "without SerdeInfo",
    { StorageDescriptor: { Columns: [{ Name: "x", Type: "int" }] } },
    "HIVE_METASTORE_ERROR: Table storage descriptor is missing SerDe info: view d.v: StorageDescriptor.SerdeInfo is missing; expected {}",
  ],
  [
    "with a description",
    { Description: "x" },
    `INVALID_VIEW: View 'awsdatacatalog.d.v' cannot be read: Description is "x"; expected none, since it overrides Parameters.comment`,
  ],
  [
    "without an owner",
    { Owner: undefined },
    "INVALID_VIEW: View 'awsdatacatalog.d.v' cannot be read: Owner is missing; expected a name, e.g. hadoop",
  ],
])("a view in another form than Athena's own is refused: %s", async (_, change, reason) => {
  const { TableInput } = prestoView("v", "SELECT 1 AS x", { x: "integer" }).Properties;
  const glue = { send: () => Promise.resolve({ Table: { ...TableInput, ...change } }) };
  await expect(findRelation(glue as unknown as GlueClient, "d", "v", undefined)).rejects.toThrow(
    new QueryError(reason),
  );
});
