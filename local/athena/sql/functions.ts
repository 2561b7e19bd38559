/** One function of Athena SQL that is emulated. */
export interface AthenaFunction {
  readonly name: string;
  /** An expression over the rows (x, y) = (1, 10), (2, 20), (3, 30). */
  readonly example: string;
  /** Athena's result for the example, of the first row; null for NULL. */
  readonly result: string | null;
  /**
   * DuckDB's equivalent where polyglot has none or a wrong one: the name of a function, or a macro from its first
   * parenthesis on, by overload.
   */
  readonly duckDb?: string;
}

type Line = readonly [name: string, example: string, result: string | null, duckDb?: string];

const T = "TIMESTAMP '2026-11-21 10:11:12.345'";

/** SQL of an interval of `n` units, by the name of the unit. */
const INTERVAL = `CASE lower(unit) WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'second' THEN to_seconds(n)
  WHEN 'minute' THEN to_minutes(n) WHEN 'hour' THEN to_hours(n) WHEN 'day' THEN to_days(CAST(n AS INTEGER))
  WHEN 'week' THEN to_weeks(CAST(n AS INTEGER)) WHEN 'month' THEN to_months(CAST(n AS INTEGER))
  WHEN 'quarter' THEN to_months(CAST(3 * n AS INTEGER)) WHEN 'year' THEN to_years(CAST(n AS INTEGER))
  ELSE error('date_add has no unit ' || unit) END`;

/** Joda's letters with those of strftime, longer runs first; quotes around literal text are dropped. */
const JODA_LETTERS = [
  ["yyyy", "%Y"], ["yy", "%y"], ["MMMM", "%B"], ["MMM", "%b"], ["MM", "%m"], ["M", "%-m"], ["dd", "%d"], ["d", "%-d"],
  ["EEEE", "%A"], ["EEE", "%a"], ["E", "%a"], ["HH", "%H"], ["H", "%-H"], ["hh", "%I"], ["h", "%-I"], ["mm", "%M"],
  ["m", "%-M"], ["SSS", "%g"], ["ss", "%S"], ["s", "%-S"], ["a", "%p"], ["''", ""],
] as const; // prettier-ignore
/** Both sides are letters, so each run is first replaced by a private-use character. */
const placeholder = (index: number): string => `chr(${0xe000 + index})`;
const JODA = JODA_LETTERS.reduce(
  (pattern, [, strftime], index) => `replace(${pattern}, ${placeholder(index)}, '${strftime}')`,
  JODA_LETTERS.reduce(
    (pattern, [joda], index) => `replace(${pattern}, '${joda}', ${placeholder(index)})`,
    "pattern",
  ),
);

/** MySQL's format specifiers with those of strftime, ordered so that none replaces the result of another. */
const MYSQL = [
  ["%M", "%B"], ["%W", "%A"], ["%r", "%I:%i:%s %p"], ["%T", "%H:%i:%s"], ["%i", "%M"], ["%s", "%S"], ["%h", "%I"],
  ["%c", "%-m"], ["%e", "%-d"], ["%k", "%-H"], ["%l", "%-I"], ["%v", "%V"], ["%x", "%G"],
].reduce((pattern, [mysql, strftime]) => `replace(${pattern}, '${mysql}', '${strftime}')`, "pattern"); // prettier-ignore

/** Overloads of a function that returns NULL when one argument is NULL (DuckDB's skips NULLs). */
const strictly = (name: string): string =>
  ["a, b", "a, b, c", "a, b, c, d", "a, b, c, d, e"]
    .map((args) => {
      const anyNull = args.split(", ").map((arg) => `${arg} IS NULL`).join(" OR "); // prettier-ignore
      return `(${args}) AS CASE WHEN ${anyNull} THEN NULL ELSE ${name}(${args}) END`;
    })
    .join(", ");

const CONCATENATION = [
  "a, b",
  "a, b, c",
  "a, b, c, d",
  "a, b, c, d, e",
  "a, b, c, d, e, f",
  "a, b, c, d, e, f, g",
]
  .map((args) => `(${args}) AS ${args.replaceAll(", ", " || ")}`)
  .join(", ");

