// Imported before a program (`node --import`): writes what its process used, at its end, to file descriptor 3, as JSON.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { peakMb } from "./peak-memory.ts";

/** What a process used, all its threads together. */
export interface Usage {
  readonly peakMb: number;
  readonly processorSeconds: number;
}

const usage = (): Usage => {
  const { user, system } = process.cpuUsage();
  return { peakMb: peakMb(), processorSeconds: (user + system) / 1e6 };
};

if (isMainThread) process.on("exit", () => writeSync(3, JSON.stringify(usage())));
