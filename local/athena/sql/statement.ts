import { Dialect, parse } from "@polyglot-sql/sdk";
import { notSupported, queryError, QueryError, type Position } from "../errors.ts";
import { checkCalls, KEYWORDS } from "./calls.ts";
import { Source, type Token } from "./source.ts";
import { checkSyntax } from "./syntax.ts";
import { asIdentifier, isNode, type Node } from "./tree.ts";

/** A table or view in a query, in lower case. */
interface TableReference {
  readonly database: string | undefined;
  readonly name: string;
  /** Offsets of the whole name in the source, in characters. */
  readonly start: number;
  readonly end: number;
}

/** A column in a query. */
interface ColumnReference {
  readonly table: string | undefined;
  readonly name: string;
  readonly start: number;
}

/** A SELECT, WITH or VALUES, parsed. */
export interface Query {
  readonly source: Source;
  /** SQL of the value of each `?`, in their order. */
  readonly parameters: readonly string[];
  readonly tables: readonly TableReference[];
  readonly columns: readonly ColumnReference[];
}

/** One statement of Athena SQL. */
export type Statement =
  | { readonly kind: "query" | "explain" | "explain-io"; readonly query: Query }
  | {
      readonly kind: "show-tables";
      readonly database: string | undefined;
      readonly pattern: string | undefined;
    }
  | { readonly kind: "prepare"; readonly name: string; readonly sql: string }
  /** Parameters are undefined without USING. */
  | { readonly kind: "execute"; readonly name: string; readonly parameters: readonly string[] | undefined }
  | { readonly kind: "deallocate"; readonly name: string }
  | {
      readonly kind: "show-partitions" | "describe";
      readonly table: TableReference;
      readonly source: Source;
    };

const CATALOG = "awsdatacatalog";
/** First words of Athena's statements that are not emulated. */
const OTHER_STATEMENTS = new Set(
  (
    "ALTER ANALYZE CALL COMMIT CREATE DELETE DROP GRANT INSERT MERGE MSCK OPTIMIZE " +
    "REFRESH REVOKE ROLLBACK SET SHOW START TABLE UNLOAD UPDATE USE VACUUM"
  ).split(" "),
);
const SUPPORTED =
  "SELECT, WITH, VALUES, PREPARE, EXECUTE, DEALLOCATE, SHOW TABLES, SHOW PARTITIONS, DESCRIBE and EXPLAIN";

const IO_OPTIONS = ["(", "TYPE", "IO", ",", "FORMAT", "JSON", ")"];

/**
 * Reads one statement of Athena SQL.
 * @param parameters SQL of a value for each `?` (documented: Athena API, StartQueryExecution.ExecutionParameters)
 * @throws QueryError for text that is not SQL, and for statements that are not emulated
 */
export function readStatement(sql: string, parameters: readonly string[] = []): Statement {
  const source = new Source(sql.replace(/[\s;]+$/, ""));
  const { tokens } = source;
  if (tokens.length === 0) throw new QueryError("SYNTAX_ERROR: the query is empty");
  const semicolon = tokens.find((token) => token.source === ";");
  if (semicolon) throw new QueryError(`Only one sql statement is allowed. Got: ${sql}`);
  const [first, second] = tokens.map(({ word }) => word);
  if (tokens[0]!.source === "(" || first === "SELECT" || first === "WITH" || first === "VALUES")
    return { kind: "query", query: readQuery(source, parameters) };
  if (first === "EXPLAIN") {
    const options = tokens.slice(1, IO_OPTIONS.length + 1);
    if (options.map(({ source: text }) => text.toUpperCase()).join(" ") === IO_OPTIONS.join(" "))
      return {
        kind: "explain-io",
        query: readQuery([tokens[0]!, ...options].reduce(blankOut, source), parameters),
      };
    if (second === "ANALYZE" || tokens[1]?.source === "(")
      throw queryError(
        "NOT_SUPPORTED",
        at(source, tokens[1]),
        "only EXPLAIN <query> and EXPLAIN (TYPE IO, FORMAT JSON) <query> are emulated",
      );
    return { kind: "explain", query: readQuery(blankOut(source, tokens[0]!), parameters) };
  }
  if (first === "PREPARE" || first === "EXECUTE" || first === "DEALLOCATE") return preparedStatement(source);
  if (first === "SHOW" && second === "TABLES") return showTables(source);
  if (first === "SHOW" && second === "PARTITIONS")
    return { kind: "show-partitions", table: lastName(source, 2), source };
  if (first === "DESCRIBE" || first === "DESC")
    return {
      kind: "describe",
      table: lastName(source, ["EXTENDED", "FORMATTED"].includes(second ?? "") ? 2 : 1),
      source,
    };
  if (!OTHER_STATEMENTS.has(first ?? ""))
    throw queryError(
      "SYNTAX_ERROR",
      at(source, tokens[0]),
      `mismatched input '${tokens[0]!.source}'. Expecting: ${SUPPORTED}`,
    );
  throw queryError(
    "NOT_SUPPORTED",
    at(source, tokens[0]),
    `${tokens[0]!.source.toUpperCase()} is not emulated; the local Athena has ${SUPPORTED}. ` +
      "Databases, tables and views come from the CloudFormation template, data from the delivery stream",
  );
}

