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

/** A pattern of Joda's as strptime's. */
export function fromJoda(pattern: string): string {
  const letters = new RegExp(JODA_LETTERS.map(([joda]) => joda).join("|"), "g");
  const strftime = new Map<string, string>(JODA_LETTERS);
  return pattern.replace(letters, (run) => strftime.get(run) ?? run);
}

/** MySQL's format specifiers as strftime's, those first whose outcome another one would catch. */
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

/** A step of months leaves the first day's end of the month where it was, so every step is counted from there. */
const SERIES =
  "list_filter(list_transform(generate_series(0, 100000), lambda i: a + i * step), lambda one: one <= b)";

/** What is read by a path of text that may be no JSON; `$path` stands for the path in DuckDB's form. */
const ofJson = (value: string): string => {
  const path = `regexp_replace(regexp_replace(path, '^(lax|strict) +', ''), '\\["([^"]*)"\\]', '."\\1"', 'g')`;
  const isPath = `CASE WHEN starts_with(${path}, '$') THEN true ELSE CAST('Invalid JSON path: ''' || path || '''' AS BOOLEAN) END`;
  return `CASE WHEN ${isPath} AND json_valid(j) THEN ${value.replaceAll("$path", path)} END`;
};

const AGGREGATES: readonly Line[] = [
  ["approx_distinct", "approx_distinct(x)", "3"],
  ["approx_percentile", "approx_percentile(x, 0.5)", "2"],
  ["arbitrary", "arbitrary(x) > 0", "true"],
  ["any_value", "any_value(x) > 0", "true"],
  ["array_agg", "array_agg(x ORDER BY x DESC)", "[3, 2, 1]"],
  ["avg", "avg(x)", "2.0"],
  ["bitwise_and_agg", "bitwise_and_agg(x + 4)", "4", "(x) AS bit_and(CAST(x AS BIGINT))"],
  ["bitwise_or_agg", "bitwise_or_agg(x)", "3", "(x) AS bit_or(CAST(x AS BIGINT))"],
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
  ["map_agg", "map_agg(x, y)", "{1=10, 2=20, 3=30}", "(k, v) AS athena_map_of(array_agg(k), array_agg(v))"],
  [
    "map_union",
    "map_union(MAP(ARRAY[x], ARRAY[y]))",
    "{1=10, 2=20, 3=30}",
    "(m) AS athena_map_of(flatten(array_agg(map_keys(m))), flatten(array_agg(map_values(m))))",
  ],
  [
    "multimap_agg",
    "multimap_agg(1, x)",
    "{1=[1, 2, 3]}",
    "(k, v) AS athena_multimap_of(array_agg(k), array_agg(v))",
  ],
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
  ["current_timezone", "current_timezone()", "UTC", "() AS 'UTC'"],
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
  ["parse_datetime", "parse_datetime('21.11.2026 10:11', 'dd.MM.yyyy HH:mm')", "2026-11-21 10:11:00.000 UTC"],
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
  ["yow", "yow(DATE '2026-01-01')", "2026", "(x) AS isoyear(x)"],
]; // prettier-ignore

