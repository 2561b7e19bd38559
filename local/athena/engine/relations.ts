import type { GlueClient } from "@aws-sdk/client-glue";
import { errorMessage } from "../../../base/errors.ts";
import { queryError, type Position } from "../errors.ts";
import { findRelation, fullName, type LakeTable, type LakeView } from "../lake/catalog.ts";
import type { LakeFile } from "../lake/files.ts";
import { checkTypes, type KnownRelation } from "../sql/check-types.ts";
import { quoteIdentifier } from "../../duckdb.ts";
import { Source } from "../sql/source.ts";
import { readQuery, type Query } from "../sql/statement.ts";
import { translate } from "../sql/translate.ts";
import { duckDbType } from "../sql/types.ts";
import { explainDuckDbError } from "./duckdb-error.ts";
import { markOf, type Session } from "./connection.ts";

const MAX_VIEW_DEPTH = 16;

/** The tables and views that a query reads, made in its session as they are met. */
export class Relations {
  readonly #glue: GlueClient;
  readonly #session: Session;
  readonly #nowMs: number;
  readonly #found = new Map<string, KnownRelation>();
  /** Tables of files, by mark, those behind views included. */
  readonly tables = new Map<string, LakeTable>();
  /** The files that are read, by their path on disk. */
  readonly files = new Map<string, LakeFile>();

  constructor(glue: GlueClient, session: Session, nowMs: number) {
    this.#glue = glue;
    this.#session = session;
    this.#nowMs = nowMs;
  }

  /**
   * Makes what the query names, checks the query against it, and translates it.
   * @param database of tables that are named without one
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
      await this.#session.planTable(relation);
      this.tables.set(mark, relation);
      this.#found.set(mark, { database, name, columns: [...relation.columns, ...relation.partitionKeys] });
      return;
    }
    try {
      const columns = await this.#makeView(relation, depth);
      this.#found.set(mark, { database, name, columns });
    } catch (error) {
      throw queryError(
        "INVALID_VIEW",
        position,
        `Failed analyzing stored view '${fullName(relation)}': ${errorMessage(error)}`,
      );
    }
  }

  async #makeView({ database, name, text }: LakeView, depth: number): Promise<KnownRelation["columns"]> {
    if (depth >= MAX_VIEW_DEPTH) throw new Error(`views are nested more than ${MAX_VIEW_DEPTH} deep`);
    const query = readQuery(new Source(text.originalSql));
    const sql = await this.prepare(query, text.schema ?? database, depth + 1);
    const columns = text.columns.map((column) => ({ name: column.name, duckDb: duckDbType(column.type) }));
    try {
      const actual = await this.#session.columnNames(`SELECT * FROM (${sql}) LIMIT 0`);
      const declared = columns.map((column) => column.name);
      if (actual.join().toLowerCase() !== declared.join().toLowerCase())
        throw queryError(
          "VIEW_IS_STALE",
          undefined,
          `the view declares the columns ${declared.join(", ")}, but its SQL gives ${actual.join(", ")}`,
        );
      const items = columns.map(({ name: column, duckDb }) => {
        const quoted = quoteIdentifier(column);
        return `CAST(${quoted} AS ${duckDb}) AS ${quoted}`;
      });
      await this.#session.view(database, name, `SELECT ${items.join(", ")} FROM (${sql})`);
    } catch (error) {
      throw explainDuckDbError(error, query);
    }
    return columns;
  }
}
