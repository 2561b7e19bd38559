import type { GlueClient } from "@aws-sdk/client-glue";
import { errorMessage } from "../../../base/errors.ts";
import { quoteIdentifier } from "../../duckdb.ts";
import { duckDbType, parseColumnType, TRINO } from "../../glue/column-type.ts";
import { queryError, type Position } from "../errors.ts";
import { findRelation, fullName, type LakeTable, type LakeView } from "../lake/catalog.ts";
import type { LakeFile } from "../lake/files.ts";
import { checkTypes, type KnownRelation } from "../sql/check-types.ts";
import { Source } from "../sql/source.ts";
import { readQuery, type Query } from "../sql/statement.ts";
import { translate } from "../sql/translate.ts";
import { markOf, type QueryConnection } from "./connection.ts";
import { explainDuckDbError } from "./duckdb-error.ts";

const MAX_VIEW_DEPTH = 16;

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
    const { qualified, duckDb } = translate(query, database, this.#nowMs);
    const known = new Set(query.tables.map((one) => `${one.database ?? database}.${one.name}`));
    checkTypes(
      query,
      qualified,
      [...known].map((mark) => this.#found.get(mark)!),
    );
    return duckDb;
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
