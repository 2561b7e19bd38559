import { GetQueryResultsCommand } from "@aws-sdk/client-athena";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dtAndHour, parquetTable, prestoView, TestLake } from "./lake.ts";

const partitions = { dt: "string", hour: "string" };

const resources = {
  Sightings: parquetTable(
    "sightings",
    { label: "string", n: "bigint", seen_at: "timestamp", share: "double", added: "int" },
    partitions,
    dtAndHour("sightings"),
  ),
  Values: parquetTable("kinds", {
    id: "int",
    flag: "boolean",
    small: "float",
    big: "double",
    price: "decimal(10,2)",
    day: "date",
    at: "timestamp",
    raw: "binary",
    list: "array<string>",
    tags: "map<string,string>",
    box: "struct<left:double,name:string>",
  }),
  Empty: parquetTable("empty", { a: "int" }, partitions, dtAndHour("empty")),
  Unregistered: parquetTable("unregistered", { a: "int" }, { dt: "string" }),
  Broken: parquetTable("broken", { a: "int" }),
  Mistyped: parquetTable("mistyped", { a: "bigint", b: "string" }),
  Injected: parquetTable(
    "injected",
    { a: "int" },
    { camera: "string" },
    {
      "projection.enabled": "true",
      "projection.camera.type": "injected",
      "storage.location.template": "s3://lake/injected/${camera}/",
    },
  ),
  Once: prestoView(
    "once",
    "SELECT label, n, dt, hour FROM (SELECT *, row_number() OVER (PARTITION BY dt, hour, label, n ORDER BY seen_at) AS nth FROM sightings) WHERE nth = 1",
    { label: "varchar", n: "bigint", dt: "varchar", hour: "varchar" },
  ),
  Nested: prestoView("nested", "SELECT label AS what, count(*) AS times FROM once GROUP BY label", {
    what: "varchar",
    times: "bigint",
  }),
  Stale: prestoView("stale", "SELECT label FROM sightings", { lable: "varchar" }),
};

