/**
 * How fast `doorstep generate` writes synthetic history into a folder: rows per second, processor time and memory.
 *
 *     npm run bench -- generate [-- --cameras=100 --days=30 --detections-per-day=1000]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { writeHistory } from "../cli/generate/write-history.ts";
import { connectDuckDb } from "../local/duckdb.ts";
import { rounded } from "./figures.ts";
import { historyFlags } from "./history-flags.ts";
import { figure, report } from "./result.ts";

const options = historyFlags();
const folder = mkdtempSync(join(tmpdir(), "doorstep-generate-"));
try {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let peakBytes = 0;
  const { rows, objects, bytes } = await writeHistory(
    options,
    { folder },
    {
      signal: new AbortController().signal,
      onRows: () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())),
    },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const total = rows.detection_records + rows.session_records;
  const written = await rowsIn(folder);
  report("generate", {
    figures: [
      figure("rows of detections", rows.detection_records, ""),
      figure("rows of sessions", rows.session_records, ""),
      figure("objects", objects, ""),
      figure("size", rounded(bytes / 1e6, 1), "MB"),
      figure("bytes per row", rounded(bytes / total, 1), "B"),
      figure(`time on ${availableParallelism()} threads`, rounded(seconds), "s"),
      figure("rows per second", Math.round(total / seconds), "rows/s"),
      figure("processor time per row", rounded((cpu.user + cpu.system) / total), "µs"),
      figure("peak memory", Math.round(peakBytes / 1e6), "MB"),
    ],
    sameWork: "the files have as many rows as were counted, by DuckDB",
    failures: written === total ? [] : [`the files have ${written} rows; expected ${total}`],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function rowsIn(lake: string): Promise<number> {
  const connection = await connectDuckDb();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata('${lake}/**/*.parquet')`,
    );
    return Number(reader.getRows()[0]![0]);
  } finally {
    connection.closeSync();
  }
}
