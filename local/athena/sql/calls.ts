import { queryError, type Position, type QueryError } from "../errors.ts";
import { FUNCTIONS } from "./functions.ts";
import { duckDbName, operatorMacro } from "./macros.ts";
import type { Edit, Source, Token } from "./source.ts";
import { asIdentifier, isNode } from "./tree.ts";

/** Words of SQL that may precede a parenthesis or a function without being a function or a name. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "ALL AND ANY AS ASC BERNOULLI BETWEEN BY CASE CHAR CROSS CUBE DECIMAL DESC DISTINCT ELSE END ESCAPE EXCEPT " +
    "EXISTS EXPLAIN FETCH FROM FULL GROUP GROUPING HAVING IN INNER INTERSECT INTERVAL IS JOIN LATERAL LEFT LIKE " +
    "LIMIT NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION RANGE RECURSIVE RIGHT ROLLUP ROWS SELECT SETS " +
    "SOME SYSTEM THEN TIME TIMESTAMP UNION USING VALUES VARBINARY VARCHAR WHEN WHERE WINDOW WITH WITHIN ARRAY FILTER"
  ).split(" "),
);

/**
 * Renames the functions that are macros in DuckDB.
 * @throws QueryError for a function that the local Athena does not have
 */
export function functionEdits(source: Source): Edit[] {
  const edits: Edit[] = [];
  source.tokens.forEach((token, index) => {
    // DuckDB would read a column named list as LIST[…].
    const isQualified = source.tokens[index - 1]?.source === ".";
    if (/^"?list"?$/i.test(token.source) && source.tokens[index + 1]?.source === "[" && !isQualified)
      edits.push({ start: token.start, end: token.end, text: `(${token.source})` });
    if (!isCall(source.tokens, index)) return;
    const name = unquoted(token.source);
    const known = FUNCTIONS.get(name);
    if (!known) throw notRegistered(name, source.position(token.start));
    const text =
      MANY[known.name] && hasTwoArguments(source.tokens, index + 1) ? MANY[known.name] : duckDbName(known);
    if (text !== undefined) edits.push({ start: token.start, end: token.end, text });
  });
  return edits;
}

/**
 * Judges the functions of a parsed query by their names, however they are written.
 * @throws QueryError for a function that the local Athena does not have
 */
export function checkCalls(tree: unknown, source: Source): void {
  if (Array.isArray(tree)) return tree.forEach((item) => checkCalls(item, source));
  if (!isNode(tree)) return;
  const { name, method, args } = tree;
  // Words such as CURRENT_DATE are functions without parentheses.
  if (Array.isArray(args) && tree["no_parens"] !== true) {
    // A name with a schema is read as the method of a column.
    const called = (typeof name === "string" ? name : (asIdentifier(method)?.name ?? "")).toLowerCase();
    if (isNode(method) || !(FUNCTIONS.has(called) || GROUPINGS.has(called))) {
      const at = source.tokens.find(
        (token, index) => unquoted(token.source) === called && source.tokens[index + 1]?.source === "(",
      );
      throw notRegistered(called, source.position(at?.start));
    }
  }
  for (const child of Object.values(tree)) checkCalls(child, source);
}

/** Parts of GROUP BY, which polyglot reads as functions. */
const GROUPINGS: ReadonlySet<string> = new Set(["grouping", "grouping sets", "rollup", "cube"]);

const notRegistered = (name: string, position: Position | undefined): QueryError =>
  queryError("FUNCTION_NOT_FOUND", position, `Function '${name}' not registered in the local Athena`);

