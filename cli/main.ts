#!/usr/bin/env -S node --max-semi-space-size=1
// With a small nursery, frames that were sent are collected soon: it keeps the uploader's memory low.
import { run } from "./run.ts";

const INTERRUPTED = 130;

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => {
    // Whoever asks twice does not want to wait for a good end.
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort(new Error(`interrupted by ${name}`));
  });

const { stdin, stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, signal: stop.signal });
