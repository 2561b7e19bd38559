import type { Message } from "./lake.ts";
import {
  completed,
  decided,
  detected,
  entered,
  personOf,
  seen,
  type Seen,
  type SessionFacts,
} from "./messages.ts";

const MAX_SECONDS = 30;
const addMs = (iso: string, ms: number): string => new Date(Date.parse(iso) + ms).toISOString();
const at = (dayAndTime: string): string => `2026-${dayAndTime.replace(" ", "T")}.000Z`;

interface Event {
  readonly id: string;
  /** `LABEL after-seconds confidence`, without a confidence if the engine reports none. */
  readonly seen: readonly string[];
  /** When its duplicates arrived; by default once, two seconds after the last frame. */
  readonly received?: readonly string[];
}

/** A completed session, by the engine and the ledger. */
function session(
  id: string,
  camera: string,
  from: string,
  seconds: number,
  events: readonly Event[] = [],
  {
    isInLedger = true,
    ends = 1,
    sampled,
  }: { isInLedger?: boolean; ends?: number; sampled?: SessionFacts["sampled"] } = {},
): Message[] {
  const facts = { id, camera, from: at(from), maxSeconds: MAX_SECONDS, ...(sampled && { sampled }) };
  const until = addMs(facts.from, seconds * 1000);
  const notifications = events.flatMap(({ id: eventId, seen, received }) => {
    const labels = seen.map((one): Seen => {
      const [label, after, confidence] = one.split(" ");
      return {
        label: label as Seen["label"],
        at: addMs(facts.from, Number(after) * 1000),
        ...(confidence !== undefined && { confidence: Number(confidence) }),
      };
    });
    const arrivals = received?.map(at) ?? [addMs(labels.at(-1)!.at, 2000)];
    return arrivals.map((receivedAt) => detected(eventId, facts, labels, receivedAt));
  });
  const end = Array.from({ length: ends }, (_, copy) =>
    completed(facts, seconds * 1000, addMs(until, 5000 + copy * 60_000)),
  );
  const interval = {
    camera,
    from: facts.from,
    until,
    session: id,
    maxSeconds: MAX_SECONDS,
    ...(sampled && { sampled, engine: "frames" as const }),
  };
  return [
    ...notifications,
    ...end,
    ...(isInLedger ? [entered("completed", interval, addMs(until, 6000))] : []),
  ];
}

/** An interval that only the ledger has. */
const missed = (
  outcome: "failed" | "lost" | "gap",
  camera: string,
  [from, until]: readonly [string, string],
  reason: string,
  id?: string,
): Message =>
  entered(
    outcome,
    {
      camera,
      from: at(from),
      until: at(until),
      reason,
      ...(id !== undefined && { session: id, maxSeconds: MAX_SECONDS }),
    },
    addMs(at(until), 1000),
  );

type Outcome = Parameters<typeof decided>[1];

const raised = (ruleId: string, severity: NonNullable<Outcome["severity"]>, alertId: string): Outcome => ({
  decision: "raised",
  reason: "first-detection",
  ruleId,
  severity,
  alertId,
  revision: 1,
});
const suppressed = (reason: Outcome["reason"], ruleId?: string): Outcome => ({
  decision: "suppressed",
  reason,
  ...(ruleId !== undefined && { ruleId }),
});

/**
 * A decision about `LABEL confidence` of a session, so many milliseconds after the frame.
 * @param received when it arrived; by default once, two seconds after the decision
 */
function decision(
  of: readonly [eventId: string, label: number],
  [camera, session]: readonly [string, string],
  seen: string,
  [detectedAt, afterMs]: readonly [string, number],
  outcome: Outcome,
  received?: readonly string[],
): Message[] {
  const [label, confidence] = seen.split(" ");
  const decidedAt = addMs(at(detectedAt), afterMs);
  const detection = {
    of,
    camera,
    session,
    label: label as Seen["label"],
    ...(confidence !== undefined && { confidence: Number(confidence) }),
    at: at(detectedAt),
    decidedAt,
  };
  return (received?.map(at) ?? [addMs(decidedAt, 2000)]).map((arrival) =>
    decided(detection, outcome, arrival),
  );
}

export const [ANN, BEN, CARL] = [personOf(1), personOf(2), personOf(3)];

