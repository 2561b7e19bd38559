import type { GlueClient } from "@aws-sdk/client-glue";
import { errorMessage } from "../../../base/errors.ts";
import { quoteIdentifier } from "../../duckdb.ts";
import { duckDbType, parseColumnType, TRINO } from "../../glue/column-type.ts";
import { columnNotFound, queryError, type Position } from "../errors.ts";
import { findRelation, fullName, type LakeTable, type LakeView } from "../lake/catalog.ts";
import type { LakeFile } from "../lake/files.ts";
import { checkTypes, type KnownRelation } from "../sql/check-types.ts";
import { probing } from "../sql/operand-types.ts";
import { isNullItem, scopeChecks, type ScopeCheck } from "../sql/scopes.ts";
import { Source } from "../sql/source.ts";
import { readQuery, type Query } from "../sql/statement.ts";
import { qualify, readQualified, toDuckDb } from "../sql/translate.ts";
import type { Node } from "../sql/tree.ts";
import { unnestInScan } from "../sql/unnest-in-scan.ts";
import { haveCommonType, trinoType } from "../sql/trino-types.ts";
import { applyQuotients, applyTypes, CALLS, dividesDecimals } from "../sql/typed.ts";
import { markOf, type QueryConnection } from "./connection.ts";
import { duckDbMessage, explainDuckDbError } from "./duckdb-error.ts";

const MAX_VIEW_DEPTH = 16;
const MAX_TRANSLATIONS = 500;

/** DuckDB's SQL by query and relations, the latest last: it depends on nothing else, and most queries read the same views. */
const translations = new Map<string, string>();

async function translated(key: string, translate: () => Promise<string>): Promise<string> {
  const sql = translations.get(key) ?? (await translate());
  translations.delete(key);
  translations.set(key, sql);
  if (translations.size > MAX_TRANSLATIONS) translations.delete(translations.keys().next().value!);
  return sql;
}

/** Creates the tables and views that a query reads, on its connection. */
export class Relations {
  readonly #glue: GlueClient;
  readonly #connection: QueryConnection;
  readonly #nowMs: number;
  readonly #found = new Map<string, KnownRelation>();
  /** Tables by mark, with those that views read. */
  readonly tables = new Map<string, LakeTable>();
  /** The files to read, by path on disk. */
  readonly files = new Map<string, LakeFile>();

  constructor(glue: GlueClient, connection: QueryConnection, nowMs: number) {
    this.#glue = glue;
    this.#connection = connection;
    this.#nowMs = nowMs;
  }

  /**
   * Creates the tables and views in a query, checks the query against them, and translates it.
   * @param database of tables without one in the query
   * @returns DuckDB's SQL
   * @throws QueryError
   */
  async prepare(query: Query, database: string, depth = 0): Promise<string> {
    for (const reference of query.tables) {
      const position = query.source.position(reference.start);
      await this.#add(reference.database ?? database, reference.name, position, depth);
    }
    const qualified = qualify(query, database, this.#nowMs);
    const marks = new Set(query.tables.map((one) => `${one.database ?? database}.${one.name}`));
    const known = [...marks].map((mark) => this.#found.get(mark)!);
    return await translated(JSON.stringify([qualified, known]), () =>
      this.#translate(query, qualified, known),
    );
  }

  async #translate(query: Query, qualified: string, known: readonly KnownRelation[]): Promise<string> {
    checkTypes(query, qualified, known);
    const tree = unnestInScan(readQualified(qualified), known);
    for (const check of scopeChecks(tree)) await this.#checkScope(check, query);
    const typesOf = (one: Node) => this.#connection.operandTypes((id) => toDuckDb(probing(one, id, CALLS)));
    const types = await typesOf(tree);
    if (!dividesDecimals(tree, types)) return toDuckDb(applyTypes(tree, types));
    const divided = applyQuotients(tree, types);
    return toDuckDb(applyTypes(divided, await typesOf(divided)));
  }

  /** @throws QueryError for what Trino does not find in the scope */
  async #checkScope(check: ScopeCheck, query: Query): Promise<void> {
    const planned = async (tree: Node) => {
      try {
        return await this.#connection.columnTypes(toDuckDb(tree));
      } catch (error) {
        return duckDbMessage(error);
      }
    };
    if (check.kind === "columns") {
      const found = await planned(check.query);
      if (typeof found !== "string") return;
      const missing = check.names.find((name) => new RegExp(`"${name}" (?:was )?not found`, "i").test(found));
      if (missing === undefined) return;
      const { start } = query.columns.findLast(({ name }) => name.toLowerCase() === missing) ?? {};
      throw columnNotFound(missing, query.source.position(start));
    }
    const [left, right] = [await planned(check.left), await planned(check.right)];
    if (typeof left === "string" || typeof right === "string") return; // the query itself says why
    const at = left.findIndex(
      (type, index) =>
        !isNullItem(check.left, index) &&
        !isNullItem(check.right, index) &&
        !haveCommonType(trinoType(type), trinoType(right[index] ?? type)),
    );
    if (at >= 0)
      throw queryError(
        "TYPE_MISMATCH",
        undefined,
        `column ${at + 1} in ${check.operation} query has incompatible types: ` +
          `${trinoType(left[at]!).name}, ${trinoType(right[at]!).name}`,
      );
  }

  async #add(database: string, name: string, position: Position | undefined, depth: number): Promise<void> {
    const mark = markOf({ database, name });
    if (this.#found.has(mark)) return;
    const relation = await findRelation(this.#glue, database, name, position);
    if (relation.kind === "table") {
      await this.#connection.createEmptyTable(relation);
      this.tables.set(mark, relation);
      this.#found.set(mark, { database, name, columns: [...relation.columns, ...relation.partitionKeys] });
      return;
    }
    try {
      const columns = await this.#createView(relation, depth);
      this.#found.set(mark, { database, name, columns });
    } catch (error) {
      throw queryError(
        "INVALID_VIEW",
        position,
        `Failed analyzing stored view '${fullName(relation)}': ${errorMessage(error)}`,
      );
    }
  }

  async #createView({ database, name, text }: LakeView, depth: number): Promise<KnownRelation["columns"]> {
    if (depth >= MAX_VIEW_DEPTH) throw new Error(`views are nested more than ${MAX_VIEW_DEPTH} deep`);
    const query = readQuery(new Source(text.originalSql));
    const sql = await this.prepare(query, text.schema ?? database, depth + 1);
    const columns = text.columns.map((column) => ({
      name: column.name,
      duckDb: duckDbType(parseColumnType(column.type, TRINO), "TIMESTAMP"),
    }));
    try {
      const actual = await this.#connection.columnNames(`SELECT * FROM (${sql}) LIMIT 0`);
      const declared = columns.map((column) => column.name);
      if (actual.join().toLowerCase() !== declared.join().toLowerCase())
        throw queryError(
          "VIEW_IS_STALE",
          undefined,
          `the view declares the columns ${declared.join(", ")}, but its SQL has ${actual.join(", ")}`,
        );
      const items = columns.map(({ name: column, duckDb }) => {
        const quoted = quoteIdentifier(column);
        return `CAST(${quoted} AS ${duckDb}) AS ${quoted}`;
      });
      await this.#connection.createView(database, name, `SELECT ${items.join(", ")} FROM (${sql})`);
    } catch (error) {
      throw explainDuckDbError(error, query);
    }
    return columns;
  }
}