describe("a query", () => {
  let lake: TestLake;
  beforeAll(async () => {
    lake = await TestLake.start(resources);
    const rows = (label: string, n: number) =>
      `SELECT '${label}' AS label, ${n}::BIGINT AS n, TIMESTAMP '2026-11-20 05:00:00.123' AS seen_at, 0.5::DOUBLE AS share`;
    await lake.put(
      "sightings/dt=2026-11-20/hour=05/a.parquet",
      `${rows("PERSON", 1)} UNION ALL ${rows("PERSON", 1)} UNION ALL ${rows("PET", 2)}`,
    );
    await lake.put(
      "sightings/dt=2026-11-20/hour=10/b.parquet",
      `SELECT *, 7 AS added FROM (${rows("PACKAGE", 3)})`,
    );
    for (const key of [
      "sightings/dt=2025-12-31/hour=05/early.parquet",
      "sightings/dt=2026-11-20/hour=5/unpadded.parquet",
      "sightings/dt=2026-11-20/hour=24/late.parquet",
      "sightings/dt=20261120/hour=05/spelled.parquet",
      "sightings/dt=2026-11-20/hour=05/_hidden.parquet",
      "sightings/stray.parquet",
    ])
      await lake.put(key, rows("NEVER", 99));
    await lake.put(
      "kinds/a.parquet",
      `SELECT 1 AS id, true AS flag, 0.1::FLOAT AS small, 1e10::DOUBLE AS big, 12.5::DECIMAL(10,2) AS price,
         DATE '2026-11-21' AS day, TIMESTAMP '2026-11-21 10:00:00.123' AS at, 'hi'::BLOB AS raw,
         ['a', NULL] AS list, MAP {'k': 'v', 'l': NULL} AS tags, {'left': 0.25::DOUBLE, 'name': 'x'} AS box
       UNION ALL SELECT 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`,
    );
    await lake.put("mistyped/a.parquet", "SELECT 'x' AS a, 'y' AS b");
    await lake.put("injected/front/a.parquet", "SELECT 1 AS a");
    await lake.put("injected/back/a.parquet", "SELECT 2 AS a");
    const s3 = lake.local.client(S3Client);
    await s3.send(
      new PutObjectCommand({ Bucket: "lake", Key: "broken/a.parquet", Body: "this is no Parquet file" }),
    );
  });
  afterAll(() => lake.stop());

  test("reads exactly the partitions of the projection, with exactly its spelling", async () => {
    expect(await lake.rows("SELECT label, n, dt, hour FROM sightings ORDER BY n, label")).toEqual([
      ["label", "n", "dt", "hour"],
      ["PERSON", "1", "2026-11-20", "05"],
      ["PERSON", "1", "2026-11-20", "05"],
      ["PET", "2", "2026-11-20", "05"],
      ["PACKAGE", "3", "2026-11-20", "10"],
    ]);
  });

  test("reads tomorrow's partition, and none beyond NOW+1DAY until the clock reaches it", async () => {
    const day = (offset: number) =>
      new Date(lake.local.clock.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const [tomorrow, later] = [day(1), day(2)];
    await lake.put(`empty/dt=${tomorrow}/hour=00/a.parquet`, "SELECT 1 AS a");
    await lake.put(`empty/dt=${later}/hour=00/a.parquet`, "SELECT 2 AS a");
    expect(await lake.rows("SELECT a FROM empty")).toEqual([["a"], ["1"]]);
    lake.local.clock.turn(86_400_000);
    expect(await lake.rows("SELECT a FROM empty ORDER BY a")).toEqual([["a"], ["1"], ["2"]]);
  });

  test("scans only the files that match its conditions on partition columns, also through views", async () => {
    const scanned = async (sql: string) => (await lake.run(sql)).Statistics?.DataScannedInBytes;
    const size05 = await scanned("SELECT label, n FROM sightings WHERE hour = '05'");
    const size10 = await scanned("SELECT label, n FROM sightings WHERE hour = '10'");
    expect(size05).toBeGreaterThan(0);
    expect(size10).toBeGreaterThan(0);
    for (const [sql, bytes] of [
      ["SELECT label, n FROM sightings", size05! + size10!],
      ["SELECT label FROM sightings WHERE hour IN ('05', '06') AND n > 0", size05],
      ["SELECT label, n FROM sightings WHERE CAST(dt AS date) > DATE '2026-11-20'", 0],
      ["SELECT label, n FROM sightings WHERE dt || '-' || hour >= '2026-11-20-10'", size10],
      ["SELECT label, n FROM sightings WHERE hour BETWEEN '06' AND '11'", size10],
      ["SELECT label, n FROM sightings WHERE hour > '05' AND dt >= '2026-11-20'", size10],
      ["SELECT label, n FROM sightings WHERE CAST(hour AS integer) < 6", size05],
      ["SELECT label, n FROM sightings WHERE hour = '05' OR (dt = '2026-11-20' AND hour = '07')", size05],
      ["SELECT label, n FROM sightings WHERE dt = date_format(current_date, '%Y-%m-%d')", 0],
      [
        "SELECT label, n FROM sightings WHERE hour = '10' AND dt > date_format(DATE '2026-11-21' - INTERVAL '7' DAY, '%Y-%m-%d')",
        size10,
      ],
      [
        "SELECT label, n FROM sightings WHERE dt = format_datetime(TIMESTAMP '2026-11-20 01:00:00', 'yyyy-MM-dd') AND hour = lpad('5', 2, '0')",
        size05,
      ],
      ["SELECT x.label FROM (SELECT * FROM sightings) x WHERE x.hour = '05' AND x.n > 0", size05],
      [
        "WITH s AS (SELECT * FROM sightings WHERE dt = '2026-11-20') SELECT label FROM s WHERE hour = '05' AND n > 0",
        size05,
      ],
      [
        "SELECT 1 FROM sightings a JOIN sightings b ON a.n = b.n AND a.label = b.label WHERE a.hour = '05' AND b.hour = '10'",
        size05! + size10!,
      ],
      [
        "SELECT 1 FROM sightings a LEFT JOIN sightings b ON a.n = b.n AND a.label = b.label AND b.hour = '10' WHERE a.hour = '05'",
        size05! + size10!,
      ],
      [
        "SELECT label FROM sightings WHERE hour = '05' AND n > 0 UNION ALL SELECT label FROM sightings WHERE hour = '10' AND n > 0",
        size05! + size10!,
      ],
      ["SELECT 1", 0],
    ] as const)
      expect([sql, await scanned(sql)]).toEqual([sql, bytes]);
    const seen = await scanned("SELECT label, n, seen_at FROM sightings WHERE hour = '05'");
    expect(await scanned("SELECT label, n FROM once WHERE dt = '2026-11-20' AND hour = '05'")).toBe(seen);
    expect(
      await scanned(
        "SELECT max(a.n) FROM once a JOIN once b ON a.dt = b.dt AND a.hour = b.hour AND a.label = b.label WHERE b.hour = '05'",
      ),
    ).toBe(2 * seen!);
    expect(await scanned("SELECT what FROM nested")).toBe(
      await scanned("SELECT label, n, seen_at FROM sightings"),
    );
  });

  test("reads views, and views of views, with each fact once", async () => {
    expect(await lake.rows("SELECT what, times FROM nested ORDER BY what")).toEqual([
      ["what", "times"],
      ["PACKAGE", "1"],
      ["PERSON", "1"],
      ["PET", "1"],
    ]);
  });

  test("returns NULL for a column that an older file lacks", async () => {
    expect(await lake.rows("SELECT label, added FROM sightings WHERE n > 1 ORDER BY n")).toEqual([
      ["label", "added"],
      ["PET", null],
      ["PACKAGE", "7"],
    ]);
  });

  test("returns no rows of a table without files or with partitions that are not projected", async () => {
    expect(await lake.rows("SELECT * FROM empty WHERE dt = '2026-01-01'")).toEqual([["a", "dt", "hour"]]);
    expect(await lake.rows("SELECT count(*) FROM unregistered")).toEqual([["_col0"], ["0"]]);
  });

  test("formats and describes every type as Athena does", async () => {
    const { QueryExecutionId } = await lake.run("SELECT * FROM kinds ORDER BY id");
    const { ResultSet } = await lake.athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    const [, first, second] = ResultSet!.Rows!.map(({ Data = [] }) => Data.map((cell) => cell.VarCharValue));
    expect(first).toEqual([
      "1",
      "true",
      "0.1",
      "1.0E10",
      "12.50",
      "2026-11-21",
      "2026-11-21 10:00:00.123",
      "68 69",
      "[a, null]",
      "{k=v, l=null}",
      "{left=0.25, name=x}",
    ]);
    expect(second).toEqual(["2", ...Array<undefined>(10)]);
    expect(ResultSet!.ResultSetMetadata!.ColumnInfo!.map(({ Name, Type }) => [Name, Type])).toEqual([
      ["id", "integer"],
      ["flag", "boolean"],
      ["small", "float"],
      ["big", "double"],
      ["price", "decimal"],
      ["day", "date"],
      ["at", "timestamp"],
      ["raw", "varbinary"],
      ["list", "array"],
      ["tags", "map"],
      ["box", "row"],
    ]);
  });

  test("writes a CSV file of quoted values to S3, with NULL as an empty field", async () => {
    const { ResultConfiguration, QueryExecutionId } = await lake.run(
      `SELECT 'say "hi"' AS quote, NULL AS nothing, '' AS empty, 'a\nb' AS lines, 1 + 1`,
    );
    expect(ResultConfiguration?.OutputLocation).toBe(`s3://results/out/${QueryExecutionId}.csv`);
    const { Body } = await lake.local
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: "results", Key: `out/${QueryExecutionId}.csv` }));
    expect(await Body!.transformToString()).toBe(
      '"quote","nothing","empty","lines","_col4"\n"say ""hi""",,"","a\nb","2"\n',
    );
  });

  test("returns its rows in pages; the header is the first row of the first page", async () => {
    const { QueryExecutionId } = await lake.run("SELECT n FROM UNNEST(sequence(1, 5)) AS t(n) ORDER BY n");
    const pages: (string | undefined)[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await lake.athena.send(
        new GetQueryResultsCommand({ QueryExecutionId, MaxResults: 2, ...(NextToken && { NextToken }) }),
      );
      pages.push(page.ResultSet!.Rows!.map(({ Data = [] }) => Data[0]?.VarCharValue));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(pages).toEqual([
      ["n", "1"],
      ["2", "3"],
      ["4", "5"],
    ]);
  });

  test("may have quotes in a constant", async () => {
    expect(
      await lake.rows("SELECT n FROM sightings WHERE dt = 'x'' OR dt=''2026-11-20' OR hour = 'it''s'"),
    ).toEqual([["n"]]);
  });

  test("runs concurrently with others on tables of the same names", async () => {
    const answers = await Promise.all(
      ["05", "10", "05", "10", "05", "10"].map((hour) =>
        lake.rows(`SELECT max(n) AS n FROM once WHERE hour = '${hour}'`),
      ),
    );
    expect(answers.map(([, row]) => row)).toEqual([["2"], ["3"], ["2"], ["3"], ["2"], ["3"]]);
  });

  test("may compare results of functions", async () => {
    expect(
      await lake.rows(`SELECT n FROM sightings WHERE to_unixtime(seen_at) * 1000 > n AND from_unixtime(n) < seen_at
        AND date_parse(concat(dt, hour), '%Y-%m-%d%H') >= TIMESTAMP '2026-11-20 06:00:00'
        AND starts_with(label, 'P') AND n IN (SELECT 3) AND share > 0`),
    ).toEqual([["n"], ["3"]]);
    expect(
      await lake.rows(
        "SELECT h FROM (SELECT CAST(hour AS integer) AS hour, hour AS h FROM sightings) WHERE hour = 10",
      ),
    ).toEqual([["h"], ["10"]]);
  });

  test("reads elements of arrays, maps and structs", async () => {
    expect(
      await lake.rows(
        "SELECT list[1], element_at(list, 9), k.tags['k'], box.name, k.box.left FROM kinds k WHERE id = 1",
      ),
    ).toEqual([
      ["_col0", "_col1", "_col2", "name", "left"],
      ["a", null, "v", "x", "0.25"],
    ]);
  });

  test("needs a constant for an injected partition column", async () => {
    expect(await lake.rows("SELECT a, camera FROM injected WHERE camera = 'back'")).toEqual([
      ["a", "camera"],
      ["2", "back"],
    ]);
    expect(await lake.failure("SELECT a FROM injected WHERE camera > 'a'")).toBe(
      "CONSTRAINT_VIOLATION: For the injected projected partition column camera, the WHERE clause must contain " +
        "only static equality conditions, and at least one such condition must be present.",
    );
  });

  test.each([
    ["SELECT * FROM nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.doorstep.nope' does not exist"],
    ["SELECT *\nFROM nowhere.t", "SCHEMA_NOT_FOUND: line 2:6: Schema 'nowhere' does not exist"],
    [
      "SELECT nope FROM sightings",
      "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved or requester is not authorized to access requested resources",
    ],
    [
      "SELECT s.nope FROM sightings s",
      "COLUMN_NOT_FOUND: line 1:8: Column 's.nope' cannot be resolved or requester is not authorized to access requested resources",
    ],
    [
      "SELECT label AS what FROM sightings\nWHERE what = 'PET'",
      "COLUMN_NOT_FOUND: line 2:7: Column 'what' cannot be resolved or requester is not authorized to access requested resources",
    ],
    ["SELECT label FROM sightings a, sightings b", "AMBIGUOUS_NAME: line 1:8: Column 'label' is ambiguous"],
    [
      "SELECT label, count(*) FROM sightings",
      "EXPRESSION_NOT_AGGREGATE: line 1:8: 'label' must be an aggregate expression or appear in GROUP BY clause",
    ],
    [
      "SELECT label FROM sightings WHERE hour = 5",
      "TYPE_MISMATCH: Cannot apply operator: Incompatible comparison between string and integer; cast one side, Athena does not",
    ],
    [
      "SELECT 1, strftime(2)",
      "FUNCTION_NOT_FOUND: line 1:11: Function 'strftime' not registered in the local Athena",
    ],
    ["SELECT * FROM read_parquet('/etc/passwd')", "SYNTAX_ERROR: line 1:27: mismatched input '('"],
    [
      "SELECT sum(label) FROM sightings",
      "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar) for function sum",
    ],
    ["SELECT CAST('x' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to INT"],
    ["SELECT n / 0 FROM sightings", "DIVISION_BY_ZERO: Division by zero"],
    [
      "SELECT label AS l, count(*) FROM sightings GROUP BY l",
      "COLUMN_NOT_FOUND: line 1:53: Column 'l' cannot be resolved or requester is not authorized to access requested resources",
    ],
    [
      "SELECT * FROM sightings WHERE seen_at > '2026-11-21'",
      "TYPE_MISMATCH: Cannot apply operator: Incompatible comparison between timestamp and string; cast one side, Athena does not",
    ],
    ["SELECT 1 +", "SYNTAX_ERROR: line 1:11: mismatched input '<EOF>'. Unexpected token: Plus"],
    [
      "SELEC 1",
      "SYNTAX_ERROR: line 1:1: mismatched input 'SELEC'. Expecting: SELECT, WITH, VALUES, PREPARE, EXECUTE, DEALLOCATE, SHOW TABLES, SHOW PARTITIONS, DESCRIBE and EXPLAIN",
    ],
    ["SELECT 1; SELECT 2", "Only one sql statement is allowed. Got: SELECT 1; SELECT 2"],
    [
      "SELECT * FROM stale",
      "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.doorstep.stale': VIEW_IS_STALE: the view declares the columns lable, but its SQL has label",
    ],
    [
      "SELECT a FROM broken",
      "HIVE_BAD_DATA: Malformed Parquet file. Expected magic number: PAR1 got: file [s3://lake/broken/a.parquet]",
    ],
    [
      "SELECT a FROM mistyped",
      "HIVE_BAD_DATA: Field a's type BYTE_ARRAY in parquet file s3://lake/mistyped/a.parquet is incompatible with type bigint defined in table schema",
    ],
  ])("fails with Athena's message: %s", async (sql, reason) => {
    expect(await lake.failure(sql)).toBe(reason);
  });

  test("ignores a mistyped column that it does not read", async () => {
    expect(await lake.rows("SELECT b FROM mistyped")).toEqual([["b"], ["y"]]);
  });

  test("that would change data is refused, and the message names where data comes from", async () => {
    expect(await lake.failure("CREATE TABLE x AS SELECT 1")).toBe(
      "NOT_SUPPORTED: line 1:1: CREATE is not emulated; the local Athena has SELECT, WITH, VALUES, PREPARE, EXECUTE, DEALLOCATE, SHOW TABLES, " +
        "SHOW PARTITIONS, DESCRIBE and EXPLAIN. Databases, tables and views come from the CloudFormation template, " +
        "data from the delivery stream",
    );
  });

  test("returns no header for SHOW and DESCRIBE", async () => {
    expect(await lake.rows("SHOW TABLES 's*'")).toEqual([["sightings"], ["stale"]]);
    expect(await lake.rows("SHOW TABLES IN doorstep 'onc*|nested'")).toEqual([["nested"], ["once"]]);
    expect(await lake.rows("SHOW PARTITIONS sightings")).toEqual([]);
    expect(await lake.rows("DESCRIBE broken")).toEqual([
      ["a                   \tint                 \t                    "],
    ]);
  });

  test("can be explained", async () => {
    const rows = await lake.rows("EXPLAIN SELECT label FROM sightings WHERE hour = '05'");
    expect(rows[0]).toEqual(["Query Plan"]);
    expect(rows.flat().join("\n")).toContain("hour='05'");
  });

  test("may name a common table expression like the table it reads", async () => {
    expect(
      await lake.rows("WITH sightings AS (SELECT label FROM sightings WHERE n = 3) SELECT * FROM sightings"),
    ).toEqual([["label"], ["PACKAGE"]]);
  });

  test("has today's date from the clock of the local cloud", async () => {
    const [, [today] = []] = await lake.rows("SELECT current_date");
    expect(today).toBe(new Date(lake.local.clock.now()).toISOString().slice(0, 10));
    expect(today).not.toBe(new Date().toISOString().slice(0, 10));
  });
});
