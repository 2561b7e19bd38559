import { columnNotFound, QueryError, queryError, type Position } from "../errors.ts";
import { athenaName } from "../sql/macros.ts";
import type { Query } from "../sql/statement.ts";

/** What a DuckDB error means in Athena's words. */
interface Rule {
  readonly pattern: RegExp;
  /** @param groups what the pattern caught */
  say(groups: readonly (string | undefined)[], query: Query, message: string): QueryError;
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

/** Trino's names of the types that DuckDB's messages name otherwise. */
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

/** The names that Trino's casts from text have for types, which differ from the types' own. */
const CAST_NAMES: Readonly<Record<string, string>> = {
  INT8: "TINYINT",
  INT16: "SMALLINT",
  INT32: "INT",
  INT64: "BIGINT",
  BOOL: "BOOLEAN",
  FLOAT: "REAL",
};

const typeName = (duckDb: string): string => TYPE_NAMES[duckDb] ?? duckDb.toLowerCase();

/** Signs of overflowing operators, by what DuckDB calls the operation. */
const OPERATIONS = { addition: "+", subtraction: "-", multiplication: "*" } as const;

/** DuckDB's messages for what the query names wrongly; all words of Trino (observed: Athena engine v3). */
const NAMES: readonly Rule[] = [
  {
    pattern: /(?:Values list|Table) "(.+?)" does not have a column named "(.+?)"/,
    say: ([table = "", name = ""], query) =>
      columnNotFound(`${table}.${name}`, columnPosition(query, name, table)),
  },
  {
    pattern: /Referenced column "(.+?)" (?:was )?not found/,
    say: ([name = ""], query) => columnNotFound(name, columnPosition(query, name)),
  },
  {
    pattern: /Referenced table "(.+?)" not found/,
    say: ([table = ""], query) => {
      const column = query.columns.find((one) => one.table?.toLowerCase() === table.toLowerCase());
      return columnNotFound(`${table}.${column?.name ?? "*"}`, query.source.position(column?.start));
    },
  },
  {
    pattern: /Ambiguous reference to column name "(.+?)"/,
    say: ([name = ""], query) =>
      queryError("AMBIGUOUS_NAME", columnPosition(query, name), `Column '${name}' is ambiguous`),
  },
  {
    pattern: /column "?(.+?)"? must appear in the GROUP BY clause/,
    say: ([name = ""], query) =>
      queryError(
        "EXPRESSION_NOT_AGGREGATE",
        columnPosition(query, name),
        `'${name}' must be an aggregate expression or appear in GROUP BY clause`,
      ),
  },
  {
    pattern: /No function matches the given name and argument types '([^\w\s]+)\((\w+), (\w+)\)'/,
    say: ([operator = "", left = "", right = ""]) =>
      queryError(
        "TYPE_MISMATCH",
        undefined,
        `Cannot apply operator: ${typeName(left)} ${operator} ${typeName(right)}`,
      ),
  },
  {
    pattern: /No function matches the given name and argument types '(?:athena_)?(\w+)\((.*?)\)'/i,
    say: ([name = "", types = ""], query) => {
      const shown = athenaName(name.toLowerCase());
      const names = types.split(", ").map(typeName).join(", ");
      return queryError(
        "TYPE_MISMATCH",
        wordPosition(query, shown),
        `Unexpected parameters (${names}) for function ${shown}`,
      );
    },
  },
  {
    pattern: /Could not choose a best candidate function for the function call "(?:athena_)?(.+?)\((.*?)\)"/i,
    say: ([name = "", types = ""], query) => {
      const names = types.split(", ").map(typeName);
      if (/^\w/.test(name))
        return queryError(
          "TYPE_MISMATCH",
          wordPosition(query, name),
          `Unexpected parameters (${names.join(", ")}) for function ${name.toLowerCase()}`,
        );
      return queryError("TYPE_MISMATCH", undefined, `Cannot apply operator: ${names.join(` ${name} `)}`);
    },
  },
  {
    pattern: /SELECT clause without selection list/,
    say: (_, query) => queryError("SYNTAX_ERROR", wordPosition(query, "FROM"), "mismatched input 'FROM'"),
  },
  {
    pattern: /aggregate function calls cannot be nested/,
    say: () => queryError("NESTED_AGGREGATION", undefined, "Cannot nest aggregations inside aggregation"),
  },
  {
    pattern: /WHERE clause cannot contain (aggregates|window functions)/,
    say: ([what = ""], query) =>
      queryError(
        what === "aggregates" ? "EXPRESSION_NOT_SCALAR" : "NESTED_WINDOW",
        wordPosition(query, "WHERE"),
        "WHERE clause cannot contain aggregations, window functions or grouping operations",
      ),
  },
  {
    pattern: /Set operations can only apply to expressions with the same number of result columns/,
    say: (_, query) =>
      queryError("TYPE_MISMATCH", undefined, `${setOperation(query)} query has different number of fields`),
  },
];

/** What the macros of Athena's operators fail with: a cast of the message. */
const RAISED: readonly Rule[] = [
  {
    pattern: /'Division by zero' to BOOL/,
    say: () => queryError("DIVISION_BY_ZERO", undefined, "Division by zero"),
  },
  {
    pattern: /'(Key not present in map: .*|Array subscript .*)' to BOOL/,
    say: ([what = ""]) => queryError("INVALID_FUNCTION_ARGUMENT", undefined, what),
  },
  {
    pattern: /'(Unexpected parameters \(.*?\) for function \w+)' to BOOL/,
    say: ([what = ""]) => queryError("TYPE_MISMATCH", undefined, what),
  },
];

/** DuckDB's messages for values that fail. */
const VALUES: readonly Rule[] = [
  ...RAISED,
  {
    pattern: /Could not convert string '(.*?)' to (\w+)/s,
    say: ([value = "", type = ""]) => invalidCast(`Cannot cast '${value}' to ${CAST_NAMES[type] ?? type}`),
  },
  {
    pattern:
      /(?:date|timestamp) field value out of range: "(.*?)"|invalid (?:date|timestamp) field format: "(.*?)"/s,
    say: ([outOfRange, unreadable], query, message) => {
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
    say: ([value = "", type = ""]) => outOfRange(`Out of range for ${typeName(type)}: ${value}`),
  },
  {
    pattern: /Overflow in (\w+) of (INT\d+) \((\S+) \S+ (\S+)\)/,
    say: ([operation = "", type = "", left = "", right = ""]) => {
      const sign = OPERATIONS[operation as keyof typeof OPERATIONS] ?? "?";
      return outOfRange(`${typeName(type)} ${operation} overflow: ${left} ${sign} ${right}`);
    },
  },
  {
    pattern: /Could not parse string "(.*?)" according to format specifier/s,
    say: ([value = ""]) => queryError("INVALID_FUNCTION_ARGUMENT", undefined, `Invalid format: "${value}"`),
  },
  {
    pattern: /Malformed JSON.*?(?:Input: "(.*)"|$)/s,
    say: ([text = ""]) =>
      queryError("INVALID_FUNCTION_ARGUMENT", undefined, `Cannot convert value to JSON: '${text}'`),
  },
  {
    pattern: /More than one row returned by a subquery/,
    say: () => queryError("SUBQUERY_MULTIPLE_ROWS", undefined, "Scalar sub-query has returned multiple rows"),
  },
  {
    pattern: /^Out of Memory Error/,
    say: () => queryError("RESOURCES_EXHAUSTED", undefined, "Query exhausted resources at this scale factor"),
  },
];

/** What is left, with DuckDB's own words. */
const OTHERS: readonly Rule[] = [
  { pattern: /^Parser Error: (.*?)$/m, say: ([what = ""]) => queryError("SYNTAX_ERROR", undefined, what) },
  {
    pattern: /^(?:Conversion|Binder|Catalog|Invalid Input|Out of Range) Error: (.*?)$/m,
    say: ([what = ""]) => queryError("GENERIC_USER_ERROR", undefined, what),
  },
];

const invalidCast = (what: string): QueryError => queryError("INVALID_CAST_ARGUMENT", undefined, what);
const outOfRange = (what: string): QueryError => queryError("NUMERIC_VALUE_OUT_OF_RANGE", undefined, what);

const setOperation = ({ source }: Query): string =>
  source.tokens.find(({ word }) => word !== undefined && /^(UNION|EXCEPT|INTERSECT)$/.test(word))?.word ??
  "UNION";

/**
 * The failure of a query that DuckDB refused, in Athena's form; where it stands is looked up in the user's SQL.
 * What DuckDB says of no known kind is passed on as GENERIC_INTERNAL_ERROR.
 */
export function explainDuckDbError(error: unknown, query: Query): QueryError {
  if (error instanceof QueryError) return error;
  const message = duckDbMessage(error);
  for (const { pattern, say } of [...NAMES, ...VALUES, ...OTHERS]) {
    const groups = pattern.exec(message)?.slice(1);
    if (groups) return say(groups, query, message);
  }
  return new QueryError(`${UNEXPLAINED}: ${message.split("\n")[0]}`);
}

const UNEXPLAINED = "GENERIC_INTERNAL_ERROR";

/** Whether DuckDB's words were of no known kind. */
export const isUnexplained = ({ message }: QueryError): boolean => message.startsWith(UNEXPLAINED);

/** What DuckDB says; its errors are no instances of this realm's Error where tests run in a realm of their own. */
export const duckDbMessage = (error: unknown): string =>
  String((error as { message?: unknown } | undefined)?.message ?? error);
