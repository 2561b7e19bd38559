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
  | "least_of";

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

/**
 * The macros of operators: a date plus an interval remains a date, while DuckDB's result is a timestamp; division by
 * zero fails, while DuckDB returns NULL.
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
    `(m MAP(VARCHAR, VARCHAR), k) AS ${failWhen("NOT map_contains(m, k)", "'Key not present in map: ' || k", "m[k]")}, ` +
      `(x, k) AS ${failWhen(
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
  ["modulo", `(a, b) AS ${failWhen(DIVIDES_BY_ZERO, "'Division by zero'", "a % b")}`],
];

/** Polyglot translates `JSON '…'` to a call of this function. */
const JSON_LITERAL = ["json_parse", "(text) AS CAST(text AS JSON)"] as const;

/** Statements that create the macros of Athena's functions and operators in `schema`. */
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
