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
  readonly afterSequence: number;
  readonly upToSequence: number;
}

/** Records of a buffer that were added together; their sequences follow one another, but for those that were removed. */
interface Batch {
  readonly openedAtMs: number;
  readonly records: readonly StoredRecord[];
}

/** What a batch has of each record: its sequence after the batch's, its arrival and its length. */
type Outline = readonly (readonly [offset: number, arrivedAtMs: number, length: number])[];

/** Of a batch: what is rewritten when a part of it is removed. */
const MAX_BATCH = { bytes: 256 * 1024, records: 1000 };

/**
 * All records between acceptance and delivery, in one SQLite file, so that a restart loses none. A row holds a batch: a row
 * for each record costs more than all else that is done with it, and pages of SQLite's default of 4 KiB twice as much.
 */
export class RecordStore {
  readonly #database: DatabaseSync;
  readonly #statements;
  #lastSequence: number;

  /** @param file the database; its folder must exist */
  constructor(file: string) {
    const database = new DatabaseSync(file);
    database.exec(`
      PRAGMA page_size = 32768;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS batches (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        stream TEXT NOT NULL,
        buffer TEXT NOT NULL,
        buffered_at_ms INTEGER NOT NULL,
        oldest_arrived_at_ms INTEGER NOT NULL,
        records INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        outline TEXT NOT NULL,
        data BLOB NOT NULL
      );
      CREATE INDEX IF NOT EXISTS batches_by_buffer ON batches (stream, buffer, sequence);
    `);
    convertRows(database);
    this.#database = database;
    this.#statements = {
      put: database.prepare("INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      remove: database.prepare("DELETE FROM batches WHERE sequence = ?"),
      batches: database.prepare(
        "SELECT sequence, buffered_at_ms, outline, data FROM batches WHERE stream = ? AND buffer = ? AND sequence BETWEEN ? AND ? ORDER BY sequence",
      ),
      older: database.prepare(
        "SELECT sequence, buffered_at_ms, outline, data FROM batches WHERE stream = ? AND buffer = ? AND oldest_arrived_at_ms < ?",
      ),
      sequences: database.prepare(
        "SELECT sequence, records FROM batches WHERE stream = ? AND buffer = ? AND sequence <= ? ORDER BY sequence",
      ),
      one: database.prepare("SELECT sequence, buffered_at_ms, outline, data FROM batches WHERE sequence = ?"),
      measure: database.prepare(
        "SELECT coalesce(sum(records), 0) AS records, coalesce(sum(size_bytes), 0) AS bytes, coalesce(min(buffered_at_ms), 0) AS opened FROM batches WHERE stream = ? AND buffer = ?",
      ),
      buffers: database.prepare("SELECT DISTINCT buffer FROM batches WHERE stream = ? ORDER BY buffer"),
    };
    // The largest batch may have been the last one: sequences are never used again, they are the records' ids.
    const last = database.prepare("SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence").get()!;
    this.#lastSequence = Number(last["last"]) + MAX_BATCH.records;
  }

  /** Adds records, all or none. */
  add(stream: string, records: readonly NewRecord[], nowMs: number): void {
    this.#transaction(() => this.#insert(stream, records, nowMs));
  }

