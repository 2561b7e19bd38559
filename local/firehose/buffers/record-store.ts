import { DatabaseSync } from "node:sqlite";

/** A record to add. */
export interface NewRecord {
  /** The buffer in which it waits. */
  readonly buffer: string;
  /** When Firehose accepted it, epoch milliseconds; the same in every later buffer. */
  readonly arrivedAtMs: number;
  readonly data: Uint8Array;
}

/** A record in the store. */
export interface StoredRecord {
  /** Its position in the order of adding; larger is later. */
  readonly sequence: number;
  readonly arrivedAtMs: number;
  readonly data: Buffer;
}

/** The size of a buffer. */
interface BufferSize {
  readonly records: number;
  readonly sizeBytes: number;
  /** When its oldest record entered the buffer, epoch milliseconds. */
  readonly openedAtMs: number;
}

/** How much of a buffer to take. At least one record is taken, however large. */
interface TakeLimits {
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly upToSequence: number;
}

/** All records between acceptance and delivery, in one SQLite file, so that a restart loses none. */
export class RecordStore {
  readonly #database: DatabaseSync;
  readonly #statements;

  /** @param file the database; its folder must exist */
  constructor(file: string) {
    const database = new DatabaseSync(file);
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS records (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        stream TEXT NOT NULL,
        buffer TEXT NOT NULL,
        arrived_at_ms INTEGER NOT NULL,
        buffered_at_ms INTEGER NOT NULL,
        data BLOB NOT NULL
      );
      CREATE INDEX IF NOT EXISTS records_by_buffer ON records (stream, buffer, sequence);
    `);
    this.#database = database;
    this.#statements = {
      add: database.prepare(
        "INSERT INTO records (stream, buffer, arrived_at_ms, buffered_at_ms, data) VALUES (?, ?, ?, ?, ?)",
      ),
      remove: database.prepare("DELETE FROM records WHERE stream = ? AND buffer = ? AND sequence <= ?"),
      removeOlder: database.prepare(
        "DELETE FROM records WHERE stream = ? AND buffer = ? AND arrived_at_ms < ?",
      ),
      take: database.prepare(
        "SELECT sequence, arrived_at_ms, data FROM records WHERE stream = ? AND buffer = ? AND sequence <= ? ORDER BY sequence LIMIT ?",
      ),
      measure: database.prepare(
        "SELECT count(*) AS records, coalesce(sum(length(data)), 0) AS bytes, coalesce(min(buffered_at_ms), 0) AS opened FROM records WHERE stream = ? AND buffer = ?",
      ),
      buffers: database.prepare("SELECT DISTINCT buffer FROM records WHERE stream = ? ORDER BY buffer"),
      last: database.prepare("SELECT coalesce(max(sequence), 0) AS last FROM records"),
    };
  }

  /** Adds records, all or none. */
  add(stream: string, records: readonly NewRecord[], nowMs: number): void {
    this.#transaction(() => this.#insert(stream, records, nowMs));
  }

  /** Replaces the first records of a buffer, up to and including `sequence`; all or none. */
  replace(stream: string, buffer: string, sequence: number, by: readonly NewRecord[], nowMs: number): void {
    this.#transaction(() => {
      this.#statements.remove.run(stream, buffer, sequence);
      this.#insert(stream, by, nowMs);
    });
  }

  /** Removes the records of a buffer that arrived before a time; returns their number. */
  removeOlder(stream: string, buffer: string, arrivedBeforeMs: number): number {
    return Number(this.#statements.removeOlder.run(stream, buffer, arrivedBeforeMs).changes);
  }

  /** The first records of a buffer, oldest first. */
  take(stream: string, buffer: string, limits: TakeLimits): StoredRecord[] {
    const taken: StoredRecord[] = [];
    let sizeBytes = 0;
    for (const row of this.#statements.take.iterate(stream, buffer, limits.upToSequence, limits.maxRecords)) {
      const blob = row["data"] as Uint8Array;
      sizeBytes += blob.length;
      if (taken.length > 0 && sizeBytes > limits.maxBytes) break;
      const data = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
      taken.push({ sequence: Number(row["sequence"]), arrivedAtMs: Number(row["arrived_at_ms"]), data });
    }
    return taken;
  }

  measure(stream: string, buffer: string): BufferSize {
    const row = this.#statements.measure.get(stream, buffer)!;
    return {
      records: Number(row["records"]),
      sizeBytes: Number(row["bytes"]),
      openedAtMs: Number(row["opened"]),
    };
  }

  /** Names of a stream's buffers that are not empty. */
  buffers(stream: string): string[] {
    return this.#statements.buffers.all(stream).map((row) => String(row["buffer"]));
  }

  /** Sequence of the newest record; 0 when there is none. */
  lastSequence(): number {
    return Number(this.#statements.last.get()!["last"]);
  }

  close(): void {
    this.#database.close();
  }

  #insert(stream: string, records: readonly NewRecord[], nowMs: number): void {
    for (const { buffer, arrivedAtMs, data } of records)
      this.#statements.add.run(stream, buffer, Math.round(arrivedAtMs), Math.round(nowMs), data);
  }

  #transaction(run: () => void): void {
    this.#database.exec("BEGIN");
    try {
      run();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