const AGGREGATES: readonly Line[] = [
  ["approx_distinct", "approx_distinct(x)", "3"],
  ["approx_percentile", "approx_percentile(x, 0.5)", "2", "approx_quantile"],
  ["arbitrary", "arbitrary(x) > 0", "true"],
  ["any_value", "any_value(x) > 0", "true"],
  ["array_agg", "array_agg(x ORDER BY x DESC)", "[3, 2, 1]"],
  ["avg", "avg(x)", "2.0"],
  ["bool_and", "bool_and(x > 1)", "false"],
  ["bool_or", "bool_or(x > 1)", "true"],
  ["corr", "round(corr(x, y), 3)", "1.0"],
  ["count", "count(DISTINCT x) FILTER (WHERE x > 1)", "2"],
  ["count_if", "count_if(x > 1)", "2"],
  ["covar_pop", "round(covar_pop(x, y), 2)", "6.67"],
  ["covar_samp", "covar_samp(x, y)", "10.0"],
  ["every", "every(x > 0)", "true"],
  ["geometric_mean", "round(geometric_mean(x), 3)", "1.817"],
  ["histogram", "histogram(x)", "{1=1, 2=1, 3=1}"],
  ["listagg", "listagg(CAST(x AS varchar), ',') WITHIN GROUP (ORDER BY x)", "1,2,3"],
  ["map_agg", "map_agg(x, y)", "{1=10, 2=20, 3=30}", "(k, v) AS map(array_agg(k), array_agg(v))"],
  ["max", "max(x)", "3"],
  ["max_by", "max_by(x, y)", "3"],
  ["min", "min(x)", "1"],
  ["min_by", "min_by(x, y)", "1"],
  ["regr_intercept", "round(regr_intercept(y, x) + 1, 9)", "1.0"],
  ["regr_slope", "round(regr_slope(y, x), 9)", "10.0"],
  ["stddev", "stddev(x)", "1.0"],
  ["stddev_pop", "round(stddev_pop(x), 3)", "0.816"],
  ["stddev_samp", "stddev_samp(x)", "1.0"],
  ["sum", "sum(x)", "6"],
  ["var_pop", "round(var_pop(x), 3)", "0.667"],
  ["var_samp", "var_samp(x)", "1.0"],
  ["variance", "variance(x)", "1.0"],
];

const WINDOWS: readonly Line[] = [
  ["cume_dist", "max(c) FROM (SELECT cume_dist() OVER (ORDER BY x) AS c", "1.0"],
  ["dense_rank", "max(c) FROM (SELECT dense_rank() OVER (ORDER BY x) AS c", "3"],
  ["first_value", "max(c) FROM (SELECT first_value(x) OVER (ORDER BY x DESC) AS c", "3"],
  ["lag", "sum(c) FROM (SELECT lag(x) OVER (ORDER BY x) AS c", "3"],
  ["last_value", "max(c) FROM (SELECT last_value(x) OVER (ORDER BY x) AS c", "3"],
  ["lead", "sum(c) FROM (SELECT lead(x, 2, 0) OVER (ORDER BY x) AS c", "3"],
  ["nth_value", "max(c) FROM (SELECT nth_value(x, 2) OVER (ORDER BY x) AS c", "2"],
  ["ntile", "max(c) FROM (SELECT ntile(2) OVER (ORDER BY x) AS c", "2"],
  ["percent_rank", "max(c) FROM (SELECT percent_rank() OVER (ORDER BY x) AS c", "1.0"],
  ["rank", "max(c) FROM (SELECT rank() OVER (ORDER BY x) AS c", "3"],
  ["row_number", "max(c) FROM (SELECT row_number() OVER (PARTITION BY 1 ORDER BY x) AS c", "3"],
];

