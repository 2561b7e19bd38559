import { doorstep } from "../../cli/process.ts";
import type { PathReport } from "../../../operator/redrive/report.ts";

interface Report {
  readonly paths: readonly PathReport[];
}

/** Runs `doorstep redrive` and returns its exit code and what it reports, whether it succeeded or not. */
export async function redrive(...args: string[]) {
  const { exitCode, stdout } = await doorstep(["redrive", "--json", ...args]);
  const answer = JSON.parse(stdout) as Report & { error?: { message: string; report: Report } };
  return { exitCode, error: answer.error?.message, paths: (answer.error?.report ?? answer).paths };
}
