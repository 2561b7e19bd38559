import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { AnswerStream } from "../../cli/console.ts";
import { run } from "../../cli/run.ts";

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a `doorstep` command line in this process. */
export async function doorstep(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
  stdin?: AnswerStream,
): Promise<CommandResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  const exitCode = await run(args, {
    stdout,
    stderr,
    signal,
    ...(stdin && { stdin }),
  });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { exitCode, stdout: out, stderr: err };
}
