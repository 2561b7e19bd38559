import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { views } from "../../schemas/views/views.ts";
import { viewProblem } from "../../local/glue/view-form.ts";
import { columnsOf, trinoType, viewInput } from "../../schemas/views/view.ts";
import { LAKE_TABLE_NAMES } from "../../schemas/tables/lake-tables.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { QueryLake, type Message } from "./lake.ts";
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

const FRONT: SessionFacts = { id: "s1", camera: "front", from: "2026-03-02T10:00:00.000Z" };
const NEAR_MIDNIGHT: SessionFacts = { id: "s2", camera: "front", from: "2026-03-02T23:59:50.000Z" };
/** Its notification lacks the start, so its row is in the hour of arrival. */
const UNPLACED: SessionFacts = { id: "s3", camera: "back", from: undefined };

/** Two sessions of one chain in two hours, whose ledger entries arrive after the engine's notifications, and one without an entry. */
const CHAINED: readonly SessionFacts[] = [
  { id: "c1", camera: "side", from: "2026-03-02T12:59:40.000Z" },
  { id: "c2", camera: "side", from: "2026-03-02T13:00:10.000Z" },
  { id: "c3", camera: "side", from: "2026-03-02T13:00:40.000Z" },
];

/** Its video begins an hour's end later than requested and has a hole; the session before it analysed nothing. */
const LATE: SessionFacts = { id: "h2", camera: "yard", from: "2026-03-02T14:59:20.000Z" };
const EMPTY: SessionFacts = { id: "h1", camera: "yard", from: "2026-03-02T14:58:20.000Z" };
const ofLate = { camera: "yard", session: "h2", maxSeconds: 30, start: LATE.from!, processedMs: 14_000 };

/** Sampled, and over with its detections; and sessions of which only the ledger or the engine has reported. */
const SAMPLED: SessionFacts = {
  id: "f1",
  camera: "porch",
  from: "2026-03-02T18:00:00.000Z",
  sampled: { samples: 4, longestGapMs: 4000 },
};
const JUST_ENDED: SessionFacts = { ...SAMPLED, id: "f2", from: "2026-03-02T18:10:00.000Z" };
const OF_EARLIER_VERSION: SessionFacts = { id: "f0", camera: "porch", from: "2026-03-02T18:20:00.000Z" };

const personAndPackage = (receivedAt: string) =>
  detected(
    "e1",
    FRONT,
    [
      { label: "PERSON", at: "2026-03-02T10:00:02.500Z", confidence: 91.5 },
      { label: "PACKAGE", at: "2026-03-02T10:00:02.500Z" },
    ],
    receivedAt,
  );
const gap = (receivedAt: string) =>
  entered(
    "gap",
    {
      camera: "front",
      from: "2026-03-02T10:00:30.066Z",
      until: "2026-03-02T10:00:35.066Z",
      reason: "throttled",
    },
    receivedAt,
  );

const LABELS = ["PERSON", "PACKAGE", "PET"] as const;
const GATE: SessionFacts = { id: "g1", camera: "gate", from: "2026-03-01T08:00:00.000Z" };
/** Notifications m1 with one label to m10 with ten, each of another millisecond. */
const many = (receivedAt: string) =>
  Array.from({ length: 10 }, (_, index) =>
    detected(`m${index + 1}`, GATE, manyLabels(index + 1), receivedAt),
  );
const manyLabels = (count: number): Seen[] =>
  Array.from({ length: count }, (_, index) => ({
    label: LABELS[index % 3]!,
    at: `2026-03-01T08:10:${String(count).padStart(2, "0")}.07${index}Z`,
    confidence: 50 + index,
  }));

type Outcome = Parameters<typeof decided>[1];
/** A decision about a person on the stoop; the id of the notification says which. */
const onStoop = (
  eventId: string,
  at: string,
  decidedAt: string,
  outcome: Outcome,
  receivedAt = decidedAt,
  label: Seen["label"] = "PERSON",
) =>
  decided(
    { of: [eventId, 0], camera: "stoop", session: `session-of-${eventId}`, label, at, decidedAt },
    outcome,
    receivedAt,
  );
