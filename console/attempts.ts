import type { FunctionLogLine } from "../operator/function-logs.ts";
import type { TryLog } from "../schemas/console/tries.ts";
import { PROBLEMS } from "../schemas/problem.ts";

/** A motion request with its verdict. */
export type Attempt = TryLog["attempts"][number];

/** The lines that say what became of a motion request (functions/). */
export const VERDICTS = [
  "motion started",
  "motion stopped",
  "no motion",
  "request refused",
  "request failed",
];

/** How far a clock may be off before it is worth a word. */
const NOTABLE_SKEW_MS = 30_000;

/** What a log line of the motion API says of a request. */
export function attemptOf({ id, atMs, fields }: FunctionLogLine, verb: "start" | "stop"): Attempt {
  const field = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const cameraId = field("cameraId");
  const skew = field("clockSkewMs");
  const expected = Object.entries({
    check: field("check"),
    problem: field("problem"),
    signedText: field("signedText"),
    clock: skew === undefined ? undefined : clockText(Number(skew)),
    credential: field("credential"),
    state: field("state"),
    session: field("sessionId"),
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    id,
    atMs,
    ...(cameraId !== undefined && { cameraId }),
    path: `/cameras/${cameraId ?? "…"}/motion/${verb}`,
    ...verdictOf(fields, field, verb),
    ...(expected.length > 0 && { expected: Object.fromEntries(expected) }),
  };
}

function verdictOf(
  { message, error }: FunctionLogLine["fields"],
  field: (name: string) => string | undefined,
  verb: "start" | "stop",
): Pick<Attempt, "verdict" | "words" | "status"> {
  switch (message) {
    case "motion started":
      return { verdict: "accepted", words: startedWords(field) };
    case "motion stopped":
      return { verdict: "accepted", status: 200, words: "motion ended" };
    case "no motion":
      return { verdict: "ignored", status: 200, words: `no motion: ${field("reason") ?? "no reason given"}` };
    case "request refused": {
      const problem = field("problem") ?? "";
      const known = PROBLEMS[problem as keyof typeof PROBLEMS] as { status: number } | undefined;
      return {
        verdict: "refused",
        ...(known && { status: known.status }),
        words: field("reason") ?? problem,
      };
    }
    default: {
      const { name = "Error", message: text = "" } = (error ?? {}) as { name?: string; message?: string };
      return {
        verdict: "refused",
        status: 500,
        words: `motion/${verb} failed: ${name}: ${text}; the function's log has more`,
      };
    }
  }
}

function startedWords(field: (name: string) => string | undefined): string {
  const blocked = field("blocked");
  const retry = field("retry");
  if (blocked === "schedule")
    return "motion noted; the camera is disarmed by its schedule, so nothing is analysed";
  if (blocked === "budget") return "motion noted; the camera's budget of the day is used up";
  if (retry !== undefined) return `motion started; the session's start is repeated (${retry})`;
  const session = field("sessionId");
  return `motion started; session ${session ?? "without an id yet"} is ${field("state") ?? "requested"}`;
}

/** `412 s behind`; `right` within half a minute. */
function clockText(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const words = `${seconds} s ${skewMs > 0 ? "behind" : "ahead"}`;
  return Math.abs(skewMs) < NOTABLE_SKEW_MS ? (seconds === 0 ? "right" : `${words}, which is fine`) : words;
}