/** A face: `person similarity`, `unknown`, or `unsearched`. */
function face(
  camera: string,
  seenAt: string,
  who: string,
  { received = [addMs(at(seenAt), 2000)], ...more }: { received?: string[]; faceNo?: number } = {},
): Message[] {
  const [personId, similarity] = who.split(" ");
  const outcome =
    who === "unknown"
      ? {}
      : who === "unsearched"
        ? { unsearchedReason: "LOW_FACE_QUALITY" }
        : {
            personId: personId!,
            similarity: Number(similarity),
            brightness: 70,
            sharpness: Number(similarity) - 10,
          };
  return received.map((arrival) => seen(camera, at(seenAt), { ...outcome, ...more }, arrival));
}

/**
 * A few days of five cameras, small enough to work out every query by hand. Monday the 2nd and Tuesday the 3rd of March
 * 2026 hold ten detections:
 *
 * - front: a person (a1) five minutes before the delivery (a2); the package stays (a3) until it is gone (a4)
 * - back: a pet in the night (b1, b2, b3), once with a person; b3's notification arrived an hour late
 * - shed: five sessions, of which one detects something
 * - gate: a package that is still there on the next day (g2)
 * - porch: silent since Sunday the 1st
 *
 * Rules: people (a cooldown of 300 seconds, which holds back a2's), deliveries, and pets above a confidence of 70.
 *
 * Faces: Ann comes home twice on Monday and once on Tuesday night, Ben around midnight between Tuesday and Wednesday and
 * a week earlier, and nobody recognises Carl; unknown ones are at the gate.
 *
 * On Thursday the 5th, yard moves from the stream processor (y1) to frames (y2), which detects all it wants after 4 seconds.
 */
