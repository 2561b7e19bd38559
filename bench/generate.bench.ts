/**
 * How fast `doorstep generate` writes synthetic history into a folder: rows per second, processor time and memory.
 *
 *     node bench/generate.bench.ts [--cameras 100] [--days 30] [--detections-per-day 1000] [--json]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { writeHistory } from "../cli/generate/write-history.ts";
import { rounded } from "./figures.ts";
import { historyFlags } from "./history-flags.ts";

const { options, isJson } = historyFlags();
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
  const result = {
    node: process.version,
    threads: availableParallelism(),
    rows,
    objects,
    megabytes: rounded(bytes / 1e6, 1),
    bytesPerRow: rounded(bytes / total, 1),
    seconds: rounded(seconds),
    rowsPerSecond: Math.round(total / seconds),
    cpuMicrosecondsPerRow: rounded((cpu.user + cpu.system) / total),
    peakResidentMegabytes: Math.round(peakBytes / 1e6),
  };
  if (isJson) console.log(JSON.stringify(result));
  else {
    console.log(
      `${rows.detection_records.toLocaleString("en")} rows of detections, ${rows.session_records.toLocaleString("en")} of ` +
        `sessions in ${objects} objects, ${result.megabytes} MB (${result.bytesPerRow} bytes per row)`,
    );
    console.log(
      `${result.rowsPerSecond.toLocaleString("en")} rows/s: ${result.seconds} s on ${result.threads} threads`,
    );
    console.log(
      `${result.cpuMicrosecondsPerRow} microseconds of processor time per row; at most ${result.peakResidentMegabytes} MB resident`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