const TIMES: readonly Line[] = [
  ["at_timezone", `at_timezone(${T}, 'Europe/Berlin')`, "2026-11-21 11:11:12.345", "(x TIMESTAMP, zone) AS timezone(zone, timezone('UTC', x)), (x TIMESTAMPTZ, zone) AS timezone(zone, x)"],
  ["date", `date(${T})`, "2026-11-21"],
  ["date_add", `date_add('hour', -3, ${T})`, "2026-11-21 07:11:12.345", `(unit, n, x DATE) AS CAST(x + ${INTERVAL} AS DATE), (unit, n, x TIMESTAMP) AS x + ${INTERVAL}, (unit, n, x TIMESTAMPTZ) AS x + ${INTERVAL}`],
  ["date_diff", "date_diff('hour', TIMESTAMP '2026-11-21 10:59:00', TIMESTAMP '2026-11-21 12:01:00')", "1", "(unit, a, b) AS date_sub(unit, a, b)"],
  ["date_format", `date_format(${T}, '%W %e %M %Y %H:%i:%s %r')`, "Saturday 21 November 2026 10:11:12 10:11:12 AM", `(x, pattern) AS strftime(x, ${MYSQL})`],
  ["date_parse", "date_parse('21.11.2026 10:11', '%d.%m.%Y %H:%i')", "2026-11-21 10:11:00.000"],
  ["date_trunc", "date_trunc('week', DATE '2026-11-21')", "2026-11-16", "(unit, x DATE) AS CAST(date_trunc(unit, x) AS DATE), (unit, x TIMESTAMP) AS date_trunc(unit, x), (unit, x TIMESTAMPTZ) AS date_trunc(unit, x)"],
  ["day", `day(${T})`, "21"],
  ["day_of_month", `day_of_month(${T})`, "21"],
  ["day_of_week", "day_of_week(DATE '2026-11-22')", "7", "(x) AS isodow(x)"],
  ["day_of_year", `day_of_year(${T})`, "325"],
  ["dow", "dow(DATE '2026-11-22')", "7", "(x) AS isodow(x)"],
  ["doy", `doy(${T})`, "325", "(x) AS dayofyear(x)"],
  ["extract", `extract(hour FROM ${T})`, "10"],
  ["format_datetime", `format_datetime(${T}, 'dd.MM.yyyy HH:mm:ss.SSS')`, "21.11.2026 10:11:12.345", `(x, pattern) AS strftime(x, ${JODA})`],
  ["from_iso8601_date", "from_iso8601_date('2026-11-21')", "2026-11-21"],
  ["from_iso8601_timestamp", "from_iso8601_timestamp('2026-11-21T12:11:12.345+02:00')", "2026-11-21 10:11:12.345 UTC"],
  ["from_unixtime", "from_unixtime(1795255872)", "2026-11-21 10:11:12.000 UTC", "(x) AS to_timestamp(x), (x, zone) AS timezone(zone, to_timestamp(x))"],
  ["hour", `hour(${T})`, "10"],
  ["last_day_of_month", "last_day_of_month(DATE '2026-11-21')", "2026-11-30"],
  ["millisecond", `millisecond(${T})`, "345", "(x) AS date_part('millisecond', x) % 1000"],
  ["minute", `minute(${T})`, "11"],
  ["month", `month(${T})`, "11"],
  ["now", "now() > TIMESTAMP '2020-01-01 00:00:00 UTC'", "true"],
  ["quarter", `quarter(${T})`, "4"],
  ["second", `second(${T})`, "12"],
  ["to_milliseconds", "to_milliseconds(INTERVAL '90' MINUTE)", "5400000", "(x) AS CAST(round(epoch(x) * 1000) AS BIGINT)"],
  ["to_iso8601", `to_iso8601(${T})`, "2026-11-21T10:11:12.345", "(x DATE) AS strftime(x, '%Y-%m-%d'), (x TIMESTAMP) AS strftime(x, '%Y-%m-%dT%H:%M:%S.%g'), (x TIMESTAMPTZ) AS strftime(timezone('UTC', x), '%Y-%m-%dT%H:%M:%S.%gZ')"],
  ["to_unixtime", `to_unixtime(${T})`, "1.795255872345E9", "(x) AS epoch(x)"],
  ["week", `week(${T})`, "47"],
  ["week_of_year", `week_of_year(${T})`, "47", "(x) AS week(x)"],
  ["with_timezone", `with_timezone(${T}, 'Europe/Berlin')`, "2026-11-21 09:11:12.345 UTC", "(x, zone) AS timezone(zone, x)"],
  ["year", `year(${T})`, "2026"],
  ["year_of_week", "year_of_week(DATE '2026-01-01')", "2026", "(x) AS isoyear(x)"],
]; // prettier-ignore

