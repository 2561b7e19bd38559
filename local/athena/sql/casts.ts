import { queryError } from "../errors.ts";
import { castMacro } from "./macros.ts";
import { asExpression } from "./operand-types.ts";
import { expressionOf, isNode, sqlOf, type Node } from "./tree.ts";
import { isNumber, type TrinoType } from "./trino-types.ts";

/** Polyglot's names of types that text is cast to by a macro, which takes what Trino's own parser takes. */
const FROM_TEXT: Readonly<Record<string, string>> = {
  tiny_int: "tinyint",
  small_int: "smallint",
  int: "integer",
  big_int: "bigint",
  float: "real",
  double: "double",
  boolean: "boolean",
  date: "date",
  timestamp: "timestamp",
};

/**
 * A cast as Trino does it, for a value of a known type.
 * @param node `cast` or `try_cast`
 * @throws QueryError for types that cannot be cast
 */
export function castOf(node: Node, from: TrinoType): Node {
  const [kind, members] = asExpression(node)!;
  const to = isNode(members["to"]) ? members["to"] : {};
  // A row's fields are named by the cast, not by their places.
  const inner = (members["this"] as Node)["cast"];
  if (from.family === "row" && to["data_type"] === "struct" && isNode(inner)) {
    const row = inner["this"] as Node;
    if (sqlOf(row).startsWith("ROW(")) return { [kind]: { ...members, this: row } };
  }
  const value = sqlOf(members["this"] as Node);
  const type = String(to["data_type"]);
  const isTry = kind === "try_cast";
  const macro = (name: string): Node => expressionOf(`${castMacro(name, isTry)}(${value})`);
  if (from.family === "text") {
    const name = to["timezone"] === true ? undefined : FROM_TEXT[type];
    if (name !== undefined) return macro(`text_as_${name}`);
    return isJson(to) ? macro("as_json") : node;
  }
  if (type !== "var_char" && type !== "text")
    return isJson(to) && from.family !== "json" ? macro("as_json") : node;
  if (["array", "map", "row", "varbinary", "interval"].includes(from.family))
    throw queryError("TYPE_MISMATCH", undefined, `Cannot cast ${from.name} to varchar`);
  if (from.family === "json") return macro("json_as_varchar");
  const length = Number(to["length"] ?? 0);
  if (length > 0 && isNumber(from))
    return expressionOf(`${castMacro("as_varchar_of", isTry)}(${value}, ${length})`);
  if (from.family === "floating")
    return macro(from.name === "real" ? "real_as_varchar" : "double_as_varchar");
  return node;
}

const isJson = (to: Node): boolean =>
  to["data_type"] === "json" || (to["data_type"] === "custom" && /^json$/i.test(String(to["name"])));
