import type { Diagnosis } from "./motion/refusal.ts";
import { LINK_PROBLEMS, PROBLEMS, type LinkProblemType, type ProblemType } from "../schemas/problem.ts";

const ALL = { ...PROBLEMS, ...LINK_PROBLEMS };

/** A refusal that is returned as problem details (RFC 9457). */
export class Problem extends Error {
  readonly type: ProblemType | LinkProblemType;
  /** When another attempt makes sense, whole seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** Why a credential was refused, for the log alone. */
  readonly diagnosis: Diagnosis | undefined;

  constructor(
    type: ProblemType | LinkProblemType,
    detail: string,
    retryAfterSeconds?: number,
    diagnosis?: Diagnosis,
  ) {
    super(detail);
    this.name = "Problem";
    this.type = type;
    this.retryAfterSeconds = retryAfterSeconds;
    this.diagnosis = diagnosis;
  }
}

/** The response is the same for every reason, so that it does not reveal how far a forged credential came. */
export const unauthorized = (diagnosis?: Diagnosis): Problem =>
  new Problem(
    "unauthorized",
    "prove the request with this camera's credential: a Standard Webhooks signature with a fresh timestamp and an id not used before, or its token",
    undefined,
    diagnosis,
  );

/** The JSON body of a problem: `type` is a relative reference that never changes its meaning. */
export function problemDetails({ type, message }: Problem) {
  const { status, title } = ALL[type];
  return { type: `/problems/${type}`, title, status, detail: message };
}