const TEXTS: readonly Line[] = [
  ["chr", "chr(65)", "A"],
  ["codepoint", "codepoint('A')", "65", "(x) AS unicode(x)"],
  ["concat", "concat('a', NULL)", null, CONCATENATION],
  ["concat_ws", "concat_ws('-', 'a', NULL, 'b')", "a-b"],
  ["format", "format('%s: %d of %,d, %.2f', 'x', 5, 1234567, 12.345e0)", "x: 5 of 1,234,567, 12.35", "printf"],
  ["from_base64", "from_base64('aGk=')", "68 69"],
  ["from_hex", "from_hex('6869')", "68 69"],
  ["from_utf8", "from_utf8(from_hex('6869'))", "hi"],
  ["json_array_length", "json_array_length('[1,2]')", "2", "(j) AS CASE WHEN json_valid(j) AND json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END"],
  ["json_array_contains", "json_array_contains('[1, 2]', 2)", "true", "(j, x) AS CASE WHEN json_valid(j) AND json_type(j) = 'ARRAY' THEN list_contains(CAST(json_extract(j, '$[*]') AS VARCHAR[]), CAST(to_json(x) AS VARCHAR)) END"],
  ["json_array_get", "json_array_get('[1, 2, 3]', 1)", "2", "(j, i) AS CASE WHEN json_valid(j) AND json_type(j) = 'ARRAY' THEN json_extract(j, '$[' || i || ']') END"],
  ["json_exists", `json_exists('{"a":1}', 'lax $.b')`, "false", `(j, path) AS ${ofJson("json_exists(j, $path)")}`],
  ["json_query", `json_query('{"a":[1, 2]}', 'lax $.a')`, "[1,2]", `(j, path) AS ${ofJson("CASE WHEN json_type(j, $path) IN ('OBJECT', 'ARRAY') THEN CAST(json_extract(j, $path) AS VARCHAR) END")}`],
  ["json_size", `json_size('{"a":{"b":1,"c":2}}', '$.a')`, "2", `(j, path) AS ${ofJson("CASE json_type(j, $path) WHEN 'OBJECT' THEN CAST(len(json_keys(j, $path)) AS BIGINT) WHEN 'ARRAY' THEN CAST(json_array_length(j, $path) AS BIGINT) ELSE CAST(0 AS BIGINT) END")}`],
  ["json_value", `json_value('{"a":"x"}', 'lax $.a')`, "x", `(j, path) AS ${ofJson("CASE WHEN json_type(j, $path) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(j, $path) END")}`],
  ["is_json_scalar", "is_json_scalar('[1]')", "false", "(j) AS json_type(j) NOT IN ('OBJECT', 'ARRAY')"],
  ["json_extract", `json_extract('{"a":{"b":1}}', '$.a')`, '{"b":1}', `(j, path) AS ${ofJson("json_extract(j, $path)")}`],
  ["json_extract_scalar", `json_extract_scalar('{"a":{"b":[1,2]}}', '$.a.b[1]')`, "2", `(j, path) AS ${ofJson("CASE WHEN json_type(j, $path) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(j, $path) END")}`],
  ["json_format", `json_format(json_parse('{"a":1}'))`, '{"a":1}', "(j) AS CAST(j AS VARCHAR)"],
  ["json_parse", `json_parse('{"a": 1}')`, '{"a":1}', "(text) AS CAST(json(text) AS JSON)"],
  ["length", "length('abc')", "3"],
  ["levenshtein_distance", "levenshtein_distance('ab', 'ac')", "1", "(a, b) AS levenshtein(a, b)"],
  ["hamming_distance", "hamming_distance('abc', 'abd')", "1", "(a, b) AS CAST(hamming(a, b) AS BIGINT)"],
  ["lower", "lower('A')", "a"],
  ["lpad", "lpad('5', 2, '0')", "05"],
  ["ltrim", "ltrim(' a')", "a"],
  ["md5", "to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661", "(x) AS unhex(md5(x))"],
  ["position", "position('c' IN 'abc')", "3"],
  ["regexp_count", "regexp_count('a1b2', '[0-9]')", "2", "(text, pattern) AS len(regexp_extract_all(text, pattern))"],
  ["regexp_extract", "regexp_extract('abc', '[0-9]+')", null, "(text, pattern) AS CASE WHEN regexp_matches(text, pattern) THEN regexp_extract(text, pattern) END, (text, pattern, n) AS CASE WHEN regexp_matches(text, pattern) THEN regexp_extract(text, pattern, n) END"],
  ["regexp_extract_all", "regexp_extract_all('a1b2', '[0-9]')", "[1, 2]"],
  ["regexp_like", "regexp_like('abc', 'b')", "true"],
  ["regexp_position", "regexp_position('a1b22', '[0-9]+', 3)", "4", "(text, pattern) AS CASE WHEN regexp_matches(text, pattern) THEN CAST(length(regexp_extract(text, '(?s)^(.*?)(?:' || pattern || ')', 1)) + 1 AS INTEGER) ELSE CAST(-1 AS INTEGER) END, (text, pattern, first) AS CASE WHEN regexp_matches(substring(text, first), pattern) THEN CAST(length(regexp_extract(substring(text, first), '(?s)^(.*?)(?:' || pattern || ')', 1)) + first AS INTEGER) ELSE CAST(-1 AS INTEGER) END"],
  ["regexp_replace", "regexp_replace('abcabc', '(b)', '[$1]')", "a[b]ca[b]c"],
  ["regexp_split", "regexp_split('a1b2c', '[0-9]')", "[a, b, c]"],
  ["replace", "replace('abc', 'b', 'x')", "axc", "(text, what) AS replace(text, what, ''), (text, what, other) AS replace(text, what, other)"],
  ["reverse", "reverse('abc')", "cba", "(x VARCHAR) AS reverse(x), (x) AS list_reverse(x)"],
  ["rpad", "rpad('5', 2, '0')", "50"],
  ["rtrim", "rtrim('a ')", "a"],
  ["sha256", "to_hex(sha256(to_utf8('a')))", "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB", "(x) AS unhex(sha256(x))"],
  ["sha1", "to_hex(sha1(to_utf8('a')))", "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8", "(x) AS unhex(sha1(x))"],
  ["split", "split('a-b-c', '-', 2)", "[a, b-c]", "(text, delimiter) AS string_split(text, delimiter), (text, delimiter, n) AS CASE WHEN len(string_split(text, delimiter)) <= n THEN string_split(text, delimiter) ELSE list_append(list_slice(string_split(text, delimiter), 1, n - 1), array_to_string(list_slice(string_split(text, delimiter), n, len(string_split(text, delimiter))), delimiter)) END"],
  ["split_part", "split_part('a-b', '-', 5)", null, "(text, delimiter, n) AS string_split(text, delimiter)[n]"],
  ["split_to_map", "split_to_map('a=1,b=2', ',', '=')", "{a=1, b=2}", "(text, delimiter, sign) AS map(list_transform(string_split(text, delimiter), lambda one: string_split(one, sign)[1]), list_transform(string_split(text, delimiter), lambda one: string_split(one, sign)[2]))"],
  ["split_to_multimap", "split_to_multimap('a=1,a=2', ',', '=')", "{a=[1, 2]}", "(text, delimiter, sign) AS athena_multimap_of(list_transform(string_split(text, delimiter), lambda one: string_split(one, sign)[1]), list_transform(string_split(text, delimiter), lambda one: string_split(one, sign)[2]))"],
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
  ["url_decode", "url_decode('a+b%26')", "a b&", "(x) AS url_decode(replace(x, '+', ' '))"],
  ["url_encode", "url_encode('a b&c')", "a+b%26c", "(x) AS replace(url_encode(x), '%20', '+')"],
  ["url_extract_fragment", "url_extract_fragment('https://x/#f')", "f", "(x) AS nullif(regexp_extract(x, '#(.*)$', 1), '')"],
  ["url_extract_host", "url_extract_host('https://example.com:8080/p')", "example.com", "(x) AS nullif(regexp_extract(x, '^[^:/?#]+://(?:[^/?#@]*@)?([^:/?#]*)', 1), '')"],
  ["url_extract_parameter", "url_extract_parameter('https://x/?a=1&b=2', 'b')", "2", "(x, name) AS CASE WHEN regexp_matches(x, '[?&]' || name || '=') THEN url_decode(regexp_extract(x, '[?&]' || name || '=([^&#]*)', 1)) END"],
  ["url_extract_path", "url_extract_path('https://x/p/q?r=1')", "/p/q", "(x) AS regexp_extract(x, '^[^:/?#]+://[^/?#]*([^?#]*)', 1)"],
  ["url_extract_port", "url_extract_port('https://x:8080/')", "8080", "(x) AS TRY_CAST(regexp_extract(x, '^[^:/?#]+://[^/?#:]*:([0-9]+)', 1) AS BIGINT)"],
  ["url_extract_protocol", "url_extract_protocol('https://x/')", "https", "(x) AS regexp_extract(x, '^([^:/?#]+):', 1)"],
  ["url_extract_query", "url_extract_query('https://x/?a=1#f')", "a=1", "(x) AS nullif(regexp_extract(x, '[?]([^#]*)', 1), '')"],
]; // prettier-ignore

