import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { normaliseDocument } from "../../core/lake/normalise.ts";
import {
  emitHour,
  syntheticFleet,
  type Emit,
  type HistoryOptions,
} from "../../analysis/synthetic/history.ts";
import type { EventHour } from "../../core/lake/time.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { sessionRecords } from "../../schemas/tables/session-records.ts";
import { Columns } from "../parquet/columns.ts";
import { writeParquet } from "../parquet/write-parquet.ts";

export const LAKE_TABLES = { detection_records: detectionRecords, session_records: sessionRecords } as const;
export type LakeTable = keyof typeof LAKE_TABLES;

/** What the name of every generated object begins with; Firehose's begin with the delivery stream's name. */
export const GENERATED_OBJECT = "generated-";
/** Most rows of one object, some 60 MB in memory: the bound on what a worker holds of a table's hour. */
const MAX_ROWS_PER_OBJECT = 50_000;
/** Most objects under way at once from a worker, so that memory stays bounded. */
const MAX_PUTS = 4;
const HOUR_MS = 3_600_000;

/** What was written. */
export interface Written {
  objects: number;
  bytes: number;
  /** Every row, what is there twice included. */
  readonly rows: Record<LakeTable, number>;
  /** How the time went, milliseconds of this thread. */
  readonly tookMs: { facts: number; parquet: number; put: number };
}

export const nothingWritten = (): Written => ({
  objects: 0,
  bytes: 0,
  rows: { detection_records: 0, session_records: 0 },
  tookMs: { facts: 0, parquet: 0, put: 0 },
});

/** Rows of a table's hour that are to be written. */
interface Buffered {
  rows: Columns;
  parts: number;
}

interface Place {
  readonly partition: EventHour;
  readonly name: string;
  /** None where others write. */
  readonly buffer: Buffered | undefined;
}

/** Puts an object where it belongs; resolves once it is there. */
export type Put = (key: string, bytes: Buffer) => Promise<void>;

/**
 * Writes the facts of the hours from `first` up to but not including `end` (hours since the epoch, UTC), an object or
 * more per table and hour, each notification through the normaliser as if Firehose had brought it. The same options
 * give the same objects, however the hours are shared out.
 */
export async function writeHours(
  options: HistoryOptions,
  { first, end }: { readonly first: number; readonly end: number },
  put: Put,
  onObject: (rows: number) => void = () => {},
): Promise<Written> {
  const fleet = syntheticFleet(options);
  const written = nothingWritten();
  const { tookMs } = written;
  const run = runName(options);
  const open = new Map<string, Buffered>();
  /** Emptied ones, whose memory the next hours take. */
  const spare: Record<LakeTable, Columns[]> = { detection_records: [], session_records: [] };
  const putting = new Set<Promise<void>>();

  const flush = async (name: string) => {
    const buffer = open.get(name);
    if (!buffer || buffer.rows.count === 0) return;
    const { rows } = buffer;
    const { count } = rows;
    const [table] = name.split("/") as [LakeTable];
    const startedAt = performance.now();
    const bytes = writeParquet(rows);
    rows.clear();
    const writtenAt = performance.now();
    tookMs.parquet += writtenAt - startedAt;
    while (putting.size >= MAX_PUTS) await Promise.race(putting);
    tookMs.put += performance.now() - writtenAt;
    const one = put(`${name}/${GENERATED_OBJECT}${run}-${buffer.parts++}.parquet`, bytes);
    putting.add(one);
    // A failure stays for whoever awaits it next; nobody may be there yet.
    one.then(
      () => putting.delete(one),
      () => {},
    );
    written.objects++;
    written.bytes += bytes.length;
    written.rows[table] += count;
    onObject(count);
  };

  const tables = Object.keys(LAKE_TABLES) as LakeTable[];
  /** What lies around these hours is written with those of its own. */
  const foreign = new Set(
    tables.flatMap((table) => [partitionOf(table, first - 1), partitionOf(table, end)]),
  );
  const full: string[] = [];
  const placeOf = (table: LakeTable, partition: EventHour): Place => {
    const name = `${table}/dt=${partition.dt}/hour=${partition.hour}`;
    if (!open.has(name) && !foreign.has(name))
      open.set(name, { rows: spare[table].pop() ?? new Columns(LAKE_TABLES[table]), parts: 0 });
    return { partition, name, buffer: open.get(name) };
  };
  // Most rows go where their table's last ones went, which is quicker to see than a name is made.
  const last: Partial<Record<LakeTable, Place>> = {};
  const take: Emit = (table, document, arrivalMs) => {
    const context = { table, arrivalMs, cameraStreamPrefix: options.streamPrefix };
    const normalised = normaliseDocument(document, context);
    if (!normalised.ok) throw new Error(`a generated notification is rejected: ${normalised.reason}`);
    const { partition, rows } = normalised;
    let place = last[table];
    if (place?.partition !== partition) place = last[table] = placeOf(table, partition);
    const { name, buffer } = place;
    if (!buffer) return;
    for (const row of rows) buffer.rows.add(row);
    if (buffer.rows.count >= MAX_ROWS_PER_OBJECT) full.push(name);
  };

  // A camera's hour reaches into the clock's next one, so the first needs the one before, whose own facts others write.
  for (let hour = first - 1; hour < end; hour++) {
    const startedAt = performance.now();
    const writingMs = tookMs.parquet + tookMs.put;
    for (const camera of fleet) {
      emitHour(camera, hour, options, take);
      const due = full.splice(0);
      for (const name of due) await flush(name);
      // Objects under way get on meanwhile.
      await setImmediate();
    }
    tookMs.facts += performance.now() - startedAt - (tookMs.parquet + tookMs.put - writingMs);
    for (const table of tables) {
      const name = partitionOf(table, hour);
      await flush(name);
      const buffer = open.get(name);
      if (buffer) spare[table].push(buffer.rows);
      open.delete(name);
    }
  }
  await Promise.all(putting);
  return written;
}

function partitionOf(table: LakeTable, hour: number): string {
  const [dt, time] = new Date(hour * HOUR_MS).toISOString().split("T");
  return `${table}/dt=${dt}/hour=${time!.slice(0, 2)}`;
}

/** Tells a run's objects from another's; asked for again, they take their own places. */
export function runName(options: HistoryOptions): string {
  const { seed } = options;
  return `${seed}-${createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 8)}`;
}
