/**
 * How fast rows of synthetic history become a Parquet file: `parquetFile` of `doorstep generate` against DuckDB's COPY of
 * the same rows, with the same compression, in the same run. DuckDB reads the rows from a file of JSON lines, as the
 * local Firehose passes them. Times are processor time of all threads, the least of several rounds.
 *
 *     node bench/parquet.bench.ts [--cameras 100] [--days 0.2] [--detections-per-day 1000] [--json]
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
import { historyFlags } from "./history-flags.ts";
import { rounded } from "./figures.ts";

const ROUNDS = 10;

const { options, isJson } = historyFlags({ days: "0.2" });
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

async function copy({ columns }: Table, rows: readonly LakeRow[]): Promise<Uint8Array> {
  const [input, output] = [join(folder, "rows.json"), join(folder, "rows.parquet")];
  const types = columns.map(
    ({ name, type }) => `${name}: '${duckDbType(parseColumnType(type, HIVE), "TIMESTAMP_MS")}'`,
  );
  writeFileSync(input, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  await connection.run(
    `COPY (SELECT * FROM read_json('${input}', format = 'newline_delimited', columns = {${types.join()}}))
     TO '${output}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
  );
  return readFileSync(output);
}

const WRITERS = { parquetFile, "DuckDB's COPY": copy };

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

try {
  for (const [table, rows] of Object.entries(rowsOf))
    for (const [writer, write] of Object.entries(WRITERS)) {
      let bestMs = Infinity;
      let bytes = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const startedMs = processorMs();
        bytes = (await write(GENERATED_TABLES[table as GeneratedTable], rows)).length;
        bestMs = Math.min(bestMs, processorMs() - startedMs);
      }
      const figures = {
        table,
        rows: rows.length,
        writer,
        microsecondsPerRow: rounded((bestMs * 1000) / rows.length),
        bytesPerRow: rounded(bytes / rows.length),
      };
      if (isJson) console.log(JSON.stringify(figures));
      else
        console.log(
          `${table}, ${rows.length.toLocaleString("en")} rows, ${writer}: ${figures.microsecondsPerRow} ` +
            `microseconds and ${figures.bytesPerRow} bytes per row`,
        );
    }
} finally {
  connection.closeSync();
  rmSync(folder, { recursive: true });
}
