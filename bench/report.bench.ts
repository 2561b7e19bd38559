/**
 * The report page over a month of a hundred cameras, about three million synthetic detections on the local cloud: how long
 * `doorstep report` takes in a process of its own, its memory and the local cloud's, and the size of the page.
 *
 * Like `npm start`, it runs WebAssembly with V8's baseline compiler alone.
 *
 *     node --liftoff-only bench/report.bench.ts [--json] [cameras] [days] [detections per camera and day]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageService } from "../demo/package-service.ts";
import { startStack } from "../test/local/stack.ts";
import { rounded } from "./figures.ts";

const LIMITS = { seconds: 20, memoryMb: 1000, pageMb: 3 } as const;
const SAMPLE_MS = 100;
const MAX_PRINTED_CHARACTERS = 2000;

const PRINT_PEAK = `import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => console.error("peak " + process.resourceUsage().maxRSS));`;

const cli = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const isJson = process.argv.includes("--json");
const [cameras = "100", days = "30", detectionsPerDay = "1000"] = process.argv
  .slice(2)
  .filter((one) => one !== "--json");

const folder = mkdtempSync(join(tmpdir(), "doorstep-report-bench-"));
await packageService();
const stack = await startStack();
try {
  const generated = await doorstep([
    "generate",
    "--cameras",
    cameras,
    "--days",
    days,
    "--detections-per-day",
    detectionsPerDay,
  ]);
  const page = join(folder, "report.html");
  let cloudMb = 0;
  const watch = setInterval(() => (cloudMb = Math.max(cloudMb, process.memoryUsage().rss / 1e6)), SAMPLE_MS);
  const reported = await doorstep(["report", "-o", page, "--from", `${Number(days) + 1}d`]);
  clearInterval(watch);
  const figures = {
    cameras: Number(cameras),
    days: Number(days),
    generatedSeconds: rounded(generated.seconds, 1),
    seconds: rounded(reported.seconds, 1),
    memoryMb: rounded(reported.peakMb, 1),
    cloudMemoryMb: rounded(cloudMb, 1),
    pageMb: rounded(statSync(page).size / 1e6, 1),
  };
  if (isJson) console.log(JSON.stringify({ ...figures, limits: LIMITS }));
  else {
    console.log(generated.said, reported.said);
    console.table(figures);
    for (const [name, limit] of Object.entries(LIMITS))
      console.log(`${name}: ${figures[name as keyof typeof LIMITS]} of at most ${limit}`);
  }
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true });
}

/** Runs the command as users do. */
async function doorstep(args: readonly string[]): Promise<{ seconds: number; peakMb: number; said: string }> {
  const startedAt = performance.now();
  // GNU time is not always installed, so the process prints its own peak when it exits.
  const child = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(PRINT_PEAK)}`, cli, ...args],
    {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: stack.config.endpoint,
        AWS_REGION: stack.config.region,
        AWS_ACCESS_KEY_ID: "owner",
        AWS_SECRET_ACCESS_KEY: "owner",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (said = (said + String(chunk)).slice(-MAX_PRINTED_CHARACTERS)));
  const exitCode = await new Promise((resolve) => child.on("close", resolve));
  if (exitCode !== 0) throw new Error(`doorstep ${args.join(" ")} ended with ${String(exitCode)}: ${said}`);
  const peakMb = Number(/peak (\d+)/.exec(said)?.[1]) / 1000;
  return { seconds: (performance.now() - startedAt) / 1000, peakMb, said: said.replace(/peak \d+\n/, "") };
}