/** Parses a query and finds its tables and columns. */
export function readQuery(source: Source, parameters: readonly string[] = []): Query {
  const places = source.tokens.filter((token) => token.source === "?").length;
  if (places !== parameters.length)
    throw queryError(
      "INVALID_PARAMETER_USAGE",
      source.position(0),
      `Incorrect number of parameters: expected ${places} but found ${parameters.length}`,
    );
  for (const parameter of parameters) checkParameter(parameter);
  checkSyntax(source);
  const sql = source.slice(0);
  const result = parse(sql, Dialect.Trino);
  if (!result.success)
    throw syntaxError(source, result.error ?? "the query cannot be parsed", result.errorStart);
  const trees: unknown = result.ast;
  checkCalls(trees, source);
  return { source, parameters, tables: tablesOf(trees), columns: columnsOf(trees) };
}

const PARAMETER =
  /^(?:(?:DATE|TIMESTAMP|TIME|DECIMAL)\s*)?'(?:[^']|'')*'$|^[+-]?\d+(?:\.\d*)?(?:E[+-]?\d+)?$|^(?:TRUE|FALSE|NULL)$/i;

/** @throws QueryError for anything but one literal; text needs quotes, as in SQL */
function checkParameter(parameter: string): void {
  if (!PARAMETER.test(parameter.trim()))
    throw queryError(
      "INVALID_PARAMETER_USAGE",
      undefined,
      `the parameter ${parameter} is not a literal; give a number, true, 'text' in quotes, or DATE '2026-11-21'`,
    );
}

function syntaxError(source: Source, message: string, start: number | undefined): QueryError {
  const what = message.replace(/^(Parse|Tokenization) error at line \d+, column \d+: /, "");
  const token = source.tokens.find((one) => one.start === start);
  const isLast = token !== undefined && token === source.tokens.at(-1);
  if (
    /end of input|Unexpected end/i.test(what) ||
    (isLast && token.source !== ")" && (!token.word || KEYWORDS.has(token.word)))
  )
    return queryError("SYNTAX_ERROR", source.end, `mismatched input '<EOF>'. ${what}`);
  return queryError(
    "SYNTAX_ERROR",
    source.position(start),
    token ? `mismatched input '${token.source}'. ${what}` : what,
  );
}

/** Every table of a query that is not a common table expression in its scope. */
function tablesOf(trees: unknown): TableReference[] {
  const found: TableReference[] = [];
  const visit = (value: unknown, expressions: ReadonlySet<string>): void => {
    if (Array.isArray(value)) return value.forEach((item) => visit(item, expressions));
    if (!isNode(value)) return;
    const scope = new Set(expressions);
    const common = isNode(value["with"]) ? value["with"] : undefined;
    for (const expression of (common?.["ctes"] as Node[] | undefined) ?? []) {
      const name = asIdentifier(expression["alias"])!.name.toLowerCase();
      if (common?.["recursive"]) scope.add(name);
      visit(expression["this"], scope);
      scope.add(name);
    }
    for (const [key, child] of Object.entries(value)) {
      if (key === "with") continue;
      const reference = key === "table" ? asTable(child) : undefined;
      if (reference && (reference.database !== undefined || !scope.has(reference.name)))
        found.push(reference);
      visit(child, scope);
    }
  };
  visit(trees, new Set());
  return found;
}