const raisedBy = (ruleId: string, alertId: string): Outcome => ({
  decision: "raised",
  reason: "first-detection",
  ruleId,
  severity: "info",
  alertId,
  revision: 1,
});
const mergedInto = (alertId: string, change: Partial<Outcome> = {}): Outcome => ({
  decision: "merged",
  reason: "known",
  ruleId: "people",
  severity: "info",
  alertId,
  revision: 1,
  ...change,
});
const SUPPRESSED_AS_LATE: Outcome = { decision: "suppressed", reason: "late" };
/** One raised twice over and decided again as late, and one without an alert. */
const DECIDED = [
  onStoop("n1", "2026-03-02T10:20:00.000Z", "2026-03-02T10:40:00.000Z", SUPPRESSED_AS_LATE),
  onStoop("n1", "2026-03-02T10:20:00.000Z", "2026-03-02T10:20:01.500Z", raisedBy("people", "stoop-1"), "2026-03-02T10:50:00.000Z"),
  onStoop("n1", "2026-03-02T10:20:00.000Z", "2026-03-02T10:20:01.500Z", raisedBy("people", "stoop-1"), "2026-03-02T10:20:03.000Z"),
  onStoop("n2", "2026-03-02T10:30:00.000Z", "2026-03-02T10:30:01.000Z", { decision: "suppressed", reason: "cooldown", ruleId: "people" }),
]; // prettier-ignore
/** An alert across midnight, whose second detection is urgent; the next one's earliest detection is decided last, from the day before. */
const ACROSS_MIDNIGHT = [
  onStoop("n3", "2026-03-04T23:59:50.000Z", "2026-03-04T23:59:52.000Z", raisedBy("people", "stoop-2")),
  onStoop("n4", "2026-03-05T00:00:10.000Z", "2026-03-05T00:00:11.000Z",
    mergedInto("stoop-2", { reason: "new-label", ruleId: "parcels", severity: "critical", revision: 2 }), undefined, "PACKAGE"),
  onStoop("n5", "2026-03-05T02:00:00.000Z", "2026-03-05T02:00:01.000Z", mergedInto("stoop-2", { severity: "critical", revision: 2 })),
  onStoop("n5", "2026-03-05T02:00:00.000Z", "2026-03-05T02:00:01.000Z", mergedInto("stoop-2", { severity: "critical", revision: 2 }), "2026-03-05T02:01:00.000Z"),
  onStoop("n6", "2026-03-06T00:00:02.000Z", "2026-03-06T00:00:03.000Z", raisedBy("people", "stoop-3")),
  onStoop("n7", "2026-03-05T23:59:58.000Z", "2026-03-06T00:00:04.000Z", mergedInto("stoop-3")),
]; // prettier-ignore

const ANN = { personId: personOf(1), similarity: 95 };
const BEN = { personId: personOf(2), similarity: 97.5 };
const UNSEARCHED = { unsearchedReason: "LOW_FACE_QUALITY" };
/** When something arrived that was seen at this time. */
const soonAfter = (at: string): string => new Date(Date.parse(at) + 2000).toISOString();
const onDoor = (at: string, face: Parameters<typeof seen>[2], receivedAt = soonAfter(at)) =>
  seen("door", at, face, receivedAt);
/**
 * Ann comes twice, since the last face of the first visit and the first of the second are 60.001 s apart; Ben comes with
 * her. One face arrives again hours later, as another person's; one arrives late, and joins two others.
 */
const AT_THE_DOOR = [
  onDoor("2026-03-02T10:00:00.000Z", ANN),
  onDoor("2026-03-02T10:00:00.000Z", { ...BEN, personId: ANN.personId }, "2026-03-02T16:00:00.000Z"),
  onDoor("2026-03-02T10:00:00.000Z", { ...BEN, faceNo: 1 }),
  onDoor("2026-03-02T10:02:00.000Z", { ...ANN, similarity: 99.25 }),
  onDoor("2026-03-02T10:01:00.000Z", { ...ANN, similarity: 91 }, "2026-03-02T18:00:00.000Z"),
  onDoor("2026-03-02T10:01:00.000Z", { ...ANN, similarity: 92, engine: "face-search" }),
  onDoor("2026-03-02T10:03:00.001Z", ANN),
];
/** Unknown faces, two of them in one image, and one that nobody searched; the gap after it is too long without it. */
const UNKNOWN_AT_THE_DOOR = [
  onDoor("2026-03-02T10:20:00.000Z", {}),
  onDoor("2026-03-02T10:20:00.000Z", { faceNo: 1 }),
  onDoor("2026-03-02T10:20:30.000Z", {}),
  onDoor("2026-03-02T10:20:30.000Z", {}, "2026-03-03T10:00:00.000Z"),
  onDoor("2026-03-02T10:21:00.000Z", UNSEARCHED),
  onDoor("2026-03-02T10:21:31.000Z", {}),
  onDoor("2026-03-02T10:22:00.000Z", ANN),
];
/** Ann and somebody unknown stay until after midnight, and Ann goes on through the day. */
const VISIT_ACROSS_MIDNIGHT = [
  onDoor("2026-03-04T23:59:10.000Z", ANN),
  onDoor("2026-03-04T23:59:50.000Z", {}),
  onDoor("2026-03-04T23:59:59.999Z", { ...ANN, faceNo: 1 }),
  onDoor("2026-03-05T00:00:50.000Z", {}),
  onDoor("2026-03-05T00:00:59.999Z", { ...ANN, similarity: 98 }),
  onDoor("2026-03-05T12:00:00.000Z", ANN),
  onDoor("2026-03-06T00:00:10.000Z", ANN),
];

