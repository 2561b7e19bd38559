import { errorMessage } from "../base/errors.ts";
import { explanationOf } from "../operator/aws-errors.ts";
import type { Problem } from "../schemas/console/values.ts";

/** A refusal with a status, in words that the page shows. */
export class ConsoleProblem extends Error {
  override readonly name = "ConsoleProblem";
  readonly status: number;
  readonly remedy: string;

  constructor(status: number, error: string, remedy: string) {
    super(error);
    this.status = status;
    this.remedy = remedy;
  }
}

/** Any error as a refusal: an AWS call's by its explanation, with status 502, since the cloud behind the console failed. */
export function problemOf(error: unknown): Problem & { readonly status: number } {
  if (error instanceof ConsoleProblem)
    return { status: error.status, error: error.message, remedy: error.remedy };
  const explanation = explanationOf(error);
  if (explanation)
    return {
      status: 502,
      error: explanation.problem,
      remedy: explanation.advice ?? "try again; npx doorstep doctor checks the stack",
    };
  return {
    status: 500,
    error: errorMessage(error),
    remedy: "try again; if it stays, restart the console and report it",
  };
}
