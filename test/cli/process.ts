import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { run, type ProcessIO } from "../../cli/run.ts";
import { clockOfCommands } from "./cloud.ts";

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a `doorstep` command line in this process. */
export async function doorstep(
  args: readonly string[],
  io: Partial<Omit<ProcessIO, "stdout" | "stderr">> = {},
): Promise<CommandResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = Promise.all([text(stdout), text(stderr)]);
  const exitCode = await run(args, {
    signal: new AbortController().signal,
    clock: clockOfCommands(),
    ...io,
    stdout,
    stderr,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { exitCode, stdout: out, stderr: err };
}