let lake: QueryLake;
beforeAll(async () => {
  lake = await QueryLake.start();
  await lake.deliver([
    personAndPackage("2026-03-02T10:00:05.000Z"),
    completed(FRONT, 30_066, "2026-03-02T10:00:40.000Z"),
    detected(
      "e2",
      NEAR_MIDNIGHT,
      [{ label: "PET", at: "2026-03-03T00:00:01.000Z" }],
      "2026-03-03T00:00:04.000Z",
    ),
    entered(
      "lost",
      {
        camera: "front",
        from: "2026-03-02T23:59:50.000Z",
        until: "2026-03-03T00:00:20.000Z",
        session: "s2",
        reason: "the end of the session was never reported",
        maxSeconds: 30,
      },
      "2026-03-03T00:05:00.000Z",
    ),
    gap("2026-03-02T10:01:00.000Z"),
    completed(UNPLACED, 10_000, "2026-03-02T11:00:01.000Z"),
    detected(
      "e3",
      UNPLACED,
      [{ label: "PERSON", at: "2026-03-02T10:59:52.000Z" }],
      "2026-03-02T10:59:55.000Z",
    ),
  ]);
  await lake.deliver([
    completed(CHAINED[0]!, 30_000, "2026-03-02T13:00:12.000Z"),
    completed(CHAINED[1]!, 30_000, "2026-03-02T13:00:42.000Z"),
    completed(CHAINED[2]!, 30_000, "2026-03-02T13:01:12.000Z"),
    entered(
      "completed",
      { camera: "side", from: CHAINED[0]!.from!, until: CHAINED[1]!.from!, session: "c1", maxSeconds: 30 },
      "2026-03-02T13:00:13.000Z",
    ),
    entered(
      "completed",
      {
        camera: "side",
        from: CHAINED[1]!.from!,
        until: CHAINED[2]!.from!,
        session: "c2",
        maxSeconds: 30,
        chain: CHAINED[0]!.from!,
      },
      "2026-03-02T13:00:43.000Z",
    ),
  ]);
  await lake.deliver([
    completed(EMPTY, 0, "2026-03-02T14:58:50.000Z"),
    entered(
      "completed",
      { camera: "yard", from: EMPTY.from!, until: EMPTY.from!, session: "h1", maxSeconds: 30 },
      "2026-03-02T14:58:51.000Z",
    ),
    entered(
      "gap",
      { camera: "yard", from: EMPTY.from!, until: "2026-03-02T15:00:24.000Z", reason: "no-video" },
      "2026-03-02T15:01:00.000Z",
    ),
    completed(LATE, 14_000, "2026-03-02T15:00:45.000Z"),
    entered(
      "completed",
      { ...ofLate, from: "2026-03-02T15:00:24.000Z", until: "2026-03-02T15:00:28.000Z" },
      "2026-03-02T15:00:46.000Z",
    ),
    entered(
      "completed",
      { ...ofLate, from: "2026-03-02T15:00:31.000Z", until: "2026-03-02T15:00:41.000Z" },
      "2026-03-02T15:00:46.000Z",
    ),
    detected("e4", EMPTY, [{ label: "PET", at: "2026-03-02T15:00:25.000Z" }], "2026-03-02T15:00:30.000Z"),
    detected("e5", LATE, [{ label: "PET", at: "2026-03-02T15:00:25.000Z" }], "2026-03-02T15:00:29.000Z"),
  ]);
  await lake.deliver([
    detected(
      "e6",
      SAMPLED,
      [{ label: "PERSON", at: "2026-03-02T18:00:01.000Z" }],
      "2026-03-02T18:00:02.000Z",
    ),
    completed(SAMPLED, 8000, "2026-03-02T18:00:31.000Z"),
    entered(
      "completed",
      {
        camera: "porch",
        from: SAMPLED.from!,
        until: "2026-03-02T18:00:08.000Z",
        session: "f1",
        engine: "frames",
        sampled: SAMPLED.sampled!,
      },
      "2026-03-02T18:00:32.000Z",
    ),
    entered(
      "gap",
      {
        camera: "porch",
        from: "2026-03-02T18:00:08.000Z",
        until: "2026-03-02T18:00:30.000Z",
        reason: "all-detected",
      },
      "2026-03-02T18:00:32.000Z",
    ),
    completed(JUST_ENDED, 8000, "2026-03-02T18:10:31.000Z"),
  ]);
  const ofEarlierVersion = [
    completed(OF_EARLIER_VERSION, 30_000, "2026-03-02T18:20:31.000Z"),
    entered(
      "completed",
      { camera: "porch", from: OF_EARLIER_VERSION.from!, until: "2026-03-02T18:20:30.000Z", session: "f0" },
      "2026-03-02T18:20:32.000Z",
    ),
  ];
  await lake.deliver(ofEarlierVersion, "row-per-label");
  // The same facts again, hours after the first copies.
  await lake.deliver([
    personAndPackage("2026-03-02T17:30:00.000Z"),
    completed(FRONT, 30_066, "2026-03-02T17:30:00.000Z"),
    completed(UNPLACED, 10_000, "2026-03-02T17:30:00.000Z"),
    entered(
      "completed",
      {
        camera: "front",
        from: FRONT.from!,
        until: "2026-03-02T10:00:30.066Z",
        session: "s1",
        maxSeconds: 30,
      },
      "2026-03-02T10:00:41.000Z",
    ),
    entered(
      "completed",
      { camera: "back", from: "2026-03-02T10:59:50.000Z", until: "2026-03-02T11:00:00.000Z", session: "s3" },
      "2026-03-02T11:00:02.000Z",
    ),
    gap("2026-03-03T09:00:00.000Z"),
  ]);
  await lake.deliver([...DECIDED, ...ACROSS_MIDNIGHT]);
  await lake.deliver([...AT_THE_DOOR, ...UNKNOWN_AT_THE_DOOR, ...VISIT_ACROSS_MIDNIGHT]);
  // An earlier version wrote a row per label, and of m5 the first label alone.
  const [, , , whole, cut] = many("2026-03-01T08:10:30.000Z");
  const lossy = { ...cut!, body: { ...(cut!.body as object), labels: firstLabel(cut!) } };
  await lake.deliver([whole!, lossy], "row-per-label");
  await lake.deliver(many("2026-03-01T08:11:00.000Z"));
  await lake.deliver(many("2026-03-01T09:30:00.000Z"));
});
const firstLabel = ({ body }: Message) => (body as { labels: unknown[] }).labels.slice(0, 1);
afterAll(() => lake.stop());

