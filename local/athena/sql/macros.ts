import { FUNCTIONS, type AthenaFunction } from "./functions.ts";

/** Prefix of macros, which keeps polyglot and DuckDB from reading them as functions of their own. */
const MACRO_PREFIX = "athena_";

/** The name of a function in DuckDB's SQL, if it differs. */
export const duckDbName = ({ name, duckDb }: AthenaFunction): string | undefined =>
  duckDb?.startsWith("(") ? MACRO_PREFIX + name : duckDb;

/** Athena's name of a function of DuckDB. */
export const athenaName = (duckDb: string): string =>
  [...FUNCTIONS.values()].find((one) => one.duckDb === duckDb)?.name ??
  RENAMED_BY_TRANSLATION[duckDb] ??
  duckDb;

/** Functions that polyglot renames, by DuckDB's names. */
const RENAMED_BY_TRANSLATION: Readonly<Record<string, string>> = { arg_max: "max_by", arg_min: "min_by" };

/** The name of an operator's macro. */
export const operatorMacro = (operator: Operator): string => MACRO_PREFIX + operator;

export type Operator =
  | "plus"
  | "minus"
  | "divide"
  | "modulo"
  | "subscript"
  | "concatenate"
  | "as_varchar"
  | "as_tinyint"
  | "as_smallint"
  | "as_integer"
  | "as_bigint"
  | "greatest_of"
  | "least_of"
  | "float_divide"
  | "days"
  | "percentile"
  | "substring_of"
  | "element_of_array"
  | "value_of_map"
  | "element_or_null"
  | "length_of";

/** Only floating-point numbers can be divided by zero. */
const DIVIDES_BY_ZERO =
  "b = 0 AND typeof(a) NOT IN ('DOUBLE', 'FLOAT') AND typeof(b) NOT IN ('DOUBLE', 'FLOAT')";

/**
 * SQL that fails with a message when a condition holds, and is a value otherwise. It fails by a cast, because DuckDB's
 * `error` is volatile, and TRY allows nothing volatile.
 * @param also another condition and its message
 */
function failWhen(
  condition: string,
  message: string,
  value: string,
  also?: readonly [string, string],
): string {
  const cases = [[condition, message], ...(also ? [also] : [])]
    .map(([when, what]) => `WHEN ${when} THEN CAST(${what} AS BOOLEAN)`)
    .join(" ");
  return `CASE WHEN CASE ${cases} ELSE false END THEN NULL ELSE ${value} END`;
}

const IS_LIST = "typeof(x) LIKE '%]'";

/** Trino's quotient of decimals has the larger of their scales; here it is a double, rounded to that. */
const scaleOf = (x: string): string =>
  `CAST(coalesce(nullif(regexp_extract(typeof(${x}), ',\\s*(\\d+)\\)', 1), ''), '0') AS INTEGER)`;
const QUOTIENT =
  "CASE WHEN typeof(a) LIKE 'DECIMAL%' AND NOT typeof(b) IN ('DOUBLE', 'FLOAT') OR typeof(b) LIKE 'DECIMAL%' AND " +
  `NOT typeof(a) IN ('DOUBLE', 'FLOAT') THEN round(a / b, greatest(${scaleOf("a")}, ${scaleOf("b")})) ELSE a / b END`;

const TIMESTAMP_TEXT = "strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')";
/** The text of a value; times have milliseconds. */
const AS_TEXT =
  `(x) AS CASE WHEN typeof(x) IN ('TIMESTAMP', 'TIMESTAMP_MS') THEN ${TIMESTAMP_TEXT} ` +
  `WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN ${TIMESTAMP_TEXT} || ' UTC' ELSE CAST(x AS VARCHAR) END`;

/** A value as a whole number; a double is rounded half up, while DuckDB rounds half to even. */
const asInteger = (type: string): string =>
  "(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN " +
  `CAST(round(TRY_CAST(x AS DOUBLE)) AS ${type}) ELSE CAST(x AS ${type}) END`;

/** Whether text is concatenated with a number, a time or a boolean, which DuckDB would convert to text. */
const isTextWithOther = (a: string, b: string): string =>
  `(typeof(${a}) = 'VARCHAR' AND regexp_matches(typeof(${b}), '${OTHER}'))`;
const OTHER =
  "^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?(_LITERAL)?|DOUBLE|FLOAT|DECIMAL.*|BOOLEAN|DATE|TIMESTAMP.*)$";

