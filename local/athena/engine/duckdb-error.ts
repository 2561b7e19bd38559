import { columnNotFound, QueryError, queryError, type Position } from "../errors.ts";
import { athenaName } from "../sql/macros.ts";
import type { Query } from "../sql/statement.ts";
import { trinoType } from "../sql/trino-types.ts";

/** How a DuckDB error is reported by Athena. */
interface Rule {
  readonly pattern: RegExp;
  /** @param groups captured by the pattern */
  explain(groups: readonly (string | undefined)[], query: Query, message: string): QueryError;
}

const columnPosition = (query: Query, name: string, table?: string): Position | undefined => {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const found = query.columns.find(
    (column) => same(column.name, name) && (table === undefined || same(column.table ?? "", table)),
  );
  return query.source.position(found?.start);
};

const wordPosition = ({ source }: Query, word: string): Position | undefined =>
  source.position(source.tokens.find((token) => token.word === word.toUpperCase())?.start);

/** Trino's names of types, by the names in DuckDB's messages. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  INT8: "tinyint",
  INT16: "smallint",
  INT32: "integer",
  INT64: "bigint",
  BOOL: "boolean",
  FLOAT: "real",
  INTEGER_LITERAL: "integer",
  STRING_LITERAL: "varchar",
};

/** Trino's names of types in errors of casts from text. */
const CAST_NAMES: Readonly<Record<string, string>> = {
  INT8: "TINYINT",
  INT16: "SMALLINT",
  INT32: "INT",
  INT64: "BIGINT",
  BOOL: "BOOLEAN",
  FLOAT: "REAL",
};

const typeName = (duckDb: string): string => TYPE_NAMES[duckDb] ?? duckDb.toLowerCase();

/** Signs of the operators that can overflow, by their names in DuckDB's messages. */
const OPERATIONS = { addition: "+", subtraction: "-", multiplication: "*" } as const;

/** Errors about names in the query; the messages are Trino's (observed: Athena engine v3). */
const NAMES: readonly Rule[] = [
  {
    pattern: /Macro athena_(\w+)\(\) does not support the supplied arguments/,
    explain: ([name = ""], query) =>
      queryError(
        "FUNCTION_NOT_FOUND",
        wordPosition(query, name),
        `Unexpected parameters for function ${name}`,
      ),
  },
  {
    pattern: /(?:Values list|Table) "(.+?)" does not have a column named "(.+?)"/,
    explain: ([table = "", name = ""], query) =>
      columnNotFound(`${table}.${name}`, columnPosition(query, name, table)),
  },
  {
    pattern: /Referenced column "(.+?)" (?:was )?not found/,
    explain: ([name = ""], query) => columnNotFound(name, columnPosition(query, name)),
  },
  {
    pattern: /Referenced table "(.+?)" not found/,
    explain: ([table = ""], query) => {
      const column = query.columns.find((one) => one.table?.toLowerCase() === table.toLowerCase());
      return columnNotFound(`${table}.${column?.name ?? "*"}`, query.source.position(column?.start));
    },
  },
  {
    pattern: /Ambiguous reference to column name "(.+?)"/,
    explain: ([name = ""], query) =>
      queryError("AMBIGUOUS_NAME", columnPosition(query, name), `Column '${name}' is ambiguous`),
  },
  {
    pattern: /column "?(.+?)"? must appear in the GROUP BY clause/,
    explain: ([name = ""], query) =>
      queryError(
        "EXPRESSION_NOT_AGGREGATE",
        columnPosition(query, name),
        `'${name}' must be an aggregate expression or appear in GROUP BY clause`,
      ),
  },
  {
    pattern: /No function matches the given name and argument types '([^\w\s]+)\((\w+), (\w+)\)'/,
    explain: ([operator = "", left = "", right = ""]) =>
      queryError(
        "TYPE_MISMATCH",
        undefined,
        `Cannot apply operator: ${typeName(left)} ${operator} ${typeName(right)}`,
      ),
  },
  {
    pattern: /No function matches the given name and argument types '(?:athena_)?(\w+)\((.*?)\)'/i,
    explain: ([name = "", types = ""], query) => {
      const shown = athenaName(name.toLowerCase());
      const names = types.split(", ").map(typeName).join(", ");
      return queryError(
        "FUNCTION_NOT_FOUND",
        wordPosition(query, shown),
        `Unexpected parameters (${names}) for function ${shown}`,
      );
    },
  },
  {
    pattern: /Could not choose a best candidate function for the function call "(?:athena_)?(.+?)\((.*?)\)"/i,
    explain: ([name = "", types = ""], query) => {
      const names = types.split(", ").map(typeName);
      if (/^\w/.test(name))
        return queryError(
          "FUNCTION_NOT_FOUND",
          wordPosition(query, name),
          `Unexpected parameters (${names.join(", ")}) for function ${name.toLowerCase()}`,
        );
      return queryError("TYPE_MISMATCH", undefined, `Cannot apply operator: ${names.join(` ${name} `)}`);
    },
  },
  {
    pattern: /SELECT clause without selection list/,
    explain: (_, query) => queryError("SYNTAX_ERROR", wordPosition(query, "FROM"), "mismatched input 'FROM'"),
  },
  {
    pattern: /aggregate function calls cannot be nested/,
    explain: () => queryError("NESTED_AGGREGATION", undefined, "Cannot nest aggregations inside aggregation"),
  },
  {
    pattern: /WHERE clause cannot contain (?:aggregates|window functions)/,
    explain: (_, query) =>
      queryError(
        "EXPRESSION_NOT_SCALAR",
        wordPosition(query, "WHERE"),
        "WHERE clause cannot contain aggregations, window functions or grouping operations",
      ),
  },
  {
    pattern: /Set operations can only apply to expressions with the same number of result columns/,
    explain: (_, query) =>
      queryError("TYPE_MISMATCH", undefined, `${setOperation(query)} query has different number of fields`),
  },
];

