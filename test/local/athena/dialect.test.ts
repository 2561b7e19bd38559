import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { TestLake } from "./lake.ts";

describe("Athena SQL, as Trino documents it,", () => {
  let lake: TestLake;
  beforeAll(async () => {
    lake = await TestLake.start({});
  });
  afterAll(() => lake.stop());

  /** Rows as text: values separated by " , ", rows by " ; ". */
  const answer = async (sql: string): Promise<string> => {
    const [, ...rows] = await lake.rows(sql);
    return rows.map((row) => row.map((value) => value ?? "NULL").join(" , ")).join(" ; ");
  };

  test.each([
    ["SELECT approx_percentile(x, 0.5) FROM (VALUES 1.0e0, 2.0e0, 3.0e0) t(x)", "2.0"],
    ["SELECT approx_percentile(x, 0.95) FROM (VALUES 10, 20, 30, 40) t(x)", "40"],
    ["SELECT approx_distinct(x) FROM (VALUES 1, 2, 2) t(x)", "2"],
    ["SELECT date_trunc('hour', TIMESTAMP '2026-11-21 10:11:12.345 UTC')", "2026-11-21 10:00:00.000 UTC"],
    ["SELECT date_trunc('month', DATE '2026-11-21')", "2026-11-01"],
    [
      "SELECT date_diff('second', TIMESTAMP '2026-11-21 10:00:00', TIMESTAMP '2026-11-21 10:00:59.999')",
      "59",
    ],
    ["SELECT date_diff('week', DATE '2026-11-01', DATE '2026-11-21')", "2"],
    ["SELECT date_diff('day', TIMESTAMP '2026-11-20 23:00:00', TIMESTAMP '2026-11-21 22:00:00')", "0"],
    [
      "SELECT date_diff('millisecond', TIMESTAMP '2026-11-21 10:00:00', TIMESTAMP '2026-11-21 10:00:00.250')",
      "250",
    ],
    ["SELECT date_add('day', 1, DATE '2026-11-30')", "2026-12-01"],
    ["SELECT date_add('week', -1, TIMESTAMP '2026-11-21 10:00:00')", "2026-11-14 10:00:00.000"],
    ["SELECT date_add('quarter', 1, DATE '2026-11-30')", "2027-02-28"],
    ["SELECT from_unixtime(1.5)", "1970-01-01 00:00:01.500 UTC"],
    ["SELECT from_unixtime(1795255872345 / 1000e0)", "2026-11-21 10:11:12.345 UTC"],
    ["SELECT CAST(from_unixtime(1795255872) AS date)", "2026-11-21"],
    ["SELECT CAST(from_unixtime(1795255872) AS timestamp)", "2026-11-21 10:11:12.000"],
    ["SELECT to_unixtime(TIMESTAMP '1970-01-01 00:00:01.500')", "1.5"],
    ["SELECT hour(from_unixtime(1795255872) AT TIME ZONE 'Europe/Berlin')", "11"],
    [
      "SELECT date_format(TIMESTAMP '2026-11-21 10:11:12.345' AT TIME ZONE 'Europe/Berlin', '%H:%i')",
      "11:11",
    ],
    ["SELECT CAST(from_unixtime(1795302000) AT TIME ZONE 'Europe/Berlin' AS date)", "2026-11-22"],
    [
      "SELECT date_format(TIMESTAMP '2026-11-21 15:04:05.678', '%a %b %c %d %e %f %H %h %i %j %k %l %M %m %p %r %s %T %W %Y %y %%')",
      "Sat Nov 11 21 21 678000 15 03 04 325 15 3 November 11 PM 03:04:05 PM 05 15:04:05 Saturday 2026 26 %",
    ],
    ["SELECT date_format(DATE '2026-11-21', '%Y-%m-%d')", "2026-11-21"],
    ["SELECT date_parse('2026-11-21 15:04:05', '%Y-%m-%d %H:%i:%s')", "2026-11-21 15:04:05.000"],
    ["SELECT date_parse('2026-11-21', '%Y-%m-%d')", "2026-11-21 00:00:00.000"],
    [
      "SELECT format_datetime(TIMESTAMP '2026-11-21 15:04:05.678', 'EEE, d MMM yyyy h:mm a')",
      "Sat, 21 Nov 2026 3:04 PM",
    ],
    ["SELECT date_format(current_date - interval '7' day, '%Y') >= '2020'", "true"],
    ["SELECT count_if(x > 1) FROM (VALUES 1, 2, NULL, 3) t(x)", "2"],
    ["SELECT max_by(l, x), min_by(l, x) FROM (VALUES ('a', 1), ('b', 3), ('c', 2)) t(l, x)", "b , a"],
    ["SELECT max_by(l, x, 2) FROM (VALUES ('a', 1), ('b', 3), ('c', 2)) t(l, x)", "[b, c]"],
    ["SELECT max(x, 2), min(x, 2) FROM (VALUES 1, 3, 2) t(x)", "[3, 2] , [1, 2]"],
    ["SELECT array_agg(x ORDER BY x) FROM (VALUES 3, 1, NULL) t(x)", "[1, 3, null]"],
    [
      "SELECT array_agg(DISTINCT x ORDER BY x) FILTER (WHERE x IS NOT NULL) FROM (VALUES 3, 1, 3, NULL) t(x)",
      "[1, 3]",
    ],
    ["SELECT cardinality(ARRAY[]), cardinality(MAP())", "0 , 0"],
    ["SELECT element_at(ARRAY[1, 2, 3], -1), element_at(MAP(ARRAY['a'], ARRAY[1]), 'a')", "3 , 1"],
    ["SELECT transform(ARRAY[1, NULL, 3], x -> coalesce(x, 0) * 2)", "[2, 0, 6]"],
    ["SELECT filter(ARRAY[5, -6, NULL, 7], x -> x > 0)", "[5, 7]"],
    ["SELECT reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s)", "75"],
    ["SELECT reduce(ARRAY[], 0, (s, x) -> s + x, s -> s)", "0"],
    [
      "SELECT any_match(ARRAY[1, 2], x -> x > 1), all_match(ARRAY[1, 2], x -> x > 1), none_match(ARRAY[1, 2], x -> x > 2)",
      "true , false , true",
    ],
    ["SELECT sequence(1, 10, 3), sequence(5, 1, -2)", "[1, 4, 7, 10] , [5, 3, 1]"],
    [
      "SELECT cardinality(sequence(TIMESTAMP '2026-11-21 00:00:00', TIMESTAMP '2026-11-21 23:00:00', INTERVAL '1' HOUR))",
      "24",
    ],
    ["SELECT histogram(x) FROM (VALUES 'a', 'b', 'a') t(x)", "{a=2, b=1}"],
    ["SELECT width_bucket(5.35e0, 0.024e0, 10.06e0, 5)", "3"],
    ["SELECT width_bucket(0e0, 1e0, 10e0, 3), width_bucket(11e0, 1e0, 10e0, 3)", "0 , 4"],
    ["SELECT width_bucket(7, ARRAY[1, 5, 10])", "2"],
    [
      "SELECT x, lag(x, 1, 0) OVER (ORDER BY x), lead(x) OVER (ORDER BY x) FROM (VALUES 1, 2) t(x) ORDER BY x",
      "1 , 0 , 2 ; 2 , 1 , NULL",
    ],
    [
      "SELECT lag(x) IGNORE NULLS OVER (ORDER BY i) FROM (VALUES (1, 5), (2, NULL), (3, 7)) t(i, x) ORDER BY i",
      "NULL ; 5 ; 5",
    ],
    [
      "SELECT first_value(x) OVER (PARTITION BY g ORDER BY x DESC), last_value(x) OVER (PARTITION BY g ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM (VALUES ('a', 1), ('a', 2)) t(g, x)",
      "2 , 2 ; 2 , 2",
    ],
    [
      "SELECT g, h, sum(x) FROM (VALUES ('a', 'p', 1), ('a', 'q', 2)) t(g, h, x) GROUP BY GROUPING SETS ((g), (h), ()) ORDER BY g, h",
      "a , NULL , 3 ; NULL , p , 1 ; NULL , q , 2 ; NULL , NULL , 3",
    ],
    [
      "SELECT g, grouping(g), count(*) FROM (VALUES 'a', 'b') t(g) GROUP BY CUBE (g) ORDER BY 2, 1",
      "a , 0 , 1 ; b , 0 , 1 ; NULL , 1 , 2",
    ],
    ["SELECT x FROM (VALUES 3, NULL, 1) t(x) ORDER BY x", "1 ; 3 ; NULL"],
    ["SELECT x FROM (VALUES 3, NULL, 1) t(x) ORDER BY x DESC", "3 ; 1 ; NULL"],
    ["SELECT x FROM (VALUES 3, NULL, 1) t(x) ORDER BY x NULLS FIRST", "NULL ; 1 ; 3"],
    [
      "SELECT x, row_number() OVER (ORDER BY x DESC) FROM (VALUES 3, NULL, 1) t(x) ORDER BY 2",
      "3 , 1 ; 1 , 2 ; NULL , 3",
    ],
    ["VALUES 1, 2 EXCEPT VALUES 2", "1"],
    ["SELECT x FROM (VALUES 1, 2) t(x) INTERSECT SELECT 2", "2"],
    [
      "SELECT TRY_CAST('x' AS integer), TRY(CAST('x' AS integer)), coalesce(TRY_CAST('x' AS double), -1)",
      "NULL , NULL , -1.0",
    ],
    ["SELECT nullif(1, 1), nullif('a', 'b'), coalesce(NULL, NULL, 3)", "NULL , a , 3"],
    [
      "SELECT regexp_like('front-door', '^front'), regexp_extract('cam-12', '([a-z]+)-(\\d+)', 2), regexp_replace('a1b2', '\\d', '#'), regexp_replace('a1b2', '\\d')",
      "true , 12 , a#b# , ab",
    ],
    ["SELECT split_part('a/b/c', '/', 2), strpos('abc', 'z'), split('a,b', ',')", "b , 0 , [a, b]"],
    [
      "SELECT format('%s has %d, %.2f%%', 'x', 5, 12.345e0), format('%05d|%,d|%-5s|', 42, 1234567, 'ab')",
      "x has 5, 12.35% , 00042|1,234,567|ab   |",
    ],
    ["SELECT lpad('abcdef', 3, '0'), rpad('ab', 5, 'xy')", "abc , abxyx"],
    ["SELECT greatest(1, 5, 3), least(DATE '2026-01-02', DATE '2026-01-01')", "5 , 2026-01-01"],
    [
      "SELECT round(corr(x, y), 6), round(stddev(x), 6), round(regr_slope(y, x), 6), round(regr_intercept(y, x), 6) FROM (VALUES (1e0, 2e0), (2e0, 4e0), (3e0, 6e0)) t(x, y)",
      "1.0 , 1.0 , 2.0 , 0.0",
    ],
    ["SELECT 7 / 2, -7 / 2, -7 % 3, 7e0 / 2, 1 / 3e0", "3 , -3 , -1 , 3.5 , 0.3333333333333333"],
    ["SELECT 0.1 + 0.2, 1.50, 10.0 * 2", "0.3 , 1.50 , 20.0"],
    [
      "SELECT CAST(2.5e0 AS integer), CAST(3.5e0 AS bigint), CAST(-2.5e0 AS integer), round(2.5e0), round(-2.5e0)",
      "3 , 4 , -3 , 3.0 , -3.0",
    ],
    [
      "SELECT CAST(TIMESTAMP '2026-11-21 10:00:00' AS varchar), CAST(TIMESTAMP '2026-11-21 10:00:00.5' AS varchar), CAST(DATE '2026-11-21' AS varchar)",
      "2026-11-21 10:00:00.000 , 2026-11-21 10:00:00.500 , 2026-11-21",
    ],
    ["SELECT TIMESTAMP '2026-11-21 10:00:00' - TIMESTAMP '2026-11-20 09:00:00'", "1 01:00:00.000"],
    [
      "SELECT INTERVAL '2' DAY, INTERVAL '3' MONTH, INTERVAL '90' MINUTE",
      "2 00:00:00.000 , 0-3 , 0 01:30:00.000",
    ],
    ["SELECT 'a' || 'b', concat('a', 'b', 'c'), 'a' || NULL", "ab , abc , NULL"],
    ["SELECT x, o FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, o) ORDER BY o", "a , 1 ; b , 2"],
    [
      "SELECT t.id, u.v FROM (VALUES (1, ARRAY[10, 20]), (2, ARRAY[])) t(id, vs) LEFT JOIN UNNEST(vs) AS u(v) ON true ORDER BY 1, 2",
      "1 , 10 ; 1 , 20 ; 2 , NULL",
    ],
    [
      "SELECT id, k, v FROM (VALUES (1, MAP(ARRAY['a'], ARRAY[5]))) t(id, m) CROSS JOIN UNNEST(m) AS u(k, v)",
      "1 , a , 5",
    ],
    [
      "SELECT d FROM UNNEST(sequence(DATE '2026-11-19', DATE '2026-11-21')) AS t(d) ORDER BY d",
      "2026-11-19 ; 2026-11-20 ; 2026-11-21",
    ],
    [
      "SELECT bool_and(x > 0), every(x > 0), bool_or(x > 2), sum(x) FILTER (WHERE x > 5) FROM (VALUES 1, 2) t(x)",
      "true , true , false , NULL",
    ],
    ["SELECT array_join(ARRAY[1, NULL, 2], ','), array_join(ARRAY[1, NULL, 2], ',', '?')", "1,2 , 1,?,2"],
    [
      "SELECT contains(ARRAY[1, 2], 2), array_position(ARRAY['a'], 'a'), array_remove(ARRAY[1, 2, 1], 1), concat(ARRAY[1], ARRAY[2])",
      "true , 1 , [2] , [1, 2]",
    ],
    ["SELECT map_agg(k, v), map_keys(map_agg(k, v)) FROM (VALUES ('a', 1)) t(k, v)", "{a=1} , [a]"],
    [
      "SELECT IF(1 > 2, 'a'), IF(true, 'a', 'b'), CASE 3 WHEN 3 THEN 'three' ELSE 'other' END",
      "NULL , a , three",
    ],
    [
      "SELECT 1 IN (1, NULL), 2 IN (1, NULL), 2 NOT IN (1, 3), NULL IS NULL, 1 IS DISTINCT FROM NULL",
      "true , NULL , true , true , true",
    ],
    ["SELECT to_milliseconds(INTERVAL '1' SECOND)", "1000"],
    [
      "SELECT day_of_week(DATE '2026-11-22'), week(DATE '2026-11-22'), extract(hour FROM TIMESTAMP '2026-11-21 10:00:00'), year_of_week(DATE '2027-01-01')",
      "7 , 47 , 10 , 2026",
    ],
    [
      "SELECT CAST(json_parse('{\"a\":1}') AS map(varchar, integer)), json_format(CAST(ARRAY[1, 2] AS json)), CAST(json_extract('{\"a\":[1,2]}', '$.a') AS array(integer))",
      "{a=1} , [1,2] , [1, 2]",
    ],
    ["SELECT x FROM (VALUES 1, 2, 3) t(x) ORDER BY x OFFSET 1 ROWS FETCH FIRST 1 ROW ONLY", "2"],
    ["SELECT x FROM (VALUES 1, 2, 3) t(x) ORDER BY x OFFSET 1 LIMIT 1", "2"],
    ["WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r", "6"],
    ["SELECT count(*) FROM (VALUES 1, 2) t(x) TABLESAMPLE BERNOULLI (100)", "2"],
    ["SELECT EXISTS (SELECT 1), (SELECT max(x) FROM (VALUES 1, 2) t(x))", "true , 2"],
    ["SELECT a.x FROM (VALUES 1, 2) a(x) LEFT JOIN (VALUES 2) b(x) ON a.x = b.x WHERE b.x IS NULL", "1"],
    ["SELECT x FROM (VALUES 1, 2) a(x) JOIN (VALUES 2) b(x) USING (x)", "2"],
    [
      "SELECT sum(x) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1, 2, 4) t(x) ORDER BY x",
      "1 ; 3 ; 4",
    ],
    ["SELECT sum(x) OVER w FROM (VALUES 1, 2) t(x) WINDOW w AS (ORDER BY x) ORDER BY 1", "1 ; 3"],
    ["SELECT avg(x), avg(y) FROM (VALUES (1, 1.5), (2, 2.5)) t(x, y)", "1.5 , 2.0"],
    ["SELECT 100.0 * 1 / 3, 5 / 2.0", "33.3 , 2.5"],
    [
      "SELECT date_diff('month', DATE '2026-01-31', DATE '2026-02-28'), date_diff('month', DATE '2026-01-15', DATE '2026-02-14')",
      "1 , 0",
    ],
    [
      "SELECT substr('hello', -3), substring('hello', 2, 3), length('é'), reverse('ab')",
      "llo , ell , 1 , ba",
    ],
    ["SELECT CAST(true AS varchar), CAST(1.50 AS varchar), CAST(12 AS varchar)", "true , 1.50 , 12"],
    [
      "SELECT bitwise_left_shift(1, 3), e() > 2.7, log(10, 1000), truncate(2.789e0), mod(-5, 3), asin(0), atan2(0, 1)",
      "8 , true , 3.0 , 2.0 , -2 , 0.0 , 0.0",
    ],
    ["SELECT 7 / 2.00, 1.0 / 3, 1 / 3.000, 2.0 / 3e0", "3.50 , 0.3 , 0.333 , 0.6666666666666666"],
  ])("runs %s", async (sql, expected) => {
    expect(await answer(sql)).toBe(expected);
  });

  test.each([
    ["numeric_histogram(2, 1e0)", "numeric_histogram"],
    ["map_zip_with(MAP(), MAP(), (k, a, b) -> a)", "map_zip_with"],
    ["checksum(1)", "checksum"],
    ["combinations(ARRAY[1, 2], 2)", "combinations"],
    ["skewness(1e0)", "skewness"],
    ["human_readable_seconds(5)", "human_readable_seconds"],
  ])("refuses by name a function that is not emulated: %s", async (expression, name) => {
    expect(await lake.failure(`SELECT ${expression}`)).toBe(
      `FUNCTION_NOT_FOUND: line 1:8: Function '${name}' not registered in the local Athena`,
    );
  });
});