const SUBSCRIPT_OF_ARRAY = failWhen(
  `${IS_LIST} AND TRY_CAST(k AS BIGINT) < 1`,
  "'Array subscript is not positive: ' || k",
  "x[k]",
  [
    `${IS_LIST} AND TRY_CAST(k AS BIGINT) > len(x)`,
    "'Array subscript must be less than or equal to array length: ' || k || ' > ' || len(x)",
  ],
);

/**
 * The macros of operators: a date plus an interval remains a date, while DuckDB's result is a timestamp; division by
 * zero fails, while DuckDB returns NULL.
 */
const OPERATORS: readonly (readonly [string, string])[] = [
  ["keys_of", "(list) AS list_filter(list, lambda one, i: one IS NOT NULL AND list_position(list, one) = i)"],
  [
    "plus",
    "(a DATE, b INTERVAL) AS CAST(a + b AS DATE), (a INTERVAL, b DATE) AS CAST(a + b AS DATE), (a, b) AS a + b",
  ],
  ["unnest", "(list) AS unnest(list)"],
  ["ordinals", "(list) AS generate_series(1, len(list))"],
  ["minus", "(a DATE, b INTERVAL) AS CAST(a - b AS DATE), (a, b) AS a - b"],
  // Of a value whose type is not known, as in a lambda.
  ["subscript", "(x, k) AS x[k]"],
  ["length_of", "(x BLOB) AS octet_length(x), (x) AS length(x)"],
  ["element_of_array", `(x, k) AS ${SUBSCRIPT_OF_ARRAY}`],
  ["element_or_null", `(x, k) AS ${failWhen("k = 0", "'SQL array indices start at 1'", "x[k]")}`],
  [
    "value_of_map",
    `(m, k) AS ${failWhen("NOT map_contains(m, k)", "'Key not present in map: ' || k", "m[k]")}`,
  ],
  [
    "concatenate",
    `(a, b) AS ${failWhen(
      `${isTextWithOther("a", "b")} OR ${isTextWithOther("b", "a")}`,
      "'Unexpected parameters (' || lower(typeof(a)) || ', ' || lower(typeof(b)) || ') for function concat'",
      "a || b",
    )}`,
  ],
  ["divide", `(a, b) AS ${failWhen(DIVIDES_BY_ZERO, "'Division by zero'", QUOTIENT)}`],
  ["as_varchar", AS_TEXT],
  ["as_tinyint", asInteger("TINYINT")],
  ["as_smallint", asInteger("SMALLINT")],
  ["as_integer", asInteger("INTEGER")],
  ["as_bigint", asInteger("BIGINT")],
  ["greatest_of", "(x, n) AS max(x, n)"],
  ["least_of", "(x, n) AS min(x, n)"],
  [
    "float_divide",
    "(a, b) AS CASE WHEN b = 0 THEN CASE WHEN a = 0 OR isnan(a) THEN 'NaN'::DOUBLE WHEN a > 0 THEN 'Infinity'::DOUBLE " +
      "WHEN a < 0 THEN '-Infinity'::DOUBLE END ELSE a / b END",
  ],
  ["days", "(n) AS to_days(CAST(n AS INTEGER))"],
  ["has_null", "(list) AS len(list_filter(list, lambda one: one IS NULL)) > 0"],
  ["percentile", "(list, q) AS list_sort(list)[CAST(least(floor(q * len(list)) + 1, len(list)) AS BIGINT)]"],
  [
    "substring_of",
    "(x, first) AS CASE WHEN first = 0 OR first < -length(x) THEN '' ELSE substring(x, first) END, " +
      "(x, first, n) AS CASE WHEN first = 0 OR first < -length(x) OR n <= 0 THEN '' ELSE substring(x, first, n) END",
  ],
  [
    "any_of",
    "(list) AS CASE WHEN list_contains(list, true) THEN true WHEN athena_has_null(list) THEN NULL WHEN list IS NOT NULL THEN false END",
  ],
  [
    "all_of",
    "(list) AS CASE WHEN list_contains(list, false) THEN false WHEN athena_has_null(list) THEN NULL WHEN list IS NOT NULL THEN true END",
  ],
  [
    "map_of",
    "(ks, vs) AS map(athena_keys_of(ks), list_transform(athena_keys_of(ks), lambda k: vs[list_position(ks, k)]))",
  ],
  [
    "multimap_of",
    "(ks, vs) AS map(athena_keys_of(ks), list_transform(athena_keys_of(ks), lambda k: " +
      "list_transform(list_filter(generate_series(1, len(ks)), lambda i: ks[i] = k), lambda i: vs[i])))",
  ],
  ["modulo", `(a, b) AS ${failWhen(DIVIDES_BY_ZERO, "'Division by zero'", "a % b")}`],
];