const TEXTS: readonly Line[] = [
  ["chr", "chr(65)", "A"],
  ["codepoint", "codepoint('A')", "65", "(x) AS unicode(x)"],
  ["concat", "concat('a', NULL)", null, CONCATENATION],
  ["format", "format('%s: %d of %,d, %.2f', 'x', 5, 1234567, 12.345e0)", "x: 5 of 1,234,567, 12.35", "printf"],
  ["from_base64", "from_base64('aGk=')", "68 69"],
  ["from_hex", "from_hex('6869')", "68 69"],
  ["from_utf8", "from_utf8(from_hex('6869'))", "hi"],
  ["json_array_length", "json_array_length('[1,2]')", "2"],
  ["json_extract", `json_extract('{"a":{"b":1}}', '$.a')`, '{"b":1}'],
  ["json_extract_scalar", `json_extract_scalar('{"a":{"b":[1,2]}}', '$.a.b[1]')`, "2", "(j, path) AS CASE WHEN json_type(j, path) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(j, path) END"],
  ["json_format", `json_format(json_parse('{"a":1}'))`, '{"a":1}', "(j) AS CAST(j AS VARCHAR)"],
  ["json_parse", `json_parse('{"a":1}')`, '{"a":1}', "(text) AS CAST(text AS JSON)"],
  ["length", "length('abc')", "3"],
  ["levenshtein_distance", "levenshtein_distance('ab', 'ac')", "1", "(a, b) AS levenshtein(a, b)"],
  ["lower", "lower('A')", "a"],
  ["lpad", "lpad('5', 2, '0')", "05"],
  ["ltrim", "ltrim(' a')", "a"],
  ["md5", "to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661", "(x) AS unhex(md5(x))"],
  ["position", "position('c' IN 'abc')", "3"],
  ["regexp_count", "regexp_count('a1b2', '[0-9]')", "2", "(text, pattern) AS len(regexp_extract_all(text, pattern))"],
  ["regexp_extract", "regexp_extract('abc', '[0-9]+')", null, "(text, pattern) AS CASE WHEN regexp_matches(text, pattern) THEN regexp_extract(text, pattern) END, (text, pattern, n) AS CASE WHEN regexp_matches(text, pattern) THEN regexp_extract(text, pattern, n) END"],
  ["regexp_extract_all", "regexp_extract_all('a1b2', '[0-9]')", "[1, 2]"],
  ["regexp_like", "regexp_like('abc', 'b')", "true"],
  ["regexp_replace", "regexp_replace('abcabc', '(b)', '[$1]')", "a[b]ca[b]c"],
  ["regexp_split", "regexp_split('a1b2c', '[0-9]')", "[a, b, c]"],
  ["replace", "replace('abc', 'b', 'x')", "axc"],
  ["reverse", "reverse('abc')", "cba"],
  ["rpad", "rpad('5', 2, '0')", "50"],
  ["rtrim", "rtrim('a ')", "a"],
  ["sha256", "to_hex(sha256(to_utf8('a')))", "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB", "(x) AS unhex(sha256(x))"],
  ["split", "split('a-b', '-')", "[a, b]"],
  ["split_part", "split_part('a-b', '-', 5)", null, "(text, delimiter, n) AS string_split(text, delimiter)[n]"],
  ["starts_with", "starts_with('abc', 'a')", "true"],
  ["strpos", "strpos('abc', 'c')", "3"],
  ["substr", "substr('abc', 2)", "bc"],
  ["substring", "substring('abc', 2, 1)", "b"],
  ["to_base64", "to_base64(to_utf8('hi'))", "aGk="],
  ["to_hex", "to_hex(to_utf8('hi'))", "6869", "(x) AS hex(x)"],
  ["to_utf8", "to_utf8('hi')", "68 69", "(x) AS encode(x)"],
  ["translate", "translate('abc', 'ab', 'xy')", "xyc"],
  ["trim", "trim(' a ')", "a"],
  ["upper", "upper('a')", "A"],
]; // prettier-ignore

