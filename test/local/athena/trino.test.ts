import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { TestLake } from "./lake.ts";

// Every expected value and error name here is Trino 435's (`npm run test:trino` compares with Trino itself).
let lake: TestLake;
beforeAll(async () => {
  lake = await TestLake.start({});
});
afterAll(() => lake.stop());

const valueOf = async (sql: string): Promise<string | null> => (await lake.rows(sql))[1]![0]!;

describe("the local Athena returns what Athena's engine returns", () => {
  test.each<[rule: string, expression: string, value: string | null]>([
    ["a decimal literal keeps its digits", "DECIMAL '0.00817' * 606", "4.95102"],
    ["a decimal without a size has no fraction", "CAST(2.6 AS decimal)", "3"],
    ["decimals divide into decimals", "1 / 3.000 + 7 / 2.00", "3.833"],
    ["an average of decimals is a decimal", "avg(d) FROM (VALUES 1.25, 2.50, 4.00) AS t(d)", "2.58"],
    ["a rounded decimal keeps its scale", "round(1.2345, 2)", "1.2300"],
    ["a double divides by zero", "-1e0 / 0", "-Infinity"],
    ["zero divided by zero is not a number", "0e0 / 0", "NaN"],
    ["text that is no whole number casts to nothing", "try_cast('2.5' AS integer)", null],
    ["text with spaces casts to no integer", "try_cast(' 12 ' AS integer)", null],
    ["a date has hyphens", "try_cast('2026/01/05' AS date)", null],
    ["a timestamp has a space", "try_cast('2026-01-05T10:00:00' AS timestamp)", null],
    ["yes is no truth value", "try_cast('yes' AS boolean)", null],
    ["a double as text is scientific", "CAST(100e0 AS varchar)", "1.0E2"],
    ["substr from 0 is empty", "substr('abcdef', 0)", ""],
    ["substr from before the beginning is empty", "substr('abcdef', -10)", ""],
    ["array_distinct keeps NULL", "array_distinct(ARRAY[1, NULL, 1, NULL])", "[1, null]"],
    ["contains does not know beside NULL", "contains(ARRAY[1, NULL], 2)", null],
    ["any_match does not know beside NULL", "any_match(ARRAY[1, NULL], x -> x > 1)", null],
    ["approx_percentile takes the upper of two", "approx_percentile(x, 0.5) FROM (VALUES 1, 3) AS t(x)", "3"],
    ["map_agg takes a key twice", "map_agg(k, v) FROM (VALUES ('a', 1), ('a', 1)) AS t(k, v)", "{a=1}"],
    ["json_extract_scalar of no JSON is NULL", "json_extract_scalar('no json', '$.a')", null],
    ["a JSON path has names in brackets", `json_extract_scalar('{"a b":1}', '$["a b"]')`, "1"],
    ["JSON text casts to text", `CAST(json_parse('"x"') AS varchar)`, "x"],
    ["a string ends in a backslash", "'a\\'", "a\\"],
    ["LIKE is escaped by a backslash", "'axb' LIKE 'a\\_b' ESCAPE '\\'", "false"],
    ["sums are bigints", "typeof(sum(1))", "bigint"],
    ["quotients of decimals are decimals", "typeof(1 / 2.0)", "decimal(12,1)"],
    ["a row without names has fields", "ROW(1, 'a')", "{field0=1, field1=a}"],
    ["sequences go down", "sequence(3, 1)", "[3, 2, 1]"],
    ["dates subtract into an interval", "DATE '2026-03-05' - DATE '2026-03-01'", "4 00:00:00.000"],
    ["hexadecimal numbers are numbers", "0xFF", "255"],
  ])("%s: %s", async (_, expression, value) => {
    expect(await valueOf(`SELECT ${expression}`)).toBe(value);
  });

  test("JSON is a type of its own", async () => {
    expect(await lake.types("SELECT json_parse('1') AS j, approx_percentile(1, 0.5) AS p")).toEqual([
      "json",
      "bigint",
    ]);
  });
});

