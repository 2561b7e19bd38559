import * as v from "valibot";
import { motionStart, motionStop, type MotionStart, type MotionStop } from "../../schemas/motion.ts";
import { MAX_CLOCK_LEAD_MS, MAX_MOTION_AGE_MS } from "../sessions/reduce.ts";
import { explainIssue } from "../../schemas/reason.ts";
import { Problem } from "../problem.ts";

const EXAMPLE = '{"at":"2026-11-21T10:00:00.000Z"}';

/**
 * Parses the body of a motion start.
 * @throws Problem `not-json`, or `invalid-motion` naming the field
 */
export const parseMotionStart = (body: string, nowMs: number): MotionStart => parse(motionStart, body, nowMs);

/** Parses the body of a motion stop, with the same errors. */
export const parseMotionStop = (body: string, nowMs: number): MotionStop => parse(motionStop, body, nowMs);

function parse<T extends { at?: number | undefined }>(
  schema: v.GenericSchema<unknown, T> & { readonly entries: object },
  body: string,
  nowMs: number,
): T {
  let json: unknown = {};
  if (body.trim() !== "")
    try {
      json = JSON.parse(body);
    } catch {
      throw new Problem("not-json", "the body is not JSON; send a JSON object or no body at all");
    }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const problem = explainIssue(issue, { subject: "the body", fields: Object.keys(schema.entries) });
    const isForm = !issue.path || issue.expected === "never";
    throw new Problem("invalid-motion", isForm ? `${problem}; e.g. ${EXAMPLE}` : problem);
  }
  const { at } = parsed.output;
  if (at !== undefined && at > nowMs + MAX_CLOCK_LEAD_MS)
    throw new Problem(
      "invalid-motion",
      `at: ${new Date(at).toISOString()} is in the future; check the camera's clock`,
    );
  if (at !== undefined && at < nowMs - MAX_MOTION_AGE_MS)
    throw new Problem(
      "invalid-motion",
      `at: ${new Date(at).toISOString()} is more than a day ago; nothing is analysed`,
    );
  return parsed.output;
}
