import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { openDuckDb, quoteString } from "../../duckdb.ts";
import { storageFolder } from "../../s3/object-path.ts";

/** The schema of Athena's functions. */
export const MACROS = "memory.athena";

/** What queries change while the configuration is locked. */
const CHANGEABLE = ["disabled_optimizers"];

/** The in-memory DuckDB of one lake, which reads the lake's files and no others, whatever a query says. */
export class LakeDuckDb {
  /** Folder of empty Parquet files with the columns of tables. */
  readonly shapeFolder: string;
  readonly #dataFolder: string;
  #instance: Promise<DuckDBInstance> | undefined;

  private constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
    this.shapeFolder = join(dataFolder, "athena", "shapes");
  }

  static readonly #byDataFolder = new Map<string, LakeDuckDb>();

  /** The one of a data folder, opened when it is first used. */
  static of(dataFolder: string): LakeDuckDb {
    let found = LakeDuckDb.#byDataFolder.get(dataFolder);
    if (!found) LakeDuckDb.#byDataFolder.set(dataFolder, (found = new LakeDuckDb(dataFolder)));
    return found;
  }

  /** Frees the memory of a data folder's DuckDB, if there is one; the next use opens another. */
  static async close(dataFolder: string): Promise<void> {
    const found = LakeDuckDb.#byDataFolder.get(dataFolder);
    LakeDuckDb.#byDataFolder.delete(dataFolder);
    if (found) (await found.#instance)?.closeSync();
  }

  /** Close the connection with `closeSync()` after use. */
  async connect(): Promise<DuckDBConnection> {
    this.#instance ??= this.#open();
    return await (await this.#instance).connect();
  }

  async #open(): Promise<DuckDBInstance> {
    const { macroStatements } = await import("../sql/macros.ts");
    const { registerFunctions } = await import("./js-functions.ts");
    const instance = await openDuckDb();
    const connection = await instance.connect();
    try {
      await connection.run(`CREATE SCHEMA ${MACROS}`);
      // A macro keeps the meaning that "/" had at its creation.
      await connection.run("SET GLOBAL integer_division = true");
      await connection.run("SET GLOBAL TimeZone = 'UTC'");
      await connection.run(`SET search_path = '${MACROS}'`);
      await registerFunctions(connection);
      for (const statement of macroStatements(MACROS)) await connection.run(statement);
      const folders = [join(storageFolder(this.#dataFolder), "buckets"), this.shapeFolder];
      const list = (texts: readonly string[]) => `[${texts.map(quoteString).join(", ")}]`;
      await connection.run(`SET GLOBAL allowed_directories = ${list(folders.map((one) => `${one}/`))}`);
      await connection.run("SET GLOBAL enable_external_access = false");
      await connection.run(`SET GLOBAL allowed_configs = ${list(CHANGEABLE)}`);
      await connection.run("SET GLOBAL lock_configuration = true");
    } finally {
      connection.closeSync();
    }
    return instance;
  }
}