describe("the view detections", () => {
  test("has a fact that was delivered twice once, from the first copy", async () => {
    const { columns, rows } = await lake.run(
      `SELECT label_id, label, confidence, time_to_detection_ms, received_at, dt, hour
       FROM detections WHERE camera_id = 'front' ORDER BY label_id`,
    );
    expect(columns.slice(-2)).toEqual(["dt", "hour"]);
    expect(rows).toEqual([
      ["e1-0", "PERSON", "91.5", "2500", "2026-03-02 10:00:05.000", "2026-03-02", "10"],
      ["e1-1", "PACKAGE", null, "2500", "2026-03-02 10:00:05.000", "2026-03-02", "10"],
      ["e2-0", "PET", null, "11000", "2026-03-03 00:00:04.000", "2026-03-03", "00"],
    ]);
  });

  test("has every label of 1 to 10 once, redelivered, from old files and from new ones", async () => {
    const { rows } = await lake.run(
      `SELECT event_id, label_id, label, confidence, detected_at, fragment_server_at, time_to_detection_ms,
         fragment_number, cropped_image_uri, session_id, received_at
       FROM detections WHERE camera_id = 'gate' ORDER BY received_at_ms, CAST(substr(event_id, 2) AS integer), confidence`,
    );
    const expected = (count: number, from: number, until: number, receivedAt: string) =>
      manyLabels(count)
        .slice(from, until)
        .map(({ label, at, confidence }, index) => [
          `m${count}`,
          `m${count}-${from + index}`,
          label,
          `${confidence}.0`,
          at.slice(0, -1).replace("T", " "),
          at.slice(0, -1).replace("T", " ").replace(".0", ".5"),
          String(Date.parse(at) - Date.parse(GATE.from!)),
          String(Date.parse(at)),
          `s3://evidence/gate/g1/m${count}-${from + index}.jpg`,
          "g1",
          receivedAt,
        ]);
    expect(rows).toEqual([
      ...expected(4, 0, 4, "2026-03-01 08:10:30.000"),
      ...expected(5, 0, 1, "2026-03-01 08:10:30.000"),
      ...[1, 2, 3, 5, 6, 7, 8, 9, 10].flatMap((count) =>
        expected(count, count === 5 ? 1 : 0, count, "2026-03-01 08:11:00.000"),
      ),
    ]);
  });

  test("has no time to detection when the session's start is unknown", async () => {
    const { rows } = await lake.run("SELECT time_to_detection_ms FROM detections WHERE session_id = 's3'");
    expect(rows).toEqual([[null]]);
  });

  test("has a label in a frame that two sessions analysed once, of the session that published it first", async () => {
    const { rows } = await lake.run("SELECT session_id, label_id FROM detections WHERE camera_id = 'yard'");
    expect(rows).toEqual([["h2", "e5-0"]]);
  });
});