const castName = (name: string, isTry: boolean): string => `${isTry ? "try_" : ""}${name}`;

/** The name of a macro that casts, or of the one that gives NULL where the cast fails. */
export const castMacro = (name: string, isTry: boolean): string => MACRO_PREFIX + castName(name, isTry);

const INTEGER_TEXT = "[+-]?[0-9]+";
const DOUBLE_TEXT = "\\s*[+-]?(NaN|Infinity|([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?)\\s*";
const DAY_TEXT = "[+-]?[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}";

/** Text that Trino's casts take, as a regular expression, and what they call the type; DuckDB takes more. */
const TEXT_CASTS: readonly (readonly [type: string, pattern: string, refusal: string])[] = [
  ["tinyint", INTEGER_TEXT, "to TINYINT"],
  ["smallint", INTEGER_TEXT, "to SMALLINT"],
  ["integer", INTEGER_TEXT, "to INT"],
  ["bigint", INTEGER_TEXT, "to BIGINT"],
  ["real", DOUBLE_TEXT, "to REAL"],
  ["double", DOUBLE_TEXT, "to DOUBLE"],
  ["boolean", "(?i)(t|true|1|f|false|0)", "to BOOLEAN"],
  ["date", `\\s*${DAY_TEXT}\\s*`, "date"],
  ["timestamp", `\\s*${DAY_TEXT}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\\.[0-9]+)?)?)?\\s*`, "timestamp"],
];

/** A cast that fails with Trino's words, and one that gives NULL. */
const bothCasts = (name: string, args: string, fails: string, message: string, value: string) =>
  [
    [castName(name, false), `(${args}) AS ${failWhen(fails, message, value)}`],
    [castName(name, true), `(${args}) AS CASE WHEN NOT (${fails}) THEN TRY(${value}) END`],
  ] as const;

const CASTS: readonly (readonly [string, string])[] = [
  ...TEXT_CASTS.flatMap(([type, pattern, refusal]) => {
    const fails = `NOT regexp_full_match(x, '${pattern}')`;
    const message = refusal.startsWith("to ")
      ? `'Cannot cast ''' || x || ''' ${refusal}'`
      : `'Value cannot be cast to ${refusal}: ' || x`;
    return bothCasts(`text_as_${type}`, "x", fails, message, `CAST(trim(x) AS ${type})`);
  }),
  ...bothCasts("as_json", "x", "false", "''", "to_json(x)"),
  ...bothCasts(
    "json_as_varchar",
    "x",
    "json_type(x) IN ('OBJECT', 'ARRAY')",
    "'Cannot cast ' || x || ' to varchar'",
    "json_extract_string(x, '$')",
  ),
  ...bothCasts(
    "as_varchar_of",
    "x, n",
    "length(CAST(x AS VARCHAR)) > n",
    "'Value ' || x || ' cannot be represented as varchar(' || n || ')'",
    "CAST(x AS VARCHAR)",
  ),
  ...bothCasts("double_as_varchar", "x", "false", "''", "athena_java_double(x)"),
  ...bothCasts("real_as_varchar", "x", "false", "''", "athena_java_real(x)"),
];

/** What the translation makes of `JSON '…'`. */
const JSON_LITERAL = ["json_parse", "(text) AS CAST(json(text) AS JSON)"] as const;

/** Statements that create the macros of Athena's functions and operators in `schema`. */
export function macroStatements(schema: string): string[] {
  const functions = [...FUNCTIONS.values()].flatMap(({ name, duckDb }) =>
    duckDb?.startsWith("(") ? [[name, duckDb] as const] : [],
  );
  const usesMacros = ([, text]: readonly [string, string]) => text.includes(MACRO_PREFIX);
  // A macro must be there before another one that uses it.
  const inOrder = [...functions.filter((one) => !usesMacros(one)), ...functions.filter(usesMacros)];
  const macros = [...OPERATORS, ...CASTS, ...inOrder].map(
    ([name, overloads]) => [MACRO_PREFIX + name, overloads] as const,
  );
  return [...macros, JSON_LITERAL].map(
    ([name, overloads]) => `CREATE OR REPLACE MACRO ${schema}.${name}${overloads}`,
  );
}
