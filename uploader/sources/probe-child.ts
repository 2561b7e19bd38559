// The process of `probe.ts`: reads each file that it gets, and reports at intervals that it is alive.
import module from "node:module";
import { Logging, LogLevel } from "mediabunny";
import { sleep, systemClock } from "../../base/clock.ts";
import { openProbed } from "./file.ts";

const REPORT_INTERVAL_MS = 100;

const report = (status: "alive" | "done") => process.send?.(status);

async function reportAlive(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    report("alive");
    await sleep(systemClock, REPORT_INTERVAL_MS, signal);
  }
}

Logging.level = LogLevel.Silent;
process.on("message", (file: string) => {
  const ended = new AbortController();
  void reportAlive(ended.signal);
  void openProbed(file)
    .then((clip) => clip.close())
    // The parent reads the file next, and gets the same error.
    .catch(() => {})
    .finally(() => {
      ended.abort();
      report("done");
    });
});
// Ctrl+C is for the parent process, which ends this one.
process.on("SIGINT", () => {});
report("alive");
// For the next such process, where NODE_COMPILE_CACHE is set: the parent kills this one before it would do so. Node 22.10+.
module.flushCompileCache?.();
