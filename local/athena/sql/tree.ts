import { Dialect, generate, parse } from "@polyglot-sql/sdk";

/** A node of polyglot's syntax tree: an object with one key, its kind, or the members of a kind. */
export type Node = Record<string, unknown>;

interface Identifier {
  readonly name: string;
  /** Offsets in characters. */
  readonly start: number;
  readonly end: number;
}

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value as an identifier, if it is one with a position in the source. */
export function asIdentifier(value: unknown): Identifier | undefined {
  if (!isNode(value) || typeof value["name"] !== "string" || !isNode(value["span"])) return undefined;
  const { start, end } = value["span"];
  return { name: value["name"], start: Number(start), end: Number(end) };
}

/** The tree of one statement of Trino SQL. */
export function treeOf(sql: string): Node {
  const result = parse(sql, Dialect.Trino);
  const tree: unknown = result.success ? (result.ast as unknown as unknown[])[0] : undefined;
  if (!isNode(tree)) throw new Error(`${sql} cannot be read: ${result.error}`);
  return tree;
}

/** Nodes never change, and each of the passes over a tree needs the SQL of the same ones. */
const sqlByNode = new WeakMap<Node, string>();

/** Trino SQL of a tree or of an expression in it. */
export function sqlOf(tree: Node): string {
  const known = sqlByNode.get(tree);
  if (known !== undefined) return known;
  const result = generate([tree] as never, Dialect.Trino);
  const [sql] = result.sql ?? [];
  if (!result.success || sql === undefined)
    throw new Error(`no SQL for ${Object.keys(tree).join()}: ${result.error}`);
  sqlByNode.set(tree, sql);
  return sql;
}

const listOf = (value: unknown): Node[] => (Array.isArray(value) ? (value as Node[]) : []);

/** The tree of one expression. */
export const expressionOf = (sql: string): Node =>
  listOf((treeOf(`SELECT ${sql}`)["select"] as Node)["expressions"])[0]!;

/** The tree of one item of a FROM clause. */
export const relationOf = (sql: string): Node =>
  listOf(((treeOf(`SELECT 1 FROM ${sql}`)["select"] as Node)["from"] as Node)["expressions"])[0]!;
