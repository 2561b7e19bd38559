import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Stream } from "./stream.ts";

/** A record as it is stored. */
export interface StoredRecord {
  /** Where the record is in its shard: later records have higher positions. */
  readonly position: number;
  readonly arrivedAtMs: number;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** A record to store. */
export interface NewRecord {
  readonly shardIndex: number;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

type StreamKey = Pick<Stream, "name" | "createdAtMs">;

/** Positions begin with the time of arrival, so that they grow although the newest record of a shard has expired. */
const POSITIONS_PER_MS = 1000;

/** The first position that a record of this time can have. */
export const positionAt = (atMs: number): number => atMs * POSITIONS_PER_MS;

/** The records of all streams, in one SQLite file. What is stored survives a restart and a kill. */
export class Records {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #after: StatementSync;

  /** @param folder created if missing */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "records.sqlite");
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS records (stream TEXT, shard INTEGER, position INTEGER, arrived_at_ms INTEGER, " +
        "partition_key TEXT, data BLOB, PRIMARY KEY (stream, shard, position))",
    );
    this.#insert = this.#database.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)");
    this.#last = this.#database.prepare(
      "SELECT max(position) AS last FROM records WHERE stream = ? AND shard = ?",
    );
    this.#after = this.#database.prepare(
      "SELECT * FROM records WHERE stream = ? AND shard = ? AND position > ? AND arrived_at_ms >= ? ORDER BY position",
    );
  }

  /** Stores the records, all or none; returns their positions. */
  put(stream: StreamKey, records: readonly NewRecord[], nowMs: number): number[] {
    this.#database.exec("BEGIN");
    try {
      const positions = records.map(({ shardIndex, partitionKey, data }) => {
        const position = Math.max(this.lastPosition(stream, shardIndex) + 1, positionAt(nowMs));
        this.#insert.run(keyOf(stream), shardIndex, position, nowMs, partitionKey, data);
        return position;
      });
      this.#database.exec("COMMIT");
      return positions;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** The position of the newest record of a shard; 0 when it has none. */
  lastPosition(stream: StreamKey, shardIndex: number): number {
    return Number(this.#last.get(keyOf(stream), shardIndex)?.["last"] ?? 0);
  }

  /** The records of a shard after a position that arrived at a time or later, oldest first, one at a time. */
  *after(stream: StreamKey, shardIndex: number, position: number, sinceMs: number): Generator<StoredRecord> {
    for (const row of this.#after.iterate(keyOf(stream), shardIndex, position, sinceMs))
      yield {
        position: Number(row["position"]),
        arrivedAtMs: Number(row["arrived_at_ms"]),
        partitionKey: String(row["partition_key"]),
        data: row["data"] as Uint8Array,
      };
  }

  /** Deletes what arrived before a time; everything, without one. */
  delete(stream: StreamKey, beforeMs = Number.MAX_SAFE_INTEGER): void {
    this.#database
      .prepare("DELETE FROM records WHERE stream = ? AND arrived_at_ms < ?")
      .run(keyOf(stream), beforeMs);
  }

  close(): void {
    this.#database.close();
  }
}

/** A stream that is created again has none of the old one's records. */
const keyOf = ({ name, createdAtMs }: StreamKey): string => `${name}/${createdAtMs}`;
