/** What a snooze link may do: snooze the camera, or one of the rules that raised its alert, or wake it. Pure. */
import * as v from "valibot";
import { MINUTE_MS } from "../../base/durations.ts";
import type { Snooze, Snoozed } from "../../schemas/snooze.ts";
import { Problem } from "../problem.ts";
import type { SnoozeLink } from "./links.ts";

/** A week: nothing is snoozed forever because somebody forgot it. */
export const MAX_SNOOZE_MINUTES = 7 * 24 * 60;

/** Of a request without minutes, such as that of a message's button. */
const DEFAULT_MINUTES = 60;

const MINUTES_EXPECTED = `expected minutes=0 to ${MAX_SNOOZE_MINUTES}, whole minutes; 0 wakes it`;

const request = v.object({
  minutes: v.optional(
    v.pipe(
      v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number))], MINUTES_EXPECTED),
      v.integer(MINUTES_EXPECTED),
      v.minValue(0, MINUTES_EXPECTED),
      v.maxValue(MAX_SNOOZE_MINUTES, MINUTES_EXPECTED),
    ),
    DEFAULT_MINUTES,
  ),
  /** Absent for the camera. */
  rule: v.optional(v.string()),
});

export interface SnoozeRequest {
  readonly of: Snoozed;
  /** From 1 to {@link MAX_SNOOZE_MINUTES}; 0 to wake it. */
  readonly minutes: number;
}

/** Everything that a link may snooze, the camera first. */
export const snoozable = ({ cameraId, ruleIds }: SnoozeLink): [Snoozed, ...Snoozed[]] => [
  { kind: "camera", id: cameraId },
  ...ruleIds.map((id) => ({ kind: "rule" as const, id })),
];

/**
 * Reads the fields of a request.
 * @throws Problem `invalid-snooze` for other minutes, or a rule that is not the link's
 */
export function readSnooze(fields: unknown, link: SnoozeLink): SnoozeRequest {
  const read = v.safeParse(request, fields);
  if (!read.success) throw new Problem("invalid-snooze", read.issues[0].message);
  const { minutes, rule } = read.output;
  const [camera, ...rules] = snoozable(link);
  const of = rule ? rules.find(({ id }) => id === rule) : camera;
  if (!of)
    throw new Problem("invalid-snooze", "the link is not for that rule; leave rule out for the camera");
  return { of, minutes };
}

/** How long a snooze lasts from now on, in whole minutes; 0 if it is over or there is none. */
export const minutesLeft = (snooze: Snooze | undefined, nowMs: number): number =>
  snooze ? Math.max(0, Math.ceil((snooze.untilMs - nowMs) / MINUTE_MS)) : 0;