/** Errors that the macros of operators raise, by a cast of the message. */
const RAISED: readonly Rule[] = [
  {
    pattern: /'Division by zero' to BOOL/,
    explain: () => queryError("DIVISION_BY_ZERO", undefined, "Division by zero"),
  },
  {
    pattern: /'((?:Cannot cast|Value) .*)' to BOOL/s,
    explain: ([what = ""]) => queryError("INVALID_CAST_ARGUMENT", undefined, what),
  },
  {
    pattern: /'(Invalid JSON path: .*)' to BOOL/s,
    explain: ([what = ""]) => queryError("INVALID_FUNCTION_ARGUMENT", undefined, what),
  },
  {
    pattern: /'(Key not present in map: .*|Array subscript .*)' to BOOL/,
    explain: ([what = ""]) => queryError("INVALID_FUNCTION_ARGUMENT", undefined, what),
  },
  {
    pattern: /'(Unexpected parameters \(.*?\) for function \w+)' to BOOL/,
    explain: ([what = ""]) => queryError("FUNCTION_NOT_FOUND", undefined, what),
  },
];

/** Errors about values. */
const VALUES: readonly Rule[] = [
  ...RAISED,
  {
    pattern: /Casting value "(.*?)" to type DECIMAL\((\d+),(\d+)\) failed/,
    explain: ([value = "", precision, scale]) =>
      invalidCast(`Cannot cast '${value}' to DECIMAL(${precision}, ${scale})`),
  },
  {
    pattern: /Cannot concatenate types (\S+) and (\S+) -/,
    explain: ([a = "", b = ""]) =>
      queryError(
        "FUNCTION_NOT_FOUND",
        undefined,
        `Unexpected parameters (${trinoType(a).name}, ${trinoType(b).name}) for function concat`,
      ),
  },
  {
    pattern: /'(SQL array indices start at 1)' to BOOL/,
    explain: ([what = ""]) => queryError("INVALID_FUNCTION_ARGUMENT", undefined, what),
  },
  {
    pattern: /(GROUP|ORDER)(?: BY)? term out of range/,
    explain: ([clause]) =>
      queryError("INVALID_COLUMN_REFERENCE", undefined, `${clause} BY position is not in select list`),
  },
  {
    pattern: /extract specifier "(.*?)" not recognized|date_add has no unit (\w+)/,
    explain: ([a, b]) =>
      queryError("INVALID_FUNCTION_ARGUMENT", undefined, `'${a ?? b}' is not a valid DATE field`),
  },
  {
    pattern: /Map keys must be unique/,
    explain: () => queryError("INVALID_FUNCTION_ARGUMENT", undefined, "Duplicate map keys are not allowed"),
  },
  {
    pattern:
      /Scalar Function with name (row_number|rank|dense_rank|lag|lead|ntile|first_value|last_value|nth_value|percent_rank|cume_dist) does not exist/,
    explain: ([name = ""], query) =>
      queryError(
        "MISSING_OVER",
        wordPosition(query, name),
        `Window function ${name} requires an OVER clause`,
      ),
  },
  {
    pattern: /VALUES lists must all be the same length/,
    explain: () => queryError("TYPE_MISMATCH", undefined, "Values rows have mismatched sizes"),
  },
  {
    pattern: /table "(.*?)" has (\d+) columns available but (\d+) columns specified/,
    explain: ([table, has, given]) =>
      queryError(
        "MISMATCHED_COLUMN_ALIASES",
        undefined,
        `Column alias list has ${given} entries but '${table}' has ${has} columns available`,
      ),
  },
  {
    pattern: /Cannot extract field '.*?' from expression "(.*?)"/,
    explain: ([what]) => queryError("TYPE_MISMATCH", undefined, `Expression ${what} is not of type ROW`),
  },
  {
    pattern: /^Invalid Input Error: (missing [)\]]|invalid |no argument|unexpected |bad |trailing )(.*)$/m,
    explain: ([start = "", rest = ""]) =>
      queryError("INVALID_FUNCTION_ARGUMENT", undefined, `the pattern cannot be read: ${start}${rest}`),
  },
  {
    pattern: /Could not convert string '(.*?)' to (\w+)/s,
    explain: ([value = "", type = ""]) =>
      invalidCast(`Cannot cast '${value}' to ${CAST_NAMES[type] ?? type}`),
  },
  {
    pattern:
      /(?:date|timestamp) field value out of range: "(.*?)"|invalid (?:date|timestamp) field format: "(.*?)"/s,
    explain: ([outOfRange, unreadable], query, message) => {
      const value = outOfRange ?? unreadable ?? "";
      const type = /invalid date|date field/.test(message) ? "date" : "timestamp";
      const literal = query.source.tokens.findIndex(
        ({ source }, index) =>
          source === `'${value}'` && /^(DATE|TIMESTAMP)$/.test(query.source.tokens[index - 1]?.word ?? ""),
      );
      const word = query.source.tokens[literal - 1];
      if (word)
        return queryError(
          "INVALID_LITERAL",
          query.source.position(word.start),
          `'${value}' is not a valid ${word.word} literal`,
        );
      return invalidCast(`Value cannot be cast to ${type}: ${value}`);
    },
  },
  {
    pattern:
      /with value (\S+) can't be cast because the value is out of range for the destination type (\w+)/,
    explain: ([value = "", type = ""]) => outOfRange(`Out of range for ${typeName(type)}: ${value}`),
  },
  {
    pattern: /Overflow in (\w+) of (INT\d+) \((\S+) \S+ (\S+)\)/,
    explain: ([operation = "", type = "", left = "", right = ""]) => {
      const sign = OPERATIONS[operation as keyof typeof OPERATIONS] ?? "?";
      return outOfRange(`${typeName(type)} ${operation} overflow: ${left} ${sign} ${right}`);
    },
  },
  {
    pattern: /Could not parse string "(.*?)" according to format specifier/s,
    explain: ([value = ""]) =>
      queryError("INVALID_FUNCTION_ARGUMENT", undefined, `Invalid format: "${value}"`),
  },
  {
    pattern: /Malformed JSON.*?(?:Input: "(.*)"|$)/s,
    explain: ([text = ""]) =>
      queryError("INVALID_FUNCTION_ARGUMENT", undefined, `Cannot convert value to JSON: '${text}'`),
  },
  {
    pattern: /More than one row returned by a subquery/,
    explain: () =>
      queryError("SUBQUERY_MULTIPLE_ROWS", undefined, "Scalar sub-query has returned multiple rows"),
  },
  {
    pattern: /^Out of Memory Error/,
    explain: () =>
      queryError("RESOURCES_EXHAUSTED", undefined, "Query exhausted resources at this scale factor"),
  },
];