describe("the local Athena refuses what Athena's engine refuses", () => {
  const FROM = "FROM (VALUES (1, 2)) AS t(x, y)";
  test.each([
    ["an alias beside its definition", "SELECT 1 AS a, a + 1", "COLUMN_NOT_FOUND: line 1:16"],
    ["OFFSET after LIMIT", `SELECT x ${FROM} LIMIT 2 OFFSET 1`, "SYNTAX_ERROR: line 1:50: mismatched input 'OFFSET'"],
    ["ILIKE", "SELECT 'a' ILIKE 'A'", "SYNTAX_ERROR: line 1:18: mismatched input ''A''"],
    ["a cast by colons", "SELECT '1'::integer", "SYNTAX_ERROR: line 1:11: mismatched input '::'"],
    ["a double equals sign", "SELECT 1 == 1", "SYNTAX_ERROR: line 1:10: mismatched input '=='"],
    ["a tilde", "SELECT 'a' ~ 'a'", "SYNTAX_ERROR: line 1:12: mismatched input '~'"],
    ["GROUP BY ALL", `SELECT x, count(*) ${FROM} GROUP BY ALL`, "COLUMN_NOT_FOUND: line 1:61: Column 'all' cannot be resolved"],
    ["a list without ARRAY", "SELECT [1, 2]", "SYNTAX_ERROR: line 1:8: mismatched input '['"],
    ["DISTINCT ON", `SELECT DISTINCT ON (x) x ${FROM}`, "SYNTAX_ERROR: line 1:17: mismatched input 'ON'"],
    ["QUALIFY", `SELECT x ${FROM} QUALIFY row_number() OVER (ORDER BY x) = 1`, "SYNTAX_ERROR"],
    ["backquotes", "SELECT `x` FROM (VALUES 1) AS t(x)", "SYNTAX_ERROR: line 1:8: backquoted identifiers are not supported"],
    ["a comma before FROM", `SELECT x, ${FROM}`, "SYNTAX_ERROR: line 1:11: mismatched input 'FROM'"],
    ["an interval without quotes", "SELECT INTERVAL 7 DAY", "SYNTAX_ERROR: line 1:17: mismatched input '7'"],
    ["NATURAL JOIN", `SELECT * ${FROM} NATURAL JOIN (VALUES 1) AS u(x)`, "NOT_SUPPORTED: line 1:42: Natural join not supported"],
    ["a table function", "SELECT * FROM range(5)", "SYNTAX_ERROR: line 1:20: mismatched input '('"],
    ["a type of another engine", "SELECT CAST(1 AS int8)", "TYPE_MISMATCH: line 1:8: Unknown type: int8"],
    ["text that is no whole number", "SELECT CAST('2.5' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast '2.5' to INT"],
    ["a number too long for its text", "SELECT CAST(12345 AS varchar(3))", "INVALID_CAST_ARGUMENT: Value 12345 cannot be represented as varchar(3)"],
    ["an array as text", "SELECT CAST(ARRAY[1] AS varchar)", "TYPE_MISMATCH: Cannot cast array(integer) to varchar"],
    ["concat of a number", "SELECT concat('a', 1)", "FUNCTION_NOT_FOUND: Unexpected parameters (varchar, integer) for function concat"],
    ["CASE of two types", "SELECT CASE WHEN true THEN 1 ELSE 'a' END", "TYPE_MISMATCH: All CASE results must be the same type"],
    ["coalesce of two types", "SELECT coalesce(1, 'a')", "TYPE_MISMATCH: All COALESCE operands must be the same type"],
    ["UNION of two types", "SELECT 1 UNION SELECT 'a'", "TYPE_MISMATCH: column 1 in UNION query has incompatible types: integer, varchar"],
    ["a number as condition", "SELECT 1 WHERE 1", "TYPE_MISMATCH: a condition must evaluate to a boolean (actual: integer)"],
    ["NOT of a number", "SELECT NOT 1", "TYPE_MISMATCH: a condition must evaluate to a boolean (actual: integer)"],
    ["a function of another type", "SELECT from_unixtime('5')", "FUNCTION_NOT_FOUND: Unexpected parameters (varchar) for function from_unixtime"],
    ["a date plus a number", "SELECT DATE '2026-03-05' + 1", "TYPE_MISMATCH: Cannot apply operator: date + integer"],
    ["a comparison of calls", "SELECT length('a') = upper('a')", "TYPE_MISMATCH: Cannot apply operator: bigint = varchar"],
    ["an order that DISTINCT does not select", `SELECT DISTINCT x ${FROM} ORDER BY y`, "EXPRESSION_NOT_IN_DISTINCT"],
    ["a path of JSON that is none", `SELECT json_extract_scalar('{"a":1}', 'bad')`, "INVALID_FUNCTION_ARGUMENT: Invalid JSON path: 'bad'"],
    ["a hidden column, by its name", 'SELECT "$path" FROM (VALUES 1) AS t(x)', 'NOT_SUPPORTED: line 1:8: the column "$path" is not emulated'],
  ])("%s", async (_, sql, error) => {
    const reason = await lake.failure(sql);
    expect(reason?.slice(0, error.length)).toBe(error);
  });
}); // prettier-ignore