const NUMBERS: readonly Line[] = [
  ["abs", "abs(-1)", "1"],
  ["bitwise_and", "bitwise_and(5, 4)", "4", "(a, b) AS CAST(a & b AS BIGINT)"],
  ["bitwise_or", "bitwise_or(5, 2)", "7", "(a, b) AS CAST(a | b AS BIGINT)"],
  ["bitwise_not", "bitwise_not(5)", "-6", "(x) AS CAST(xor(CAST(x AS BIGINT), -1) AS BIGINT)"],
  ["bitwise_xor", "bitwise_xor(5, 1)", "4", "(a, b) AS CAST(xor(a, b) AS BIGINT)"],
  ["ceil", "ceil(1.2e0)", "2.0"],
  ["ceiling", "ceiling(1.2e0)", "2.0"],
  ["cos", "cos(0)", "1.0"],
  ["cosh", "cosh(0)", "1.0"],
  ["degrees", "degrees(0)", "0.0"],
  ["exp", "exp(0)", "1.0"],
  ["floor", "floor(1.5e0)", "1.0"],
  ["infinity", "infinity()", "Infinity", "() AS 'Infinity'::DOUBLE"],
  ["is_nan", "is_nan(nan())", "true"],
  ["is_finite", "is_finite(infinity())", "false", "(x) AS isfinite(CAST(x AS DOUBLE))"],
  ["is_infinite", "is_infinite(infinity())", "true", "(x) AS isinf(CAST(x AS DOUBLE))"],
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
  ["sinh", "sinh(0)", "0.0"],
  ["sqrt", "sqrt(4)", "2.0"],
  ["tan", "tan(0)", "0.0"],
  ["tanh", "tanh(0)", "0.0"],
  ["to_base", "to_base(255, 16)", "ff", "(x, radix) AS lower(to_base(x, radix))"],
  ["truncate", "truncate(1.9e0)", "1.0"],
]; // prettier-ignore

