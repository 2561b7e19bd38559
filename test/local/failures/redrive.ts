import { doorstep } from "../../cli/process.ts";
import type { PathSummary } from "../../../operator/redrive/tally.ts";

interface Summary {
  readonly paths: readonly PathSummary[];
}

/** Runs `doorstep redrive` and returns its exit code and what it reports, whether it succeeded or not. */
export async function redrive(...args: string[]) {
  const { exitCode, stdout } = await doorstep(["redrive", "--json", ...args]);
  const answer = JSON.parse(stdout) as Summary & { error?: { message: string; summary: Summary } };
  return { exitCode, error: answer.error?.message, paths: (answer.error?.summary ?? answer).paths };
}
