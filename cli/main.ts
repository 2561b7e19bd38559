#!/usr/bin/env -S node --max-semi-space-size=1
// A small young generation collects sent frames soon, which keeps the memory of uploads low.
import { run } from "./run.ts";

const INTERRUPTED = 130;

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => {
    // A second Ctrl+C ends the process without waiting for the command to clean up.
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort(new Error(`interrupted by ${name}`));
  });

const { stdin, stdout, stderr } = process;
// A reader that has read enough, such as head, ends the output, not the command.
for (const output of [stdout, stderr])
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, signal: stop.signal });
