import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A named set of JSON documents that survives a restart. Reads return fresh copies. */
export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, document: T): void;
  delete(key: string): boolean;
  /** Deletes every document whose key begins with the prefix. */
  deleteAll(keyPrefix: string): void;
  count(): number;
  /** Every document, ordered by key. */
  list(): T[];
  /** The same, one after another. Nothing else may be listed or written meanwhile. */
  each(): Iterable<T>;
}

/** The state of every emulated service, in one SQLite file under the data folder. */
export interface Documents {
  collection<T>(name: string): Collection<T>;
  /** Runs the writes of a function as one: all of them survive, or none does, also when the process is killed. */
  atomically<T>(write: () => T): T;
  close(): void;
}

/** For the user alone, since it holds secrets. SQLite gives its journal the mode of the database. */
const FILE_MODE = 0o600;

/** @param folder the data folder, created if missing; `:memory:` keeps nothing */
export function openDocuments(folder: string): Documents {
  const database = new DatabaseSync(folder === ":memory:" ? folder : stateFile(folder));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec(
    "CREATE TABLE IF NOT EXISTS documents (collection TEXT, key TEXT, json TEXT NOT NULL, PRIMARY KEY (collection, key))",
  );
  const get = database.prepare("SELECT json FROM documents WHERE collection = ? AND key = ?");
  const put = database.prepare("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM documents WHERE collection = ? AND key = ?");
  const removeAll = database.prepare(
    "DELETE FROM documents WHERE collection = ? AND substr(key, 1, length(?)) = ?",
  );
  const count = database.prepare("SELECT count(*) AS documents FROM documents WHERE collection = ?");
  const list = database.prepare("SELECT json FROM documents WHERE collection = ? ORDER BY key");
  function* each<T>(name: string): Generator<T> {
    for (const row of list.iterate(name)) yield JSON.parse(String(row["json"])) as T;
  }
  return {
    collection: <T>(name: string): Collection<T> => ({
      get: (key) => {
        const row = get.get(name, key);
        return row && (JSON.parse(String(row["json"])) as T);
      },
      put: (key, document) => void put.run(name, key, JSON.stringify(document)),
      delete: (key) => Number(remove.run(name, key).changes) > 0,
      deleteAll: (keyPrefix) => void removeAll.run(name, keyPrefix, keyPrefix),
      count: () => Number(count.get(name)!["documents"]),
      list: () => [...each<T>(name)],
      each: () => each<T>(name),
    }),
    atomically: (write) => {
      database.exec("BEGIN");
      try {
        const result = write();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}

function stateFile(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "state.sqlite");
  closeSync(openSync(file, "a", FILE_MODE));
  return file;
}