function asTable(value: unknown): TableReference | undefined {
  if (!isNode(value)) return undefined;
  const name = asIdentifier(value["name"]);
  if (!name || !("schema" in value)) return undefined;
  const schema = asIdentifier(value["schema"]);
  const catalog = asIdentifier(value["catalog"]);
  if (catalog && catalog.name.toLowerCase() !== CATALOG)
    throw new QueryError(`CATALOG_NOT_FOUND: Catalog '${catalog.name}' does not exist; there is ${CATALOG}`);
  if (value["version"])
    throw notSupported(`time travel on ${name.name} is not emulated; local tables are Parquet`);
  return {
    database: schema?.name.toLowerCase(),
    name: name.name.toLowerCase(),
    start: (catalog ?? schema ?? name).start,
    end: name.end,
  };
}

function columnsOf(trees: unknown): ColumnReference[] {
  const found: ColumnReference[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return;
    const column = isNode(value["column"]) ? value["column"] : undefined;
    const name = asIdentifier(column?.["name"]);
    const table = asIdentifier(column?.["table"]);
    if (name) found.push({ table: table?.name, name: name.name, start: (table ?? name).start });
    Object.values(value).forEach(visit);
  };
  visit(trees);
  return found.toSorted((a, b) => a.start - b.start);
}

/** `PREPARE name FROM query`, `EXECUTE name [USING value, …]` or `DEALLOCATE PREPARE name`. */
function preparedStatement(source: Source): Statement {
  const { tokens } = source;
  const first = tokens[0]!.word;
  const nameAt = first === "DEALLOCATE" && tokens[1]?.word === "PREPARE" ? 2 : 1;
  const [token, next, ...rest] = tokens.slice(nameAt);
  const name = nameOf(token);
  if (name === undefined)
    throw queryError("SYNTAX_ERROR", at(source, token) ?? source.end, "expected a name");
  const refuse = (expected: string): QueryError => {
    const what = `mismatched input '${next?.source ?? "<EOF>"}'. Expecting: ${expected}`;
    return queryError("SYNTAX_ERROR", at(source, next) ?? source.end, what);
  };
  if (first === "PREPARE") {
    if (next?.word !== "FROM" || !rest[0]) throw refuse("FROM <query>");
    return { kind: "prepare", name, sql: source.slice(rest[0].start) };
  }
  if (!next)
    return first === "EXECUTE"
      ? { kind: "execute", name, parameters: undefined }
      : { kind: "deallocate", name };
  if (first !== "EXECUTE" || next.word !== "USING" || !rest[0]) throw refuse("USING <value>, …");
  const commas = rest.filter((one) => one.source === ",");
  const starts = [rest[0].start, ...commas.map(({ end }) => end)];
  const parameters = starts.map((start, index) => source.slice(start, commas[index]?.start).trim());
  return { kind: "execute", name, parameters };
}

/** `SHOW TABLES [IN database] ['pattern']`; in the pattern, `*` matches any characters and `|` separates choices. */
function showTables(source: Source): Statement {
  const rest = source.tokens.slice(2);
  const database = rest[0]?.word === "IN" ? nameOf(rest[1]) : undefined;
  const pattern = rest[database === undefined ? 0 : 2];
  const extra =
    rest[(database === undefined ? 0 : 2) + 1] ?? (pattern?.source.startsWith("'") ? undefined : pattern);
  if (extra) throw queryError("SYNTAX_ERROR", at(source, extra), `mismatched input '${extra.source}'`);
  return { kind: "show-tables", database, pattern: pattern?.source.slice(1, -1) };
}

/** The table whose name is the rest of the statement, from the given token on. */
function lastName(source: Source, from: number): TableReference {
  const parts = source.tokens.slice(from).filter((token) => token.source !== ".");
  const names = parts.map(nameOf);
  const [first] = parts;
  const name = names.at(-1);
  if (!first || name === undefined || names.length > 2)
    throw queryError(
      "SYNTAX_ERROR",
      first ? at(source, first) : source.end,
      "expected one table, e.g. doorstep.detections",
    );
  return { database: names.at(-2), name, start: first.start, end: parts.at(-1)!.end };
}

const nameOf = (token: Token | undefined): string | undefined =>
  token && /^[\w"`]/.test(token.source) ? token.source.replaceAll(/["`]/g, "").toLowerCase() : undefined;

const at = (source: Source, token: Token | undefined): Position | undefined => source.position(token?.start);

/** The same text with one token replaced by blanks, which keeps all positions. */
const blankOut = (source: Source, { start, end }: Token): Source =>
  new Source(source.edited([{ start, end, text: " ".repeat(end - start) }]));