const CONDITIONS_AND_COLLECTIONS: readonly Line[] = [
  ["all_match", "all_match(ARRAY[1, 2], e -> e > 1)", "false"],
  ["any_match", "any_match(ARRAY[1, 2], e -> e > 1)", "true"],
  ["none_match", "none_match(ARRAY[1, 2], e -> e > 2)", "true"],
  ["reduce", "reduce(ARRAY[5, 20, 50], 0, (s, e) -> s + e, s -> s * 2)", "150"],
  ["repeat", "repeat('x', 2)", "[x, x]", "(x, n) AS list_transform(generate_series(1, n), lambda i: x)"],
  ["array_distinct", "array_distinct(ARRAY[1, NULL, 1, NULL])", "[1, null]", "(list) AS list_filter(list, lambda one, i: CASE WHEN one IS NULL THEN list_position(list_transform(list, lambda other: other IS NULL), true) = i ELSE list_position(list, one) = i END)"],
  ["array_except", "array_except(ARRAY[1, 2, NULL], ARRAY[2])", "[1, null]", "(a, b) AS list_filter(athena_array_distinct(a), lambda one: CASE WHEN one IS NULL THEN NOT athena_has_null(b) ELSE NOT list_contains(b, one) END)"],
  ["array_intersect", "array_intersect(ARRAY[1, 2, NULL], ARRAY[2, NULL])", "[2, null]", "(a, b) AS list_filter(athena_array_distinct(a), lambda one: CASE WHEN one IS NULL THEN athena_has_null(b) ELSE list_contains(b, one) END)"],
  ["array_join", "array_join(ARRAY['a', 'b', NULL], ',')", "a,b", "(list, delimiter) AS array_to_string(list, delimiter), (list, delimiter, missing) AS array_to_string(list_transform(list, lambda one: coalesce(CAST(one AS VARCHAR), missing)), delimiter)"],
  ["array_max", "array_max(ARRAY[1, 3])", "3", "(list) AS CASE WHEN NOT athena_has_null(list) THEN list_max(list) END"],
  ["array_min", "array_min(ARRAY[1, NULL])", null, "(list) AS CASE WHEN NOT athena_has_null(list) THEN list_min(list) END"],
  ["array_position", "array_position(ARRAY[1, 2], 3)", "0", "(list, element) AS CASE WHEN list IS NOT NULL AND element IS NOT NULL THEN CAST(coalesce(list_position(list, element), 0) AS BIGINT) END"],
  ["array_remove", "array_remove(ARRAY[1, 2, 1, NULL], 1)", "[2, null]", "(list, element) AS list_filter(list, lambda one: one IS NULL OR one <> element)"],
  ["array_sort", "array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]", "(list) AS list_sort(list, 'ASC', 'NULLS LAST')"],
  ["array_union", "array_union(ARRAY[1, NULL], ARRAY[2, 1, NULL])", "[1, null, 2]", "(a, b) AS athena_array_distinct(list_concat(a, b))"],
  ["arrays_overlap", "arrays_overlap(ARRAY[1, NULL], ARRAY[2])", null, "(a, b) AS CASE WHEN list_has_any(a, b) THEN true WHEN len(a) = 0 OR len(b) = 0 THEN false WHEN athena_has_null(a) OR athena_has_null(b) THEN NULL WHEN a IS NOT NULL AND b IS NOT NULL THEN false END"],
  ["cardinality", "cardinality(MAP(ARRAY['a'], ARRAY[1])) + cardinality(ARRAY[1, 2])", "3", "(x) AS CAST(CASE json_type(to_json(x)) WHEN 'ARRAY' THEN json_array_length(to_json(x)) ELSE len(json_keys(to_json(x))) END AS BIGINT)"],
  ["cast", "CAST('5' AS integer)", "5"],
  ["coalesce", "coalesce(NULL, 1)", "1"],
  ["contains", "contains(ARRAY[1, NULL], 2)", null, "(list, element) AS CASE WHEN list IS NULL OR element IS NULL THEN NULL WHEN list_contains(list, element) THEN true WHEN athena_has_null(list) THEN NULL ELSE false END"],
  ["element_at", "element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')", null, "(x, k) AS x[k]"],
  ["filter", "filter(ARRAY[1, 2, 3], e -> e > 1)", "[2, 3]"],
  ["flatten", "flatten(ARRAY[ARRAY[1], ARRAY[2]])", "[1, 2]", "(x) AS flatten(x)"],
  ["greatest", "greatest(1, NULL)", null, strictly("greatest")],
  ["if", "if(false, 1)", null],
  ["least", "least(2, 1)", "1", strictly("least")],
  ["map", "MAP(ARRAY['a'], ARRAY[1])", "{a=1}"],
  ["map_concat", "map_concat(MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['b'], ARRAY[2]))", "{a=1, b=2}"],
  ["map_entries", "cardinality(map_entries(MAP(ARRAY['a'], ARRAY[1])))", "1"],
  ["map_filter", "map_filter(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1)", "{b=2}"],
  ["map_from_entries", "map_from_entries(ARRAY[ROW('a', 1)])", "{a=1}", "map_from_entries"],
  ["map_keys", "map_keys(MAP(ARRAY['a'], ARRAY[1]))", "[a]"],
  ["map_values", "map_values(MAP(ARRAY['a'], ARRAY[1]))", "[1]"],
  ["nullif", "nullif(1, 1)", null],
  ["row", "CAST(ROW(1, 'a') AS ROW(a integer, b varchar))", "{a=1, b=a}"],
  ["sequence", "sequence(DATE '2026-01-31', DATE '2026-03-31', INTERVAL '1' MONTH)", "[2026-01-31, 2026-02-28, 2026-03-31]", `(a, b) AS generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END), (a DATE, b DATE) AS CAST(generate_series(a, b, CASE WHEN a <= b THEN INTERVAL 1 DAY ELSE INTERVAL '-1' DAY END) AS DATE[]), (a DATE, b DATE, step INTERVAL) AS CAST(${SERIES} AS DATE[]), (a TIMESTAMP, b TIMESTAMP, step INTERVAL) AS ${SERIES}, (a, b, step) AS generate_series(a, b, step)`],
  ["slice", "slice(ARRAY[1, 2, 3, 4], -2, 2)", "[3, 4]", "(list, first, size) AS CASE WHEN first > 0 THEN list_slice(list, first, first + size - 1) WHEN -first <= len(list) THEN list_slice(list, len(list) + first + 1, len(list) + first + size) ELSE list_slice(list, 1, 0) END"],
  ["transform", "transform(ARRAY[1, 2], e -> e + 1)", "[2, 3]", "list_transform"],
  ["transform_keys", "transform_keys(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> upper(k))", "{A=1}"],
  ["transform_values", "transform_values(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> v + 1)", "{a=2}"],
  ["trim_array", "trim_array(ARRAY[1, 2, 3], 1)", "[1, 2]", "(list, n) AS list_slice(list, 1, len(list) - n)"],
  ["try", "try(CAST('x' AS integer))", null],
  ["try_cast", "try_cast('x' AS integer)", null],
  ["typeof", "typeof(ARRAY[true])", "array(boolean)", "(x) AS lower(typeof(x))"],
  ["unnest", "max(e) FROM (SELECT e FROM UNNEST(ARRAY[1, 2]) AS u(e)", "2"],
  ["uuid", "uuid() IS NOT NULL", "true"],
  ["zip", "zip(ARRAY[1, 2], ARRAY['a', 'b'])", "[{field0=1, field1=a}, {field0=2, field1=b}]", "(a, b) AS list_zip(a, b), (a, b, c) AS list_zip(a, b, c)"],
  ["zip_with", "zip_with(ARRAY[1, 2], ARRAY[3, 4], (a, b) -> a + b)", "[4, 6]"],
]; // prettier-ignore

/**
 * Every function that a query may call; any other is refused. What differs from Athena is listed in ../differences.ts.
 */
export const FUNCTIONS: ReadonlyMap<string, AthenaFunction> = new Map(
  [...AGGREGATES, ...WINDOWS, ...TIMES, ...TEXTS, ...NUMBERS, ...CONDITIONS_AND_COLLECTIONS].map(
    ([name, example, result, duckDb]) => [name, { name, example, result, ...(duckDb && { duckDb }) }],
  ),
);
