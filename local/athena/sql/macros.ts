import { FUNCTIONS, type AthenaFunction } from "./functions.ts";

/** Prefix of macros, so that neither the translation of dialects nor DuckDB takes them for its own. */
const MACRO_PREFIX = "athena_";

/** What a function is called in DuckDB's SQL, where it differs. */
export const duckDbName = ({ name, duckDb }: AthenaFunction): string | undefined =>
  duckDb?.startsWith("(") ? MACRO_PREFIX + name : duckDb;

/** What a user calls a function of DuckDB. */
export const athenaName = (duckDb: string): string =>
  [...FUNCTIONS.values()].find((one) => one.duckDb === duckDb)?.name ??
  RENAMED_BY_TRANSLATION[duckDb] ??
  duckDb;

/** Functions that the translation of dialects renames, by DuckDB's names. */
const RENAMED_BY_TRANSLATION: Readonly<Record<string, string>> = { arg_max: "max_by", arg_min: "min_by" };

/** The name of a macro that stands for an operator. */
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
  | "least_of";

/** Only floating-point numbers may be divided by zero. */
const DIVIDES_BY_ZERO =
  "b = 0 AND typeof(a) NOT IN ('DOUBLE', 'FLOAT') AND typeof(b) NOT IN ('DOUBLE', 'FLOAT')";

/**
 * A value, unless a condition holds; then the query fails with a message. It fails by a cast, because DuckDB's `error`
 * is volatile, and nothing volatile may stand in TRY.
 * @param also another condition and its message
 */
function unless(condition: string, message: string, value: string, also?: readonly [string, string]): string {
  const cases = [[condition, message], ...(also ? [also] : [])]
    .map(([when, what]) => `WHEN ${when} THEN CAST(${what} AS BOOLEAN)`)
    .join(" ");
  return `CASE WHEN CASE ${cases} ELSE false END THEN NULL ELSE ${value} END`;
}

const IS_LIST = "typeof(x) LIKE '%]'";

/** Trino's quotient of decimals has the greater of their scales; it is a double here, rounded to that. */
const scaleOf = (x: string): string =>
  `CAST(coalesce(nullif(regexp_extract(typeof(${x}), ',\\s*(\\d+)\\)', 1), ''), '0') AS INTEGER)`;
const QUOTIENT =
  "CASE WHEN typeof(a) LIKE 'DECIMAL%' AND NOT typeof(b) IN ('DOUBLE', 'FLOAT') OR typeof(b) LIKE 'DECIMAL%' AND " +
  `NOT typeof(a) IN ('DOUBLE', 'FLOAT') THEN round(a / b, greatest(${scaleOf("a")}, ${scaleOf("b")})) ELSE a / b END`;

const TIMESTAMP_TEXT = "strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')";
/** Text of a value: times have milliseconds. */
const AS_TEXT =
  `(x) AS CASE WHEN typeof(x) IN ('TIMESTAMP', 'TIMESTAMP_MS') THEN ${TIMESTAMP_TEXT} ` +
  `WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN ${TIMESTAMP_TEXT} || ' UTC' ELSE CAST(x AS VARCHAR) END`;

/** A whole number of a value: a double is rounded half up, where DuckDB rounds it to the even neighbour. */
const asInteger = (type: string): string =>
  "(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN " +
  `CAST(round(TRY_CAST(x AS DOUBLE)) AS ${type}) ELSE CAST(x AS ${type}) END`;

/** Whether a text stands beside a number, a time or a truth value, which DuckDB would turn into text. */
const isTextBeside = (a: string, b: string): string =>
  `(typeof(${a}) = 'VARCHAR' AND regexp_matches(typeof(${b}), '${NO_TEXT}'))`;
const NO_TEXT =
  "^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?(_LITERAL)?|DOUBLE|FLOAT|DECIMAL.*|BOOLEAN|DATE|TIMESTAMP.*)$";

/**
 * What stands for operators: a date plus an interval stays a date where DuckDB makes it a timestamp,
 * and division by zero fails where DuckDB gives NULL.
 */
const OPERATORS: readonly (readonly [string, string])[] = [
  [
    "plus",
    "(a DATE, b INTERVAL) AS CAST(a + b AS DATE), (a INTERVAL, b DATE) AS CAST(a + b AS DATE), (a, b) AS a + b",
  ],
  ["unnest", "(list) AS unnest(list)"],
  ["ordinals", "(list) AS generate_series(1, len(list))"],
  ["minus", "(a DATE, b INTERVAL) AS CAST(a - b AS DATE), (a, b) AS a - b"],
  [
    "subscript",
    `(m MAP(VARCHAR, VARCHAR), k) AS ${unless("NOT map_contains(m, k)", "'Key not present in map: ' || k", "m[k]")}, ` +
      `(x, k) AS ${unless(
        `${IS_LIST} AND TRY_CAST(k AS BIGINT) < 1`,
        "'Array subscript is not positive: ' || k",
        "x[k]",
        [
          `${IS_LIST} AND TRY_CAST(k AS BIGINT) > len(x)`,
          "'Array subscript must be less than or equal to array length: ' || k || ' > ' || len(x)",
        ],
      )}`,
  ],
  [
    "concatenate",
    `(a, b) AS ${unless(
      `${isTextBeside("a", "b")} OR ${isTextBeside("b", "a")}`,
      "'Unexpected parameters (' || lower(typeof(a)) || ', ' || lower(typeof(b)) || ') for function concat'",
      "a || b",
    )}`,
  ],
  ["divide", `(a, b) AS ${unless(DIVIDES_BY_ZERO, "'Division by zero'", QUOTIENT)}`],
  ["as_varchar", AS_TEXT],
  ["as_tinyint", asInteger("TINYINT")],
  ["as_smallint", asInteger("SMALLINT")],
  ["as_integer", asInteger("INTEGER")],
  ["as_bigint", asInteger("BIGINT")],
  ["greatest_of", "(x, n) AS max(x, n)"],
  ["least_of", "(x, n) AS min(x, n)"],
  ["modulo", `(a, b) AS ${unless(DIVIDES_BY_ZERO, "'Division by zero'", "a % b")}`],
];

/** What the translation makes of `JSON '…'`. */
const JSON_LITERAL = ["json_parse", "(text) AS CAST(text AS JSON)"] as const;

/** The macros by which DuckDB gets Athena's functions and operators, as statements that make them in `schema`. */
export function macroStatements(schema: string): string[] {
  const functions = [...FUNCTIONS.values()].flatMap(({ name, duckDb }) =>
    duckDb?.startsWith("(") ? [[name, duckDb] as const] : [],
  );
  const macros = [...OPERATORS, ...functions].map(
    ([name, overloads]) => [MACRO_PREFIX + name, overloads] as const,
  );
  return [...macros, JSON_LITERAL].map(
    ([name, overloads]) => `CREATE OR REPLACE MACRO ${schema}.${name}${overloads}`,
  );
}
