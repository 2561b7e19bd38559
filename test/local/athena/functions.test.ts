import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { FUNCTIONS } from "../../../local/athena/sql/functions.ts";
import { TestLake, type Rows } from "./lake.ts";

const ROWS = "(VALUES (1, 10), (2, 20), (3, 30)) AS t(x, y)";

describe("Athena SQL", () => {
  let lake: TestLake;
  beforeAll(async () => {
    lake = await TestLake.start({});
  });
  afterAll(() => lake.stop());

  /** Completes an example that opens a subquery; its FROM are the rows by default. */
  const queryOf = (example: string): string => {
    if (!example.includes("FROM (SELECT")) return `SELECT ${example} FROM ${ROWS} ORDER BY 1 LIMIT 1`;
    return `SELECT ${example}${example.includes("UNNEST") ? "" : ` FROM ${ROWS}`})`;
  };

  test.each([...FUNCTIONS.values()].map(({ name, example, result }) => [name, example, result] as const))(
    "has %s: %s is %s",
    async (_, example, result) => {
      const [, [value] = []] = await lake.rows(queryOf(example));
      expect(value).toBe(result);
    },
  );

  test.each<[string, Rows]>([
    ["SELECT DATE '2026-11-21' - INTERVAL '7' DAY", [["_col0"], ["2026-11-14"]]],
    ["SELECT CAST(DATE '2026-11-21' - INTERVAL '7' DAY AS varchar)", [["_col0"], ["2026-11-14"]]],
    [
      "SELECT TIMESTAMP '2026-11-21 23:30:00' + INTERVAL '1' HOUR AS later",
      [["later"], ["2026-11-22 00:30:00.000"]],
    ],
    ["SELECT date_trunc('hour', TIMESTAMP '2026-11-21 10:11:12') AS h", [["h"], ["2026-11-21 10:00:00.000"]]],
    ["SELECT date_add('month', -1, DATE '2026-03-31') AS d", [["d"], ["2026-02-28"]]],
    ["SELECT date_diff('day', DATE '2026-11-20', DATE '2026-11-22') AS d", [["d"], ["2"]]],
    ["SELECT hour(TIMESTAMP '2026-11-21 10:00:00' AT TIME ZONE 'Europe/Berlin') AS h", [["h"], ["11"]]],
    ["SELECT extract(dow FROM DATE '2026-11-22') AS d", [["d"], ["7"]]],
    [
      "SELECT 5 / 2, 5e0 / 2, 7 % 4",
      [
        ["_col0", "_col1", "_col2"],
        ["2", "2.5", "3"],
      ],
    ],
    [
      "VALUES (1, 'a'), (2, NULL)",
      [
        ["_col0", "_col1"],
        ["1", "a"],
        ["2", null],
      ],
    ],
    ["SELECT u FROM (VALUES ARRAY[1, 2]) AS t(a) CROSS JOIN UNNEST(a) AS v(u)", [["u"], ["1"], ["2"]]],
    [
      "SELECT k, v FROM (VALUES MAP(ARRAY['a', 'b'], ARRAY[1, 2])) AS t(m) CROSS JOIN UNNEST(m) AS u(k, v) ORDER BY k",
      [
        ["k", "v"],
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "SELECT a, b, o FROM UNNEST(ARRAY['x', 'y'], ARRAY[1]) WITH ORDINALITY AS t(a, b, o) ORDER BY o",
      [
        ["a", "b", "o"],
        ["x", "1", "1"],
        ["y", null, "2"],
      ],
    ],
    [
      "SELECT a, o FROM UNNEST(ARRAY['x', 'y']) WITH ORDINALITY AS t(a, o) ORDER BY o",
      [
        ["a", "o"],
        ["x", "1"],
        ["y", "2"],
      ],
    ],
    [
      "WITH a(x) AS (VALUES 1, 2), b AS (SELECT x * 10 AS y FROM a) SELECT sum(y) FROM b WHERE y IN (SELECT 20)",
      [["_col0"], ["20"]],
    ],
    [
      "SELECT x, count(*) FROM (VALUES 1, 1, 2) AS t(x) GROUP BY ROLLUP (x) ORDER BY x NULLS LAST",
      [
        ["x", "_col1"],
        ["1", "2"],
        ["2", "1"],
        [null, "3"],
      ],
    ],
    [
      "SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x",
      [
        ["x", "_col1"],
        ["1", "1"],
        ["2", "3"],
        ["3", "5"],
      ],
    ],
    ["SELECT 1 AS one UNION ALL SELECT 2 EXCEPT SELECT 3 ORDER BY one DESC LIMIT 1", [["one"], ["2"]]],
    ["SELECT CASE WHEN 'a' LIKE 'A%' THEN 1 WHEN 2 BETWEEN 1 AND 3 THEN 2 END AS c", [["c"], ["2"]]],
    [
      "SELECT filter(ARRAY[1, 2, 3], e -> e > 1) AS f, max(x) FILTER (WHERE x < 3) AS m FROM (VALUES 1, 2, 3) t(x)",
      [
        ["f", "m"],
        ["[2, 3]", "2"],
      ],
    ],
    [
      "SELECT count(*) AS \"how many\" -- a comment; with a semicolon\nFROM (VALUES 'é', '😀') AS t(x)",
      [["how many"], ["2"]],
    ],
  ])("runs %s", async (sql, rows) => {
    expect(await lake.rows(sql)).toEqual(rows);
  });
});
