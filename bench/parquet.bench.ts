/**
 * How fast rows of synthetic history become a Parquet file: `parquetFile` of `doorstep generate` against DuckDB's COPY of a
 * table with the same rows and the same compression, in the same run. DuckDB's table is filled before; beside it COPY from a
 * file of JSON lines, as the local Firehose passes them. Times are processor time of all threads, the least of several
 * rounds. DuckDB reads both files and has to find the same rows.
 *
 *     npm run bench -- parquet [-- --cameras=100 --days=0.2 --detections-per-day=1000]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emitHour, hoursOf, syntheticFleet } from "../analysis/synthetic/history.ts";
import { GENERATED_TABLES, type GeneratedTable } from "../cli/generate/lake-files.ts";
import { parquetFile, type LakeRow } from "../cli/generate/parquet.ts";
import { normaliseDocument } from "../core/lake/normalise.ts";
import { connectDuckDb } from "../local/duckdb.ts";
import { duckDbType, HIVE, parseColumnType } from "../local/glue/column-type.ts";
import type { Table } from "../schemas/tables/column.ts";
import { rounded } from "./figures.ts";
import { historyFlags } from "./history-flags.ts";
import { figure, report, type Measured } from "./result.ts";

const ROUNDS = 10;

const options = historyFlags({ days: "0.2" });
const rowsOf: Record<GeneratedTable, LakeRow[]> = {
  detection_records: [],
  session_records: [],
  face_records: [],
};
const { first, end } = hoursOf(options);
for (const camera of syntheticFleet(options))
  for (let hour = first; hour < end; hour++)
    emitHour(camera, hour, options, (table, document, arrivalMs) => {
      const context = { table, arrivalMs, cameraStreamPrefix: options.streamPrefix };
      const normalised = normaliseDocument(document, context);
      if (normalised.ok) rowsOf[table].push(normalised.row);
    });

const folder = mkdtempSync(join(tmpdir(), "doorstep-parquet-bench-"));
const connection = await connectDuckDb();

const [lines, ours, copied] = ["rows.json", "ours.parquet", "copy.parquet"].map((file) => join(folder, file));
const FORMAT = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)";

/** Puts the rows where each contender expects them. @returns DuckDB's reading of the JSON lines */
async function prepare({ columns }: Table, rows: readonly LakeRow[]): Promise<string> {
  const types = columns.map(
    ({ name, type }) => `${name}: '${duckDbType(parseColumnType(type, HIVE), "TIMESTAMP_MS")}'`,
  );
  writeFileSync(lines!, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const reading = `read_json('${lines}', format = 'newline_delimited', columns = {${types.join()}})`;
  await connection.run(`CREATE OR REPLACE TABLE rows AS SELECT * FROM ${reading}`);
  return reading;
}

async function copy(from: string): Promise<Uint8Array> {
  await connection.run(`COPY (FROM ${from}) TO '${copied}' ${FORMAT}`);
  return readFileSync(copied!);
}

/** Rows that are in one of the two files alone. */
async function differences(): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE FROM (
       (FROM read_parquet('${ours}') EXCEPT ALL FROM read_parquet('${copied}'))
       UNION ALL (FROM read_parquet('${copied}') EXCEPT ALL FROM read_parquet('${ours}')))`,
  );
  return Number(reader.getRows()[0]![0]);
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

try {
  const figures: Measured["figures"][number][] = [];
  const failures: string[] = [];
  const spentMs = { ours: 0, rival: 0 };
  for (const [name, rows] of Object.entries(rowsOf)) {
    if (rows.length === 0) continue;
    const table = GENERATED_TABLES[name as GeneratedTable];
    const reading = await prepare(table, rows);
    const writers = {
      parquetFile: () => Promise.resolve(parquetFile(table, rows)),
      "DuckDB's COPY of a table": () => copy("rows"),
      "DuckDB's COPY of JSON lines": () => copy(reading),
    };
    const bestMs: Record<string, number> = {};
    for (const [writer, write] of Object.entries(writers)) {
      let bytes = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const startedMs = processorMs();
        const file = await write();
        bestMs[writer] = Math.min(bestMs[writer] ?? Infinity, processorMs() - startedMs);
        bytes = file.length;
      }
      const what = `${rows.length} rows of ${name}, ${writer}`;
      figures.push(
        figure(what, rounded((bestMs[writer]! * 1000) / rows.length), "µs of processor time per row"),
        figure(`${what}: size`, rounded(bytes / rows.length), "B per row"),
      );
    }
    spentMs.ours += bestMs["parquetFile"]!;
    spentMs.rival += bestMs["DuckDB's COPY of a table"]!;
    writeFileSync(ours!, parquetFile(table, rows));
    const different = await differences();
    if (different > 0) failures.push(`${different} rows of ${name} differ`);
  }
  report("parquet", {
    figures,
    rival: {
      name: "DuckDB's COPY of a table",
      ratio: rounded(spentMs.rival / spentMs.ours),
      ratioOf: "its processor time / ours",
    },
    sameWork: "both files of each table have the same rows, by DuckDB",
    failures,
  });
} finally {
  connection.closeSync();
  rmSync(folder, { recursive: true });
}