  /** Replaces the first records of a buffer, up to and including `sequence`; all or none. */
  replace(stream: string, buffer: string, sequence: number, by: readonly NewRecord[], nowMs: number): void {
    this.#transaction(() => {
      const { sequences, one, remove } = this.#statements;
      const rows = sequences.all(stream, buffer, sequence);
      const last = rows.at(-1);
      for (const row of rows)
        if (row === last)
          this.#keep(stream, buffer, one.get(row["sequence"]!)!, (of) => of.sequence > sequence);
        else remove.run(row["sequence"]!);
      this.#insert(stream, by, nowMs);
    });
  }

  /** Removes the records of a buffer that arrived before a time; returns their number. */
  removeOlder(stream: string, buffer: string, arrivedBeforeMs: number): number {
    let removed = 0;
    this.#transaction(() => {
      for (const row of this.#statements.older.all(stream, buffer, arrivedBeforeMs))
        removed += this.#keep(stream, buffer, row, ({ arrivedAtMs }) => arrivedAtMs >= arrivedBeforeMs);
    });
    return removed;
  }

  /** The first records of a buffer after a sequence, oldest first. */
  take(stream: string, buffer: string, limits: TakeLimits): StoredRecord[] {
    const { afterSequence, upToSequence } = limits;
    const taken: StoredRecord[] = [];
    let sizeBytes = 0;
    // A batch of which some records are after it may begin before it.
    const from = afterSequence - MAX_BATCH.records;
    for (const row of this.#statements.batches.iterate(stream, buffer, from, upToSequence))
      for (const record of batchOf(row).records) {
        if (record.sequence <= afterSequence) continue;
        sizeBytes += record.data.length;
        if (taken.length > 0 && (sizeBytes > limits.maxBytes || taken.length === limits.maxRecords))
          return taken;
        taken.push(record);
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

  /** A sequence that no record has that is added later. */
  lastSequence(): number {
    return this.#lastSequence;
  }

  close(): void {
    this.#database.close();
  }

  #insert(stream: string, records: readonly NewRecord[], nowMs: number): void {
    for (const [buffer, ofBuffer] of Map.groupBy(records, (record) => record.buffer))
      for (const batch of batchesOf(ofBuffer)) {
        const stored = batch.map(({ arrivedAtMs, data }) => ({
          sequence: ++this.#lastSequence,
          arrivedAtMs: Math.round(arrivedAtMs),
          data,
        }));
        this.#put(stream, buffer, { openedAtMs: Math.round(nowMs), records: stored });
      }
  }

  /** Removes the records of a batch that are not to be kept; returns their number. */
  #keep(
    stream: string,
    buffer: string,
    row: Readonly<Record<string, unknown>>,
    isKept: (record: StoredRecord) => boolean,
  ): number {
    const { openedAtMs, records } = batchOf(row);
    const kept = records.filter(isKept);
    this.#statements.remove.run(Number(row["sequence"]));
    if (kept.length > 0) this.#put(stream, buffer, { openedAtMs, records: kept });
    return records.length - kept.length;
  }

  #put(
    stream: string,
    buffer: string,
    {
      openedAtMs,
      records,
    }: { openedAtMs: number; records: readonly (Omit<StoredRecord, "data"> & { data: Uint8Array })[] },
  ): void {
    const first = records[0]!.sequence;
    const outline: Outline = records.map(({ sequence, arrivedAtMs, data }) => [
      sequence - first,
      arrivedAtMs,
      data.length,
    ]);
    const data = Buffer.concat(records.map((record) => record.data));
    const oldestMs = Math.min(...records.map(({ arrivedAtMs }) => arrivedAtMs));
    const text = JSON.stringify(outline);
    this.#statements.put.run(
      first,
      stream,
      buffer,
      openedAtMs,
      oldestMs,
      records.length,
      data.length,
      text,
      data,
    );
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

function batchOf(row: Readonly<Record<string, unknown>>): Batch {
  const first = Number(row["sequence"]);
  const blob = row["data"] as Uint8Array;
  const data = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  let end = 0;
  const records = (JSON.parse(String(row["outline"])) as Outline).map(([offset, arrivedAtMs, length]) => ({
    sequence: first + offset,
    arrivedAtMs,
    data: data.subarray(end, (end += length)),
  }));
  return { openedAtMs: Number(row["buffered_at_ms"]), records };
}

/** Splits records into batches, in their order. */
function* batchesOf(records: readonly NewRecord[]): Generator<NewRecord[]> {
  let batch: NewRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (
      batch.length > 0 &&
      (bytes + record.data.length > MAX_BATCH.bytes || batch.length === MAX_BATCH.records)
    ) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(record);
    bytes += record.data.length;
  }
  if (batch.length > 0) yield batch;
}

/** Takes over the records of a data folder of an earlier version, which had a row for each. */
function convertRows(database: DatabaseSync): void {
  const { known } = database
    .prepare("SELECT count(*) AS known FROM sqlite_master WHERE name = 'records'")
    .get()!;
  if (known === 0) return;
  database.exec(`
    BEGIN;
    INSERT INTO batches
      SELECT sequence, stream, buffer, buffered_at_ms, arrived_at_ms, 1, length(data),
        json_array(json_array(0, arrived_at_ms, length(data))), data
      FROM records;
    DROP TABLE records;
    COMMIT;
  `);
}