describe("the view sessions", () => {
  test("has each session once, from the engine rather than the ledger", async () => {
    const { rows } = await lake.run(
      `SELECT session_id, outcome, session_started_at, session_ended_at, processed_ms, result_message, dt, hour
       FROM sessions WHERE camera_id NOT IN ('porch', 'side', 'yard') ORDER BY session_id`,
    );
    expect(rows).toEqual([
      ["s1", "completed", "2026-03-02 10:00:00.000", "2026-03-02 10:00:30.066", "30066", "Stream processing completed.", "2026-03-02", "10"],
      ["s2", "lost", "2026-03-02 23:59:50.000", "2026-03-03 00:00:20.000", null, null, "2026-03-02", "23"],
      ["s3", "completed", "2026-03-02 10:59:50.000", "2026-03-02 11:00:00.000", "10000", null, "2026-03-02", "10"],
    ]);
  }); // prettier-ignore

  test("has the chain of a session from the ledger, whichever copy arrived first", async () => {
    const { rows } = await lake.run(
      `SELECT session_id, result_message, chain_started_at, chain_started_at_ms
       FROM sessions WHERE session_id IN ('c1', 'c2', 'c3', 's2', 's3') ORDER BY session_id`,
    );
    expect(rows).toEqual([
      ["c1", "Stream processing completed.", "2026-03-02 12:59:40.000", "1772456380000"],
      ["c2", "Stream processing completed.", "2026-03-02 12:59:40.000", "1772456380000"],
      ["c3", "Stream processing completed.", null, null],
      ["s2", null, "2026-03-02 23:59:50.000", "1772495990000"],
      ["s3", null, "2026-03-02 10:59:50.000", "1772449190000"],
    ]);
  });
});

describe("a session whose video begins later than requested, and has a hole", () => {
  test("begins and ends in the view sessions where its video does, in the hour of its requested start", async () => {
    const { rows } = await lake.run(
      `SELECT session_id, session_started_at, from_at, session_ended_at, processed_ms, hour
       FROM sessions WHERE camera_id = 'yard' ORDER BY session_id`,
    );
    expect(rows).toEqual([
      ["h1", "2026-03-02 14:58:20.000", null, "2026-03-02 14:58:20.000", "0", "14"],
      ["h2", "2026-03-02 14:59:20.000", "2026-03-02 15:00:24.000", "2026-03-02 15:00:41.000", "14000", "14"],
    ]);
  });

  test("has in the view coverage an interval for each part of its video, and none for a session without video", async () => {
    const { rows } = await lake.run(
      "SELECT outcome, reason, session_id, from_at, duration_ms FROM coverage WHERE camera_id = 'yard' ORDER BY from_at_ms",
    );
    expect(rows).toEqual([
      ["gap", "no-video", null, "2026-03-02 14:58:20.000", "124000"],
      ["completed", null, "h2", "2026-03-02 15:00:24.000", "4000"],
      ["completed", null, "h2", "2026-03-02 15:00:31.000", "10000"],
    ]);
  });
});

