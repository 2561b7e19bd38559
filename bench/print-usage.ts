// Imported before a program (`node --import`): writes its peak memory at its end, megabytes, to file descriptor 3.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { peakMb } from "./peak-memory.ts";

if (isMainThread) process.on("exit", () => writeSync(3, String(peakMb())));