const NUMBERS: readonly Line[] = [
  ["abs", "abs(-1)", "1"],
  ["bitwise_and", "bitwise_and(5, 4)", "4", "(a, b) AS a & b"],
  ["bitwise_or", "bitwise_or(5, 2)", "7", "(a, b) AS a | b"],
  ["bitwise_xor", "bitwise_xor(5, 1)", "4", "(a, b) AS xor(a, b)"],
  ["ceil", "ceil(1.2e0)", "2.0"],
  ["ceiling", "ceiling(1.2e0)", "2.0"],
  ["cos", "cos(0)", "1.0"],
  ["degrees", "degrees(0)", "0.0"],
  ["exp", "exp(0)", "1.0"],
  ["floor", "floor(1.5e0)", "1.0"],
  ["infinity", "infinity()", "Infinity", "() AS 'Infinity'::DOUBLE"],
  ["is_nan", "is_nan(nan())", "true"],
  ["ln", "ln(1)", "0.0"],
  ["log", "log(2, 8)", "3.0"],
  ["log10", "log10(10)", "1.0"],
  ["log2", "log2(8)", "3.0"],
  ["mod", "mod(5, 3)", "2", "(a, b) AS athena_modulo(a, b)"],
  ["nan", "nan()", "NaN", "() AS 'NaN'::DOUBLE"],
  ["bitwise_left_shift", "bitwise_left_shift(1, 3)", "8", "(a, b) AS a << b"],
  ["bitwise_right_shift", "bitwise_right_shift(8, 3)", "1", "(a, b) AS a >> b"],
  ["cbrt", "round(cbrt(27), 9)", "3.0"],
  ["e", "round(e(), 5)", "2.71828", "() AS exp(1)"],
  ["acos", "acos(1)", "0.0"],
  ["asin", "asin(0)", "0.0"],
  ["atan", "atan(0)", "0.0"],
  ["atan2", "atan2(0, 1)", "0.0"],
  ["width_bucket", "width_bucket(5.35e0, 0.024e0, 10.06e0, 5)", "3", "(x, low, high, n) AS CAST(CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 ELSE floor((x - low) * n / (high - low)) + 1 END AS BIGINT), (x, bins) AS CAST(len(list_filter(bins, lambda bin: bin <= x)) AS BIGINT)"],
  ["pi", "pi()", "3.141592653589793"],
  ["pow", "pow(2, 3)", "8.0"],
  ["power", "power(2, 3)", "8.0"],
  ["radians", "radians(0)", "0.0"],
  ["rand", "rand() < 2", "true"],
  ["random", "random() < 2", "true"],
  ["round", "round(1.2345e0, 2)", "1.23"],
  ["sign", "sign(-1)", "-1"],
  ["sin", "sin(0)", "0.0"],
  ["sqrt", "sqrt(4)", "2.0"],
  ["tan", "tan(0)", "0.0"],
  ["truncate", "truncate(1.9e0)", "1.0"],
]; // prettier-ignore