describe("the engine of a session", () => {
  const run = async (sql: string) => (await lake.run(sql)).rows;

  test("is in every view, with what it sampled, and is the stream processor where a row does not name it", async () => {
    expect(
      await run(
        `SELECT session_id, engine, samples, longest_gap_ms, processed_ms FROM sessions
         WHERE camera_id IN ('porch', 'front') ORDER BY session_started_at_ms`,
      ),
    ).toEqual([
      ["s1", "stream-processor", null, null, "30066"],
      ["f1", "frames", "4", "4000", "8000"],
      ["f2", "frames", "4", "4000", "8000"],
      ["f0", "stream-processor", null, null, "30000"],
      ["s2", "stream-processor", null, null, null],
    ]);
    expect(
      await run(
        `SELECT outcome, reason, engine, samples, longest_gap_ms FROM coverage
         WHERE camera_id = 'porch' ORDER BY from_at_ms`,
      ),
    ).toEqual([
      ["completed", null, "frames", "4", "4000"],
      ["gap", "all-detected", null, null, null],
      ["completed", null, "stream-processor", null, null],
    ]);
    expect(
      await run(
        `SELECT label_id, engine FROM detections
         WHERE camera_id IN ('gate', 'porch') AND event_id IN ('m4', 'e6') ORDER BY 1`,
      ),
    ).toEqual([["e6-0", "frames"], ...[0, 1, 2, 3].map((label) => [`m4-${label}`, "stream-processor"])]);
  });
});

describe("the view coverage", () => {
  test("has each interval of the ledger once, with gaps and their reasons", async () => {
    const { rows } = await lake.run(
      "SELECT camera_id, outcome, reason, session_id, from_at, until_at, duration_ms FROM coverage WHERE camera_id NOT IN ('porch', 'side', 'yard') ORDER BY from_at_ms",
    );
    expect(rows).toEqual([
      ["front", "completed", null, "s1", "2026-03-02 10:00:00.000", "2026-03-02 10:00:30.066", "30066"],
      ["front", "gap", "throttled", null, "2026-03-02 10:00:30.066", "2026-03-02 10:00:35.066", "5000"],
      ["back", "completed", null, "s3", "2026-03-02 10:59:50.000", "2026-03-02 11:00:00.000", "10000"],
      ["front", "lost", "the end of the session was never reported", "s2", "2026-03-02 23:59:50.000", "2026-03-03 00:00:20.000", "30000"],
    ]);
  }); // prettier-ignore
});

describe("the view alert_decisions", () => {
  test("has each detection once, by its first decision, from that one's first copy", async () => {
    const { rows } = await lake.run(
      `SELECT event_id, decision, reason, rule_id, alert_id, revision, time_to_decision_ms, received_at
       FROM alert_decisions WHERE dt = '2026-03-02' ORDER BY event_id`,
    );
    expect(rows).toEqual([
      ["n1", "raised", "first-detection", "people", "stoop-1", "1", "1500", "2026-03-02 10:20:03.000"],
      ["n2", "suppressed", "cooldown", "people", null, null, "1000", "2026-03-02 10:30:01.000"],
    ]);
  });
});

describe("the view alerts", () => {
  const run = async (where: string) =>
    (
      await lake.run(
        `SELECT alert_id, camera_id, severity, labels, rules, first_detected_at, last_detected_at, raised_at,
           time_to_alert_ms, revisions, merged_detections, dt, hour
         FROM alerts WHERE ${where} ORDER BY alert_id`,
      )
    ).rows;
  const FIRST = ["stoop-1", "stoop", "info", "[PERSON]", "[people]", "2026-03-02 10:20:00.000",
    "2026-03-02 10:20:00.000", "2026-03-02 10:20:01.500", "1500", "1", "0", "2026-03-02", "10"]; // prettier-ignore
  const SECOND = ["stoop-2", "stoop", "critical", "[PACKAGE, PERSON]", "[parcels, people]", "2026-03-04 23:59:50.000",
    "2026-03-05 02:00:00.000", "2026-03-04 23:59:52.000", "2000", "2", "2", "2026-03-04", "23"]; // prettier-ignore
  const THIRD = ["stoop-3", "stoop", "info", "[PERSON]", "[people]", "2026-03-05 23:59:58.000",
    "2026-03-06 00:00:02.000", "2026-03-06 00:00:03.000", "1000", "1", "1", "2026-03-06", "00"]; // prettier-ignore

  test("has each alert once, with what was merged into it on the days next to its own", async () => {
    expect(await run("dt BETWEEN '2026-03-01' AND '2026-03-07'")).toEqual([FIRST, SECOND, THIRD]);
  });

  test("has it on the day of the detection that raised it alone, whole", async () => {
    expect(await run("dt = '2026-03-04'")).toEqual([SECOND]);
    expect(await run("dt = '2026-03-05'")).toEqual([]);
    expect(await run("dt = '2026-03-06'")).toEqual([THIRD]);
    expect(await run("dt = '2026-03-04' AND hour = '22'")).toEqual([]);
  });
});

