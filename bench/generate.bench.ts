/**
 * How fast `doorstep generate` makes history: rows a second of the whole, into a folder, and how the threads' time goes
 * among making facts and normalising them, writing Parquet and waiting for the disk.
 *
 *     node bench/generate.bench.ts [--cameras 100] [--days 30] [--detections-per-day 1000] [--json]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeHistory } from "../cli/generate/write-history.ts";

/** What the figure is to reach. */
const GOAL_ROWS_PER_SECOND = 200_000;
const UNTIL_MS = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;

const { values } = parseArgs({
  options: {
    cameras: { type: "string", default: "100" },
    days: { type: "string", default: "30" },
    "detections-per-day": { type: "string", default: "1000" },
    json: { type: "boolean", default: false },
  },
});
const options = {
  cameras: Number(values.cameras),
  fromMs: UNTIL_MS - Number(values.days) * DAY_MS,
  untilMs: UNTIL_MS,
  seed: 1,
  detectionsPerDay: Number(values["detections-per-day"]),
  streamPrefix: "doorstep-dev-camera-",
  evidenceBucket: "no-such-evidence",
};

const folder = mkdtempSync(join(tmpdir(), "doorstep-generate-"));
try {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let peakBytes = 0;
  const { rows, objects, bytes, tookMs } = await writeHistory(
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
    megabytes: Number((bytes / 1e6).toFixed(1)),
    bytesPerRow: Number((bytes / total).toFixed(1)),
    seconds: Number(seconds.toFixed(2)),
    rowsPerSecond: Math.round(total / seconds),
    goalRowsPerSecond: GOAL_ROWS_PER_SECOND,
    cpuMicrosecondsPerRow: Number(((cpu.user + cpu.system) / total).toFixed(2)),
    threadSeconds: {
      factsAndNormalising: Number((tookMs.facts / 1000).toFixed(2)),
      parquet: Number((tookMs.parquet / 1000).toFixed(2)),
      waitingForTheDisk: Number((tookMs.put / 1000).toFixed(2)),
    },
    peakResidentMegabytes: Math.round(peakBytes / 1e6),
  };
  if (values.json) console.log(JSON.stringify(result));
  else {
    const { factsAndNormalising, parquet, waitingForTheDisk } = result.threadSeconds;
    console.log(
      `${rows.detection_records.toLocaleString("en")} rows of detections, ${rows.session_records.toLocaleString("en")} of ` +
        `sessions in ${objects} objects, ${result.megabytes} MB (${result.bytesPerRow} bytes a row)`,
    );
    console.log(
      `${result.rowsPerSecond.toLocaleString("en")} rows/s (goal ${GOAL_ROWS_PER_SECOND.toLocaleString("en")}) in ${result.seconds} s on ${result.threads} threads`,
    );
    console.log(
      `threads' time: facts and normalising ${factsAndNormalising} s, Parquet ${parquet} s, waiting for the disk ${waitingForTheDisk} s`,
    );
    console.log(
      `processor: ${result.cpuMicrosecondsPerRow} microseconds a row; memory: at most ${result.peakResidentMegabytes} MB resident`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