const CONDITIONS_AND_COLLECTIONS: readonly Line[] = [
  ["all_match", "all_match(ARRAY[1, 2], e -> e > 1)", "false"],
  ["any_match", "any_match(ARRAY[1, 2], e -> e > 1)", "true"],
  ["none_match", "none_match(ARRAY[1, 2], e -> e > 2)", "true"],
  ["reduce", "reduce(ARRAY[5, 20, 50], 0, (s, e) -> s + e, s -> s * 2)", "150"],
  ["array_distinct", "array_distinct(ARRAY[1, 1])", "[1]"],
  ["array_except", "array_except(ARRAY[1, 2], ARRAY[2])", "[1]"],
  ["array_intersect", "array_intersect(ARRAY[1, 2], ARRAY[2])", "[2]"],
  ["array_join", "array_join(ARRAY['a', 'b', NULL], ',')", "a,b", "(list, delimiter) AS array_to_string(list, delimiter), (list, delimiter, missing) AS array_to_string(list_transform(list, lambda one: coalesce(CAST(one AS VARCHAR), missing)), delimiter)"],
  ["array_max", "array_max(ARRAY[1, 3])", "3"],
  ["array_min", "array_min(ARRAY[1, 3])", "1"],
  ["array_position", "array_position(ARRAY[1, 2], 3)", "0", "(list, element) AS coalesce(list_position(list, element), 0)"],
  ["array_remove", "array_remove(ARRAY[1, 2, 1], 1)", "[2]", "(list, element) AS list_filter(list, lambda one: one <> element)"],
  ["array_sort", "array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]", "(list) AS list_sort(list, 'ASC', 'NULLS LAST')"],
  ["array_union", "array_sort(array_union(ARRAY[1], ARRAY[2, 1]))", "[1, 2]", "(a, b) AS list_distinct(list_concat(a, b))"],
  ["arrays_overlap", "arrays_overlap(ARRAY[1], ARRAY[1])", "true", "(a, b) AS list_has_any(a, b)"],
  ["cardinality", "cardinality(MAP(ARRAY['a'], ARRAY[1])) + cardinality(ARRAY[1, 2])", "3", "(x) AS CAST(CASE json_type(to_json(x)) WHEN 'ARRAY' THEN json_array_length(to_json(x)) ELSE len(json_keys(to_json(x))) END AS BIGINT)"],
  ["cast", "CAST('5' AS integer)", "5"],
  ["coalesce", "coalesce(NULL, 1)", "1"],
  ["contains", "contains(ARRAY[1, 2], 1)", "true"],
  ["element_at", "element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')", null, "(x, k) AS x[k]"],
  ["filter", "filter(ARRAY[1, 2, 3], e -> e > 1)", "[2, 3]"],
  ["flatten", "flatten(ARRAY[ARRAY[1], ARRAY[2]])", "[1, 2]", "(x) AS flatten(x)"],
  ["greatest", "greatest(1, NULL)", null, strictly("greatest")],
  ["if", "if(false, 1)", null],
  ["least", "least(2, 1)", "1", strictly("least")],
  ["map", "MAP(ARRAY['a'], ARRAY[1])", "{a=1}"],
  ["map_concat", "map_concat(MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['b'], ARRAY[2]))", "{a=1, b=2}"],
  ["map_keys", "map_keys(MAP(ARRAY['a'], ARRAY[1]))", "[a]"],
  ["map_values", "map_values(MAP(ARRAY['a'], ARRAY[1]))", "[1]"],
  ["nullif", "nullif(1, 1)", null],
  ["row", "CAST(ROW(1, 'a') AS ROW(a integer, b varchar))", "{a=1, b=a}"],
  ["sequence", "sequence(DATE '2026-11-20', DATE '2026-11-21', INTERVAL '1' DAY)", "[2026-11-20, 2026-11-21]", "(a, b) AS generate_series(a, b), (a DATE, b DATE) AS CAST(generate_series(a, b, INTERVAL 1 DAY) AS DATE[]), (a DATE, b DATE, step INTERVAL) AS CAST(generate_series(a, b, step) AS DATE[]), (a, b, step) AS generate_series(a, b, step)"],
  ["slice", "slice(ARRAY[1, 2, 3], 2, 2)", "[2, 3]", "(list, start, size) AS list_slice(list, start, start + size - 1)"],
  ["transform", "transform(ARRAY[1, 2], e -> e + 1)", "[2, 3]", "list_transform"],
  ["try", "try(CAST('x' AS integer))", null],
  ["try_cast", "try_cast('x' AS integer)", null],
  ["typeof", "typeof(true)", "boolean", "(x) AS lower(typeof(x))"],
  ["unnest", "max(e) FROM (SELECT e FROM UNNEST(ARRAY[1, 2]) AS u(e)", "2"],
  ["uuid", "uuid() IS NOT NULL", "true"],
]; // prettier-ignore

/**
 * The functions that a query may call; others are refused. Differences from Athena: a time zone is applied but not kept
 * (`AT TIME ZONE` returns the local time there, without the zone); CAST of a double to varchar returns plain decimals; a
 * quotient of decimals is a double, rounded to their scale; a date minus a date is a number of days; a double divided by
 * zero is NULL.
 */
export const FUNCTIONS: ReadonlyMap<string, AthenaFunction> = new Map(
  [...AGGREGATES, ...WINDOWS, ...TIMES, ...TEXTS, ...NUMBERS, ...CONDITIONS_AND_COLLECTIONS].map(
    ([name, example, result, duckDb]) => [name, { name, example, result, ...(duckDb && { duckDb }) }],
  ),
);
