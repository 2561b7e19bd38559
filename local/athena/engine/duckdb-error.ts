import { QueryError, queryError, type Position } from "../errors.ts";
import type { Query } from "../sql/statement.ts";

/** What a DuckDB error means in Athena's words. */
interface Rule {
  readonly pattern: RegExp;
  readonly name: string;
  /** @param groups what the pattern caught */
  say(
    groups: readonly string[],
    query: Query,
  ): { readonly what: string; readonly position?: Position | undefined };
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
};

const RULES: readonly Rule[] = [
  {
    pattern: /Values list "(.+?)" does not have a column named "(.+?)"/,
    name: "COLUMN_NOT_FOUND",
    say: ([table = "", name = ""], query) => ({
      what: `Column '${table}.${name}' cannot be resolved`,
      position: columnPosition(query, name, table),
    }),
  },
  {
    pattern: /Table "(.+?)" does not have a column named "(.+?)"/,
    name: "COLUMN_NOT_FOUND",
    say: ([table = "", name = ""], query) => ({
      what: `Column '${table}.${name}' cannot be resolved`,
      position: columnPosition(query, name, table),
    }),
  },
  {
    pattern: /Referenced column "(.+?)" (?:was )?not found/,
    name: "COLUMN_NOT_FOUND",
    say: ([name = ""], query) => ({
      what: `Column '${name}' cannot be resolved`,
      position: columnPosition(query, name),
    }),
  },
  {
    pattern: /Referenced table "(.+?)" not found/,
    name: "COLUMN_NOT_FOUND",
    say: ([table = ""], query) => {
      const column = query.columns.find((one) => one.table?.toLowerCase() === table.toLowerCase());
      return {
        what: `Column '${table}.${column?.name ?? "*"}' cannot be resolved`,
        position: query.source.position(column?.start),
      };
    },
  },
  {
    pattern: /Ambiguous reference to column name "(.+?)"/,
    name: "AMBIGUOUS_NAME",
    say: ([name = ""], query) => ({
      what: `Column '${name}' is ambiguous`,
      position: columnPosition(query, name),
    }),
  },
  {
    pattern: /column "?(.+?)"? must appear in the GROUP BY clause/,
    name: "EXPRESSION_NOT_AGGREGATE",
    say: ([name = ""], query) => ({
      what: `'${name}' must be an aggregate expression or appear in GROUP BY clause`,
      position: columnPosition(query, name),
    }),
  },
  {
    pattern: /No function matches the given name and argument types '(?:athena_)?(\w+)\((.*?)\)'/i,
    name: "TYPE_MISMATCH",
    say: ([name = "", types = ""], query) => ({
      what: `Unexpected parameters (${types.toLowerCase()}) for function ${name.toLowerCase()}`,
      position: wordPosition(query, name),
    }),
  },
  {
    pattern: /Could not choose a best candidate function for the function call "(?:athena_)?(.+?)\((.*?)\)"/i,
    name: "TYPE_MISMATCH",
    say: ([operator = "", types = ""]) => ({
      what: `Cannot apply operator: ${types.toLowerCase().split(", ").join(` ${operator} `)}`,
    }),
  },
  {
    pattern: /Could not convert string '(.*?)' to (\w+)/s,
    name: "INVALID_CAST_ARGUMENT",
    say: ([value = "", type = ""]) => ({
      what: `Cannot cast '${value}' to ${TYPE_NAMES[type] ?? type.toLowerCase()}`,
    }),
  },
  {
    pattern: /Division by zero/,
    name: "DIVISION_BY_ZERO",
    say: () => ({ what: "Division by zero" }),
  },
  {
    pattern: /^Out of Memory Error/,
    name: "RESOURCES_EXHAUSTED",
    say: () => ({ what: "Query exhausted resources at this scale factor" }),
  },
  {
    pattern: /^Parser Error: (.*?)$/m,
    name: "SYNTAX_ERROR",
    say: ([what = ""]) => ({ what }),
  },
  {
    pattern: /^(?:Conversion|Binder|Catalog|Invalid Input) Error: (.*?)$/m,
    name: "GENERIC_USER_ERROR",
    say: ([what = ""]) => ({ what }),
  },
];

/**
 * The failure of a query that DuckDB refused, in Athena's form; where it stands is looked up in the user's SQL.
 * What DuckDB says of no known kind is passed on as GENERIC_INTERNAL_ERROR.
 */
export function explainDuckDbError(error: unknown, query: Query): QueryError {
  if (error instanceof QueryError) return error;
  const message = duckDbMessage(error);
  for (const { pattern, name, say } of RULES) {
    const groups = pattern.exec(message)?.slice(1);
    if (!groups) continue;
    const { what, position } = say(groups, query);
    return queryError(name, position, what);
  }
  return new QueryError(`GENERIC_INTERNAL_ERROR: ${message.split("\n")[0]}`);
}

/** What DuckDB says; its errors are no instances of this realm's Error where tests run in a realm of their own. */
export const duckDbMessage = (error: unknown): string =>
  String((error as { message?: unknown } | undefined)?.message ?? error);
