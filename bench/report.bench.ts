/**
 * The report page over a month of a hundred cameras, about three million synthetic detections on the local cloud: how long
 * `doorstep report` takes in a process of its own, its memory and the local cloud's, and the size of the page.
 *
 *     npm run bench -- report [-- --cameras=100 --days=30 --detections-per-day=1000]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { TestStack } from "../test/local/stack.ts";
import { rounded } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { onStack } from "./on-stack.ts";
import type { Usage } from "./print-usage.ts";
import { figure, report } from "./result.ts";

const LIMITS = { seconds: 20, memoryMb: 1000, pageMb: 3 } as const;
const SAMPLE_MS = 100;

const cli = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const cameras = numberFlag("cameras", 100);
const days = numberFlag("days", 30);
const detectionsPerDay = numberFlag("detections-per-day", 1000);

const folder = mkdtempSync(join(tmpdir(), "doorstep-report-bench-"));
try {
  await onStack(measure);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(stack: TestStack): Promise<void> {
  const generated = await doorstep(stack, [
    "generate",
    "--cameras",
    String(cameras),
    "--days",
    String(days),
    "--detections-per-day",
    String(detectionsPerDay),
    "--json",
  ]);
  const page = join(folder, "report.html");
  let cloudMb = 0;
  const watch = setInterval(() => (cloudMb = Math.max(cloudMb, process.memoryUsage().rss / 1e6)), SAMPLE_MS);
  const reported = await doorstep(stack, [
    "report",
    "-o",
    page,
    "--from",
    `${days + 1}d`,
    "--synthetic",
    "--json",
  ]);
  clearInterval(watch);
  const { detections } = (
    JSON.parse(reported.printed) as { readonly summary: { readonly detections: number } }
  ).summary;
  const { rows } = JSON.parse(generated.printed) as { readonly rows: { readonly detection_records: number } };
  // A row has one label or more, and the page counts labels.
  if (detections < rows.detection_records)
    throw new Error(`the report counts ${detections} detections of ${rows.detection_records} rows`);
  report("report", {
    figures: [
      figure("cameras", cameras, ""),
      figure("days", days, ""),
      figure("detections in the report", detections, ""),
      figure("generated in", rounded(generated.seconds, 1), "s"),
      figure("report written in", rounded(reported.seconds, 1), "s", { atMost: LIMITS.seconds }),
      figure("peak memory of the command", reported.peakMb, "MB", { atMost: LIMITS.memoryMb }),
      figure("peak memory of the local cloud", rounded(cloudMb, 1), "MB"),
      figure("page", rounded(statSync(page).size / 1e6, 1), "MB", { atMost: LIMITS.pageMb }),
    ],
    sameWork: "the report counts every detection that was generated",
  });
}

/** Runs the command as users do. */
async function doorstep(
  { config }: TestStack,
  args: readonly string[],
): Promise<{ seconds: number; peakMb: number; printed: string }> {
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    ["--import", new URL("./print-usage.ts", import.meta.url).href, cli, ...args],
    {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: config.endpoint,
        AWS_REGION: config.region,
        AWS_ACCESS_KEY_ID: "owner",
        AWS_SECRET_ACCESS_KEY: "owner",
      },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  );
  const ended = new Promise((resolve) => child.on("close", resolve));
  const outputs = [child.stdout!, child.stderr!, child.stdio[3] as Readable];
  const [[printed, said, usage], exitCode] = await Promise.all([Promise.all(outputs.map(text)), ended]);
  if (exitCode !== 0) throw new Error(`doorstep ${args.join(" ")} ended with ${String(exitCode)}: ${said}`);
  const { peakMb } = JSON.parse(usage!) as Usage;
  return { seconds: (performance.now() - startedAt) / 1000, peakMb, printed: printed! };
}