/** A name in lower case, without its quotes. */
const unquoted = (source: string): string =>
  (/^(["`]).*\1$/s.test(source)
    ? source.slice(1, -1).replaceAll(/""|``/g, (two) => two[0]!)
    : source
  ).toLowerCase();

/** `max(x, n)` and `min(x, n)`, which polyglot would translate to the greatest and least of two values. */
const MANY: Readonly<Record<string, string>> = {
  max: operatorMacro("greatest_of"),
  min: operatorMacro("least_of"),
};

function hasTwoArguments(tokens: readonly Token[], open: number): boolean {
  let depth = 0;
  for (const { source } of tokens.slice(open, closing(tokens, open))) {
    if (/^[([]$/.test(source)) depth++;
    else if (/^[)\]]$/.test(source)) depth--;
    else if (source === "," && depth === 1) return true;
  }
  return false;
}

/** Whether a word before a parenthesis calls a function, i.e. is not a keyword, alias or common table expression. */
function isCall(tokens: readonly Token[], index: number): boolean {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (!token || after?.source !== "(") return false;
  const isQuoted = /^["`]/.test(token.source);
  if (token.word === undefined && !isQuoted) return false;
  if (before?.source === ")" || before?.word === "AS") return false;
  if (before && /^["\w]/.test(before.source) && !KEYWORDS.has(before.word ?? "")) return false;
  if (token.word === "FILTER") return true;
  if (token.word !== undefined && KEYWORDS.has(token.word)) return false;
  const close = closing(tokens, index + 1);
  return !(tokens[close + 1]?.word === "AS" && tokens[close + 2]?.source === "(");
}

/** Index of the parenthesis that closes the one at `open`. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    if (tokens[index]!.source === "(") depth++;
    if (tokens[index]!.source === ")" && --depth === 0) return index;
  }
  return tokens.length;
}

/** Replaces the functions of the current time by its value, so that a query sees one time of the given clock. */
export function timeEdits({ tokens }: Source, nowMs: number): Edit[] {
  const now = new Date(nowMs).toISOString().replace("T", " ").replace("Z", "");
  const literals: Readonly<Record<string, string>> = {
    CURRENT_DATE: `DATE '${now.slice(0, 10)}'`,
    CURRENT_TIMESTAMP: `TIMESTAMP '${now} UTC'`,
    LOCALTIMESTAMP: `TIMESTAMP '${now}'`,
  };
  return tokens.flatMap(({ word, start, end }, index): Edit[] => {
    if (tokens[index - 1]?.source === ".") return [];
    const literal = word === undefined ? undefined : literals[word];
    if (literal !== undefined) return [{ start, end, text: literal }];
    const isNow = word === "NOW" && tokens[index + 1]?.source === "(" && tokens[index + 2]?.source === ")";
    return isNow ? [{ start, end: tokens[index + 2]!.end, text: literals["CURRENT_TIMESTAMP"]! }] : [];
  });
}

/** Literals that the translation of dialects would read as something else. */
export function literalEdits({ tokens }: Source): Edit[] {
  return tokens.flatMap(({ word, start, end, source }, index): Edit[] => {
    const next = tokens[index + 1];
    const [, whole, fraction = ""] = /^'[+-]?0*(\d*)\.?(\d*)'$/.exec(next?.source ?? "") ?? [];
    if (word === "DECIMAL" && next && whole !== undefined && tokens[index - 1]?.word !== "AS")
      return [
        {
          start,
          end: next.end,
          text: `CAST(${next.source} AS DECIMAL(${Math.max(1, whole.length + fraction.length)}, ${fraction.length}))`,
        },
      ];
    if (source === "0" && next?.start === end && /^(x[0-9a-f_]+|b[01_]+|o[0-7_]+)$/i.test(next.source))
      return [{ start, end: next.end, text: BigInt(`0${next.source.replaceAll("_", "")}`).toString() }];
    if (/^x'[0-9a-f ]*'$/i.test(source)) return [{ start, end, text: source.replaceAll(" ", "") }];
    if (word === "LIMIT" && next?.word === "ALL") return [{ start, end: next.end, text: "" }];
    if (word === "YOW" && tokens[index - 2]?.word === "EXTRACT") return [{ start, end, text: "isoyear" }];
    return [];
  });
}