/** All other errors, with DuckDB's message. */
const OTHERS: readonly Rule[] = [
  {
    pattern: /^Parser Error: (.*?)$/m,
    explain: ([what = ""]) => queryError("SYNTAX_ERROR", undefined, what),
  },
  {
    pattern: /^(?:Conversion|Binder|Catalog|Invalid Input|Out of Range) Error: (.*?)$/m,
    explain: ([what = ""]) => queryError("GENERIC_USER_ERROR", undefined, what),
  },
];

const invalidCast = (what: string): QueryError => queryError("INVALID_CAST_ARGUMENT", undefined, what);
const outOfRange = (what: string): QueryError => queryError("NUMERIC_VALUE_OUT_OF_RANGE", undefined, what);

const setOperation = ({ source }: Query): string =>
  source.tokens.find(({ word }) => word !== undefined && /^(UNION|EXCEPT|INTERSECT)$/.test(word))?.word ??
  "UNION";

/**
 * Converts an error of DuckDB to Athena's form, with its position in the user's SQL. An unknown error becomes
 * GENERIC_INTERNAL_ERROR.
 */
export function explainDuckDbError(error: unknown, query: Query): QueryError {
  if (error instanceof QueryError) return error;
  const message = duckDbMessage(error);
  for (const { pattern, explain } of [...NAMES, ...VALUES, ...OTHERS]) {
    const groups = pattern.exec(message)?.slice(1);
    if (groups) return explain(groups, query, message);
  }
  return new QueryError(`${UNEXPLAINED}: ${message.split("\n")[0]}`);
}

const UNEXPLAINED = "GENERIC_INTERNAL_ERROR";

/** Whether the error of DuckDB was unknown. */
export const isUnexplained = ({ message }: QueryError): boolean => message.startsWith(UNEXPLAINED);

/** DuckDB's errors are not instances of this realm's Error when tests run in a realm of their own. */
export const duckDbMessage = (error: unknown): string =>
  String((error as { message?: unknown } | undefined)?.message ?? error);
