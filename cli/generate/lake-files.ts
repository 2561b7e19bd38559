import { createHash } from "node:crypto";
import { emitHour, syntheticFleet, type HistoryOptions } from "../../analysis/synthetic/history.ts";
import type { Emit } from "../../analysis/synthetic/session.ts";
import { HOUR_MS } from "../../base/durations.ts";
import { normaliseDocument } from "../../core/lake/normalise.ts";
import { eventHourOf, type EventHour } from "../../core/lake/time.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { faceRecords } from "../../schemas/tables/face-records.ts";
import { sessionRecords } from "../../schemas/tables/session-records.ts";
import { parquetFile, type LakeRow } from "./parquet.ts";

/** The tables that history is generated for: it has no decisions about alerts, which depend on the account's rules. */
export const GENERATED_TABLES = {
  detection_records: detectionRecords,
  session_records: sessionRecords,
  face_records: faceRecords,
} as const;
export type GeneratedTable = keyof typeof GENERATED_TABLES;
const TABLE_NAMES = Object.keys(GENERATED_TABLES) as GeneratedTable[];

/** What the name of every generated object begins with; Firehose's begin with the delivery stream's name. */
export const GENERATED_OBJECT = "generated-";
/** Most rows of one object, some 60 MB in memory: the bound on what a worker holds of a table's hour. */
const MAX_ROWS_PER_OBJECT = 50_000;
/** Most objects in transfer at once from a worker, so that memory stays bounded. */
const MAX_PUTS = 4;

/** Hours since the epoch, UTC, up to but not including the end. */
export interface HourRange {
  readonly first: number;
  readonly end: number;
}

/** What was written. */
export interface Written {
  objects: number;
  bytes: number;
  /** Duplicates included; a row of detections is a notification. */
  readonly rows: Record<GeneratedTable, number>;
}

export const nothingWritten = (): Written => ({
  objects: 0,
  bytes: 0,
  rows: { detection_records: 0, session_records: 0, face_records: 0 },
});

/** A table's hour while its rows are gathered. */
interface OpenPartition {
  readonly table: GeneratedTable;
  readonly folder: string;
  rows: LakeRow[];
  objects: number;
}

/** Stores an object under its key; resolves once it is stored. */
export type Put = (key: string, bytes: Buffer) => Promise<void>;

/**
 * Writes the history of a range of hours, an object or more per table and hour, each notification normalised as the
 * transform does. The same options give the same objects, however the hours are divided into ranges.
 */
export async function writeHours(
  options: HistoryOptions,
  { first, end }: HourRange,
  put: Put,
  onObject: (rows: number) => void = () => {},
): Promise<Written> {
  const fleet = syntheticFleet(options);
  const run = runName(options);
  const written = nothingWritten();
  const open = new Map<string, OpenPartition>();
  const putting = new Set<Promise<void>>();

  const openHour = (hour: number): void => {
    for (const table of TABLE_NAMES) {
      const folder = folderOf(table, eventHourOf(hour * HOUR_MS));
      open.set(folder, { table, folder, rows: [], objects: 0 });
    }
  };
  const flush = async (partition: OpenPartition): Promise<void> => {
    const { table, folder, rows } = partition;
    if (rows.length === 0) return;
    partition.rows = [];
    const bytes = parquetFile(GENERATED_TABLES[table], rows);
    while (putting.size >= MAX_PUTS) await Promise.race(putting);
    const one = put(`${folder}/${GENERATED_OBJECT}${run}-${partition.objects++}.parquet`, bytes);
    putting.add(one);
    // A failure stays in the set, where the next await of it throws.
    one.then(
      () => putting.delete(one),
      () => {},
    );
    written.objects++;
    written.bytes += bytes.length;
    written.rows[table] += rows.length;
    onObject(rows.length);
  };
  const gather: Emit = (table, document, arrivalMs) => {
    const context = { table, arrivalMs, cameraStreamPrefix: options.streamPrefix };
    const normalised = normaliseDocument(document, context);
    if (!normalised.ok) throw new Error(`a generated notification is rejected: ${normalised.reason}`);
    // Rows of a partition that is not open belong to another range.
    open.get(folderOf(table, normalised.partition))?.rows.push(normalised.row);
  };

  // A camera's hour extends into the clock's next hour, so the first one needs the hour before it.
  for (let hour = first - 1; hour < end; hour++) {
    if (hour + 1 < end) openHour(hour + 1);
    for (const camera of fleet) {
      emitHour(camera, hour, options, gather);
      for (const partition of open.values())
        if (partition.rows.length >= MAX_ROWS_PER_OBJECT) await flush(partition);
      // Lets transfers proceed.
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const table of TABLE_NAMES) {
      const folder = folderOf(table, eventHourOf(hour * HOUR_MS));
      const partition = open.get(folder);
      if (partition) await flush(partition);
      open.delete(folder);
    }
  }
  await Promise.all(putting);
  return written;
}

const folderOf = (table: GeneratedTable, { dt, hour }: EventHour): string => `${table}/dt=${dt}/hour=${hour}`;

/** Distinguishes the objects of runs with different options; a repeated run overwrites its own. */
function runName(options: HistoryOptions): string {
  const digest = createHash("sha256").update(JSON.stringify(options)).digest("hex");
  return `${options.seed}-${digest.slice(0, 8)}`;
}
