/**
 * How fast rows of made-up history become Parquet in memory: our writer, and hyparquet-writer as its rival with the same
 * columns, the same compression and the milliseconds at hand, in the same run. Both begin with the normaliser's rows.
 *
 *     node bench/parquet.bench.ts
 */
import * as zlib from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { LAKE_TABLES, type LakeTable } from "../cli/generate/lake-files.ts";
import type { LakeRow } from "../cli/parquet/column-values.ts";
import { Columns } from "../cli/parquet/columns.ts";
import { writeParquet } from "../cli/parquet/write-parquet.ts";
import { normaliseDocument } from "../core/lake/normalise.ts";
import { emitHour, hoursOf, syntheticFleet, type HistoryOptions } from "../analysis/synthetic/history.ts";
import type { Column, Table } from "../schemas/tables/column.ts";

const ROUNDS = 15;
const HOURS = 4;
const UNTIL_MS = Date.UTC(2026, 10, 1);
const options: HistoryOptions = {
  cameras: 100,
  fromMs: UNTIL_MS - HOURS * 3_600_000,
  untilMs: UNTIL_MS,
  seed: 1,
  detectionsPerDay: 1000,
  streamPrefix: "doorstep-dev-camera-",
  evidenceBucket: "no-such-evidence",
};

type RivalOptions = Parameters<typeof parquetWriteBuffer>[0];
type Element = NonNullable<RivalOptions["schema"]>[number];
const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
const PRIMITIVES: Readonly<Record<string, Omit<Element, "name">>> = {
  string: TEXT,
  timestamp: {
    type: "INT64",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MILLIS" },
  },
  bigint: { type: "INT64" },
  int: { type: "INT32" },
  double: { type: "DOUBLE" },
};

function elementsOf({ name, type, nullable }: Column): Element[] {
  if (type !== "map<string,string>")
    return [{ name, repetition_type: nullable ? "OPTIONAL" : "REQUIRED", ...PRIMITIVES[type]! }];
  return [
    { name, repetition_type: "OPTIONAL", converted_type: "MAP", num_children: 1 },
    { name: "key_value", repetition_type: "REPEATED", num_children: 2 },
    { name: "key", repetition_type: "REQUIRED", ...TEXT },
    { name: "value", repetition_type: "OPTIONAL", ...TEXT },
  ];
}

/** A writer of the rival's with that codec; only the conversion to its values is ours. */
const rival = (codec: "SNAPPY" | "ZSTD") => (rows: readonly LakeRow[], table: Table) => {
  const { name, columns } = table;
  const bytes = parquetWriteBuffer({
    schema: [{ name, num_children: columns.length }, ...columns.flatMap(elementsOf)],
    columnData: columns.map((column) => {
      const source = column.type === "timestamp" ? `${column.name}_ms` : column.name;
      const values = rows.map((row) => row[source]);
      const isInt64 = column.type === "bigint" || column.type === "timestamp";
      const bigints = () => values.map((value) => (value === null ? null : BigInt(value as number)));
      return { name: column.name, data: isInt64 ? bigints() : values };
    }),
    codec,
    compressors: {
      ZSTD: (input) =>
        zlib.zstdCompressSync(input, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }),
    },
    rowGroupSize: rows.length,
    statisticsTruncateLength: Infinity,
  });
  return { length: bytes.byteLength };
};

const ours = (rows: readonly LakeRow[], table: Table) => {
  const columns = new Columns(table);
  for (const row of rows) columns.add(row);
  return writeParquet(columns);
};

const rowsOf: Record<LakeTable, LakeRow[]> = { detection_records: [], session_records: [] };
const { first, end } = hoursOf(options);
const fleet = syntheticFleet(options);
for (let hour = first; hour < end; hour++)
  for (const camera of fleet)
    emitHour(camera, hour, options, (table, document, arrivalMs) => {
      const context = { table, arrivalMs, cameraStreamPrefix: options.streamPrefix };
      const normalised = normaliseDocument(document, context);
      if (normalised.ok) rowsOf[table].push(...normalised.rows);
    });

const writers = [
  ["ours, Zstandard", ours],
  ["hyparquet-writer, Zstandard", rival("ZSTD")],
  ["hyparquet-writer, Snappy", rival("SNAPPY")],
] as const;
for (const [table, rows] of Object.entries(rowsOf))
  for (const [name, write] of writers) {
    let bestMs = Infinity;
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now();
      bytes = write(rows, LAKE_TABLES[table as LakeTable]).length;
      bestMs = Math.min(bestMs, performance.now() - startedAt);
    }
    const perRow = ((bestMs * 1000) / rows.length).toFixed(2);
    console.log(
      `${table}, ${rows.length.toLocaleString("en")} rows, ${name}: ${perRow} microseconds and ${(bytes / rows.length).toFixed(1)} bytes a row`,
    );
  }