describe("the view faces", () => {
  test("has a face that was delivered twice once, from the copy that arrived first", async () => {
    const { rows } = await lake.run(
      `SELECT face_no, engine, person_id, similarity, received_at FROM faces
       WHERE dt = '2026-03-02' AND hour = '10' AND seen_at < TIMESTAMP '2026-03-02 10:02:00'
       ORDER BY seen_at_ms, face_no, engine`,
    );
    expect(rows).toEqual([
      ["0", "frames", ANN.personId, "95.0", "2026-03-02 10:00:02.000"],
      ["1", "frames", BEN.personId, "97.5", "2026-03-02 10:00:02.000"],
      ["0", "face-search", ANN.personId, "92.0", "2026-03-02 10:01:02.000"],
      ["0", "frames", ANN.personId, "91.0", "2026-03-02 18:00:00.000"],
    ]);
  });
});

describe("the view visits", () => {
  const visitsWhere = async (where: string) =>
    (
      await lake.run(
        `SELECT person_id, first_seen_at, last_seen_at, duration_ms, faces, best_similarity, engines, dt, hour
         FROM visits WHERE camera_id = 'door' AND ${where} ORDER BY first_seen_at, person_id`,
      )
    ).rows;

  test("joins a person's faces that are at most a minute apart, late ones too", async () => {
    expect(await visitsWhere("dt = '2026-03-02'")).toEqual([
      [ANN.personId, "2026-03-02 10:00:00.000", "2026-03-02 10:02:00.000", "120000", "4", "99.25", "[face-search, frames]", "2026-03-02", "10"],
      [BEN.personId, "2026-03-02 10:00:00.000", "2026-03-02 10:00:00.000", "0", "1", "97.5", "[frames]", "2026-03-02", "10"],
      [ANN.personId, "2026-03-02 10:03:00.001", "2026-03-02 10:03:00.001", "0", "1", "95.0", "[frames]", "2026-03-02", "10"],
      [ANN.personId, "2026-03-02 10:22:00.000", "2026-03-02 10:22:00.000", "0", "1", "95.0", "[frames]", "2026-03-02", "10"],
    ]);
  }); // prettier-ignore

  test("has a visit across midnight whole, on the day of its first face alone", async () => {
    const across = [ANN.personId, "2026-03-04 23:59:10.000", "2026-03-05 00:00:59.999", "109999", "3", "98.0", "[frames]", "2026-03-04", "23"]; // prettier-ignore
    const noon = [ANN.personId, "2026-03-05 12:00:00.000", "2026-03-05 12:00:00.000", "0", "1", "95.0", "[frames]", "2026-03-05", "12"]; // prettier-ignore
    const after = [ANN.personId, "2026-03-06 00:00:10.000", "2026-03-06 00:00:10.000", "0", "1", "95.0", "[frames]", "2026-03-06", "00"]; // prettier-ignore
    expect(await visitsWhere("dt = '2026-03-04'")).toEqual([across]);
    expect(await visitsWhere("dt = '2026-03-05'")).toEqual([noon]);
    expect(await visitsWhere("dt BETWEEN '2026-03-03' AND '2026-03-08'")).toEqual([across, noon, after]);
  });
});

describe("the view unknown_visitors", () => {
  test("joins a camera's unknown faces, without those that were not searched", async () => {
    const { rows } = await lake.run(
      `SELECT camera_id, first_seen_at, last_seen_at, duration_ms, faces, engines, dt, hour
       FROM unknown_visitors WHERE dt BETWEEN '2026-03-02' AND '2026-03-05' ORDER BY first_seen_at`,
    );
    expect(rows).toEqual([
      ["door", "2026-03-02 10:20:00.000", "2026-03-02 10:20:30.000", "30000", "3", "[frames]", "2026-03-02", "10"],
      ["door", "2026-03-02 10:21:31.000", "2026-03-02 10:21:31.000", "0", "1", "[frames]", "2026-03-02", "10"],
      ["door", "2026-03-04 23:59:50.000", "2026-03-05 00:00:50.000", "60000", "2", "[frames]", "2026-03-04", "23"],
    ]);
  }); // prettier-ignore
});

