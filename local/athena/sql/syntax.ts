import { queryError, type QueryError } from "../errors.ts";
import { KEYWORDS } from "./calls.ts";
import type { Source, Token } from "./source.ts";

/** Signs that Trino's grammar has not, though other engines do. */
const FOREIGN_SIGNS = /^(::|==|\*\*|\/\/|~|~~|!~|\^|&|&&|\||<<|>>|\{|\}|@|#|<=>|:=|->>|\?\?)$/;
/** Words that other engines have as operators or clauses; to Trino they are names. */
const FOREIGN_WORDS = new Set(
  "ILIKE RLIKE REGEXP GLOB SIMILAR QUALIFY SEMI ANTI ASOF EXCLUDE REPLACE DIV PIVOT".split(" "),
);
const UNITS = new Set("YEAR MONTH DAY HOUR MINUTE SECOND".split(" "));
/** Types that Trino knows by name. */
const TYPES = new Set(
  (
    "BOOLEAN TINYINT SMALLINT INTEGER INT BIGINT REAL DOUBLE DECIMAL VARCHAR CHAR VARBINARY JSON DATE TIME TIMESTAMP " +
    "INTERVAL ARRAY MAP ROW UUID IPADDRESS HYPERLOGLOG"
  ).split(" "),
);
/** Clauses and signs before which a comma separates nothing. */
const ENDS = new Set(["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", ")", "]"]);

/**
 * Refuses what the translation of dialects would take though Trino's grammar does not.
 * @throws QueryError in Trino's words
 */
export function checkSyntax(source: Source): void {
  const { tokens } = source;
  tokens.forEach((token, index) => {
    const problem = problemAt(source, index, token);
    if (problem) throw problem;
  });
  if (tokens.at(-1)?.source === ",") throw queryError("SYNTAX_ERROR", source.end, "mismatched input '<EOF>'");
}

function problemAt(source: Source, index: number, token: Token): QueryError | undefined {
  const { tokens } = source;
  const [before, next, second, third] = [
    tokens[index - 1],
    tokens[index + 1],
    tokens[index + 2],
    tokens[index + 3],
  ];
  const refuse = (name: string, what: string, at: Token = token) =>
    queryError(name, source.position(at.start), what);
  const mismatched = (at: Token) => refuse("SYNTAX_ERROR", `mismatched input '${at.source}'`, at);
  if (token.source.startsWith("`"))
    return refuse(
      "SYNTAX_ERROR",
      "backquoted identifiers are not supported; use double quotes to quote identifiers",
    );
  if (FOREIGN_SIGNS.test(token.source)) return mismatched(token);
  if (token.source === "[" && !isOperand(before) && before?.word !== "ARRAY") return mismatched(token);
  if (token.source === "," && next && ENDS.has(next.word ?? next.source)) return mismatched(next);
  if (/^"\$(path|file_size|file_modified_time|partition|bucket)"$/i.test(token.source))
    return refuse("NOT_SUPPORTED", `the column ${token.source} is not emulated`);
  if (before?.source === ".") return undefined;
  switch (token.word) {
    case "DISTINCT":
      return next?.word === "ON" && second?.source === "(" ? mismatched(next) : undefined;
    case "GROUP":
      return next?.word === "BY" && second?.word === "ALL" && (!third || !isOperand(third))
        ? refuse("COLUMN_NOT_FOUND", "Column 'all' cannot be resolved", second)
        : undefined;
    case "NATURAL":
      return next?.word === "JOIN" ? refuse("NOT_SUPPORTED", "Natural join not supported") : undefined;
    case "LIMIT":
      if (next?.source === "-" || second?.source === "%")
        return mismatched(next?.source === "-" ? next : second!);
      return second?.word === "OFFSET" ? mismatched(second) : undefined;
    case "INTERVAL": {
      if (next && /^\d/.test(next.source)) return mismatched(next);
      const text = next && /^[+-]$/.test(next.source) ? second : next;
      const unit = text === next ? second : third;
      if (!text?.source.startsWith("'") || UNITS.has(unit?.word ?? "")) return undefined;
      return unit ? mismatched(unit) : refuse("TYPE_NOT_FOUND", "Unknown type: INTERVAL");
    }
    case "FROM":
    case "JOIN": {
      const opener = enclosing(tokens, index);
      const isOfCall = /^(EXTRACT|SUBSTRING|TRIM)$/.test(opener?.word ?? "") || before?.word === "DISTINCT";
      return !isOfCall && next?.word && second?.source === "(" && !/^(UNNEST|LATERAL|TABLE)$/.test(next.word)
        ? mismatched(second)
        : undefined;
    }
    case "POSITION":
      return next?.source === "(" && third?.source === ","
        ? refuse("FUNCTION_NOT_FOUND", "Function 'position' not registered")
        : undefined;
    case "EXTRACT":
      return next?.source === "(" && second?.source.startsWith("'") ? mismatched(second) : undefined;
    case "AS": {
      const opener = enclosing(tokens, index);
      if (!/^(CAST|TRY_CAST)$/.test(opener?.word ?? "") || !next?.word || TYPES.has(next.word))
        return undefined;
      return refuse("TYPE_MISMATCH", `Unknown type: ${next.word.toLowerCase()}`, opener);
    }
    default: {
      const isInfix = before?.source === "*" || before?.word === "NOT" || isOperand(before);
      const follows = next && (isOperand(next) || next.source === "(" || /^(TO|JOIN)$/.test(next.word ?? ""));
      return token.word !== undefined && FOREIGN_WORDS.has(token.word) && isInfix && follows
        ? mismatched(next)
        : undefined;
    }
  }
}

/** Whether an operand may end with the token, or begin with it. */
const isOperand = (token: Token | undefined): boolean =>
  token !== undefined &&
  (/^[)\]'"\d]/.test(token.source) ||
    (token.word !== undefined && !KEYWORDS.has(token.word)) ||
    token.word === "END");

/** The word before the parenthesis that stands open at `index`. */
function enclosing(tokens: readonly Token[], index: number): Token | undefined {
  let depth = 0;
  for (let at = index - 1; at >= 0; at--) {
    const { source } = tokens[at]!;
    if (source === ")") depth++;
    else if (source === "(" && depth-- === 0) return tokens[at - 1];
  }
  return undefined;
}