export const smallHistory: readonly Message[] = [
  ...session("w1", "front", "02-24 08:00:00", 30, [{ id: "e9", seen: ["PERSON 1 80"] }]),
  ...session("p1", "porch", "03-01 10:00:00", 30),

  ...session(
    "a1",
    "front",
    "03-02 08:00:00",
    30,
    [
      {
        id: "e1",
        seen: ["PERSON 2 91"],
        received: ["03-02 08:00:04", "03-02 08:00:09", "03-02 19:00:00"],
      },
    ],
    { ends: 2 },
  ),
  ...session("a2", "front", "03-02 08:05:00", 30, [
    { id: "e2", seen: ["PERSON 1 95"] },
    { id: "e3", seen: ["PACKAGE 10 71.5"] },
  ]),
  ...session("a3", "front", "03-02 09:30:00", 30, [{ id: "e4", seen: ["PACKAGE 1 88"] }]),
  ...session("a4", "front", "03-02 10:00:00", 20),
  ...session("b1", "back", "03-02 21:30:00", 30, [{ id: "e5", seen: ["PET 3 60"] }], { isInLedger: false }),
  ...session("b2", "back", "03-02 22:30:00", 10, [
    { id: "e6", seen: ["PET 4", "PERSON 5 85"], received: ["03-02 22:30:07", "03-02 22:31:00"] },
  ]),

  ...session("b3", "back", "03-03 05:59:00", 30, [
    { id: "e7", seen: ["PET 6 100"], received: ["03-03 07:00:00"] },
  ]),
  ...session("s1", "shed", "03-03 12:00:00", 30),
  ...session("s2", "shed", "03-03 12:01:00", 30),
  ...session("s3", "shed", "03-03 12:02:00", 30, [{ id: "e8", seen: ["PET 8 75"] }]),
  ...session("s4", "shed", "03-03 12:03:00", 30),
  ...session("s5", "shed", "03-03 12:04:00", 30),
  missed("failed", "front", ["03-03 13:00:00", "03-03 13:00:00"], "Access denied to Role", "f1"),
  missed(
    "lost",
    "front",
    ["03-03 14:00:00", "03-03 14:00:30"],
    "the end of the session was never reported",
    "l1",
  ),
  missed("gap", "front", ["03-03 15:00:00", "03-03 15:01:40"], "throttled"),
  missed("gap", "back", ["03-03 16:00:00", "03-03 16:00:05"], "budget"),
  missed("gap", "back", ["03-03 16:10:00", "03-03 16:10:15"], "budget"),
  ...session("g1", "gate", "03-03 18:00:00", 30, [{ id: "e10", seen: ["PACKAGE 20 99.9"] }]),
  ...session("g2", "gate", "03-04 06:00:00", 30, [{ id: "e11", seen: ["PACKAGE 1 99"] }]),
  ...session("y1", "yard", "03-05 09:00:00", 30, [{ id: "e12", seen: ["PET 2"] }]),
  ...session("y2", "yard", "03-05 10:00:00", 4, [{ id: "e13", seen: ["PET 3 90", "PERSON 3 80"] }], {
    sampled: { samples: 3, longestGapMs: 2000 },
  }),
  missed("gap", "yard", ["03-05 10:00:04", "03-05 10:00:30"], "all-detected"),
  missed("gap", "yard", ["03-05 11:00:00", "03-05 11:00:10"], "budget"),

  ...decision(
    ["e1", 0],
    ["front", "a1"],
    "PERSON 91",
    ["03-02 08:00:02", 1500],
    raised("people", "warning", "front-1"),
    ["03-02 08:00:05", "03-02 09:00:00"],
  ),
  // The notification arrived again hours later.
  ...decision(["e1", 0], ["front", "a1"], "PERSON 91", ["03-02 08:00:02", 39_600_000], suppressed("late")),
  ...decision(
    ["e2", 0],
    ["front", "a2"],
    "PERSON 95",
    ["03-02 08:05:01", 1000],
    suppressed("cooldown", "people"),
  ),
  ...decision(
    ["e3", 0],
    ["front", "a2"],
    "PACKAGE 71.5",
    ["03-02 08:05:10", 2000],
    raised("deliveries", "critical", "front-2"),
  ),
  ...decision(
    ["e4", 0],
    ["front", "a3"],
    "PACKAGE 88",
    ["03-02 09:30:01", 3000],
    raised("deliveries", "critical", "front-3"),
  ),
  ...decision(
    ["e5", 0],
    ["back", "b1"],
    "PET 60",
    ["03-02 21:30:03", 1000],
    suppressed("confidence", "pets"),
  ),
  ...decision(["e6", 0], ["back", "b2"], "PET", ["03-02 22:30:04", 1000], raised("pets", "info", "back-1")),
  ...decision(["e6", 1], ["back", "b2"], "PERSON 85", ["03-02 22:30:05", 500], {
    decision: "merged",
    reason: "new-label",
    ruleId: "people",
    severity: "warning",
    alertId: "back-1",
    revision: 2,
  }),
  ...decision(["e7", 0], ["back", "b3"], "PET 100", ["03-03 05:59:06", 3_654_000], suppressed("late")),
  ...decision(["e8", 0], ["shed", "s3"], "PET 75", ["03-03 12:02:08", 1000], suppressed("label", "people")),
  ...decision(
    ["e10", 0],
    ["gate", "g1"],
    "PACKAGE 99.9",
    ["03-03 18:00:20", 1000],
    raised("deliveries", "critical", "gate-1"),
    ["03-03 18:00:23", "03-03 18:01:23"],
  ),

  ...face("front", "02-24 10:00:00", `${BEN} 98`),
  ...face("front", "03-02 07:59:30", `${ANN} 95`),
  ...face("front", "03-02 08:00:00", `${ANN} 96.5`, {
    received: [at("03-02 08:00:03"), at("03-02 08:01:03"), at("03-02 20:00:00")],
  }),
  ...face("gate", "03-02 12:00:00", "unknown"),
  ...face("gate", "03-02 12:00:00", "unknown", { faceNo: 1 }),
  ...face("gate", "03-02 12:00:50", "unknown"),
  ...face("gate", "03-02 12:30:00", "unknown"),
  ...face("front", "03-02 17:30:00", `${ANN} 99`),
  ...face("back", "03-02 17:40:00", `${ANN} 93`),
  ...face("gate", "03-03 18:00:05", "unknown"),
  ...face("gate", "03-03 18:00:30", "unsearched"),
  ...face("back", "03-03 23:30:00", `${ANN} 96`),
  ...face("front", "03-03 23:59:40", `${BEN} 90.5`),
  ...face("front", "03-04 00:00:20", `${BEN} 92`),
];