describe("filters on dt and hour reach the files through the views", () => {
  // Queries that open the files of another hour fail.
  beforeAll(async () => {
    for (const table of LAKE_TABLE_NAMES)
      for (const hour of ["09", "11"])
        await lake.put(`${table}/dt=2026-03-02/hour=${hour}/broken.parquet`, Buffer.from("no Parquet"));
  });

  test.each([
    ["detections", "dt = '2026-03-02' AND hour = '10'", "3"],
    ["detections", "dt > '2026-03-02'", "1"],
    ["sessions", "dt = '2026-03-02' AND hour IN ('10', '23')", "3"],
    ["sessions", "hour = '13' AND chain_started_at < TIMESTAMP '2026-03-02 13:00:00'", "1"],
    ["sessions", "dt BETWEEN '2026-03-03' AND '2026-03-09'", "0"],
    ["coverage", "dt = '2026-03-02' AND hour >= '12' AND camera_id = 'front'", "1"],
    ["alert_decisions", "dt = '2026-03-02' AND hour = '10'", "2"],
    ["alert_decisions", "dt BETWEEN '2026-03-05' AND '2026-03-06'", "4"],
    ["alerts", "dt = '2026-03-04'", "1"],
    ["alerts", "dt > '2026-03-03' AND camera_id = 'stoop'", "2"],
    ["faces", "dt = '2026-03-02' AND hour = '10' AND person_id IS NULL", "5"],
    ["faces", "dt > '2026-03-02'", "7"],
    // The day before is read from its last hour on.
    ["visits", "dt = '2026-03-03'", "0"],
    ["visits", "dt > '2026-03-02' AND hour = '12'", "1"],
    ["unknown_visitors", "dt = '2026-03-03'", "0"],
    ["unknown_visitors", "dt BETWEEN '2026-03-04' AND '2026-03-05'", "1"],
  ])("%s where %s", async (view, filter, count) => {
    const { rows } = await lake.run(`SELECT count(*) FROM ${view} WHERE ${filter}`);
    expect(rows).toEqual([[count]]);
  });

  test.each(views.map(({ name }) => name))("%s without a filter reads them all", async (view) => {
    await expect(lake.run(`SELECT count(*) FROM ${view}`)).rejects.toThrow(
      /^HIVE_BAD_DATA: .*_records\/dt=2026-03-02\/hour=(09|11)\/broken\.parquet/,
    );
  });
});

describe.each(views)("the view $name as a Glue table", (view) => {
  test("has the columns it declares, each with a comment of at most 255 characters, dt and hour last", async () => {
    const { columns } = await lake.run(`SELECT * FROM ${view.name} WHERE dt = '2026-03-06' LIMIT 1`);
    expect(columns).toEqual(view.columns.map(({ name }) => name));
    expect(columns.slice(-2)).toEqual(["dt", "hour"]);
    expect(view.columns.filter(({ comment }) => comment.length === 0 || comment.length > 255)).toEqual([]);
  });

  test("has the form that Athena writes", () => {
    const { ViewOriginalText, StorageDescriptor, ...input } = viewInput(view, "lake_db");
    expect(input).toEqual({
      Name: view.name,
      Owner: "hadoop",
      TableType: "VIRTUAL_VIEW",
      Parameters: { presto_view: "true", comment: "Presto View" },
      PartitionKeys: [],
      ViewExpandedText: "/* Presto View */",
    });
    expect(viewProblem({ ...input, ViewOriginalText, StorageDescriptor })).toBeUndefined();
    expect({ ...StorageDescriptor, Columns: 0 }).toEqual({
      Columns: 0,
      Location: "",
      NumberOfBuckets: 0,
      SerdeInfo: {},
      StoredAsSubDirectories: false,
    });
  });

  test("has catalog and database in its text", () => {
    const { ViewOriginalText } = viewInput(view, "lake_db");
    const [, encoded] = /^\/\* Presto View: (\S+) \*\/$/.exec(ViewOriginalText)!;
    const text = JSON.parse(Buffer.from(encoded!, "base64").toString()) as Record<string, unknown>;
    expect({ ...text, columns: 0 }).toEqual({
      originalSql: view.sql,
      catalog: "awsdatacatalog",
      schema: "lake_db",
      columns: 0,
    });
  });
});

test.each([
  ["string", "varchar"],
  ["int", "integer"],
  ["bigint", "bigint"],
  ["timestamp", "timestamp(3)"],
  ["map<string,string>", "map(varchar,varchar)"],
  ["array<double>", "array(double)"],
])("a column of type %s is %s to Trino", (hive, trino) => {
  expect(trinoType(hive)).toBe(trino);
});

test("a view cannot select a column that its table lacks", () => {
  expect(() => columnsOf(detectionRecords, ["lable"])).toThrow("lable is not a column of the table");
});
