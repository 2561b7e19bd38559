import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { normaliseNotification } from "../../../core/lake/normalise.ts";
import { example, exampleText } from "../../support/notifications.ts";
import { detections, normalise, reasonOf, sessions } from "../../support/normalise.ts";

const SEVERAL = "label-detected-several-labels.json";
const COMPLETE = "stream-processing-complete.json";

describe("a STREAM_PROCESSING_COMPLETE notification", () => {
  test("is one row with every column, in the hour the session began", () => {
    expect(
      normaliseNotification(exampleText(COMPLETE), { ...sessions, arrivalMs: 1_763_731_234_567 }),
    ).toEqual({
      ok: true,
      table: "session_records",
      partition: { dt: "2025-11-21", hour: "12" },
      row: {
        event_id: "8c2f5e1a-7b3d-4e60-9a41-d0c5b6e7f803",
        source: "engine",
        outcome: "completed",
        reason: null,
        session_id: "1b7a4c52-5f0e-4f4e-9d35-8f9a2f3c6d10",
        camera_id: "front-door",
        stream_name: "doorstep-dev-camera-front-door",
        stream_arn:
          "arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-front-door/1763700000000",
        processed_ms: 30_066,
        session_started_at: "2025-11-21T12:00:00.000Z",
        session_started_at_ms: 1_763_726_400_000,
        session_ended_at: "2025-11-21T12:00:30.066Z",
        session_ended_at_ms: 1_763_726_430_066,
        chain_started_at: null,
        chain_started_at_ms: null,
        max_duration_s: 30,
        result_message: "Stream processing completed.",
        tags: null,
        received_at: "2025-11-21T13:20:34.567Z",
        received_at_ms: 1_763_731_234_567,
        from_at: null,
        from_at_ms: null,
        engine: null,
        samples: null,
        longest_gap_ms: null,
      },
    });
  });

  test("is in the hour of its arrival if it does not say its start", () => {
    const result = normalise(
      COMPLETE,
      (notification) => {
        notification.startStreamProcessorRequest = "unreadable";
        notification.streamProcessingResults = {};
      },
      { ...sessions, arrivalMs: 1_763_731_234_567 },
    );
    expect(result).toMatchObject({
      ok: true,
      partition: { dt: "2025-11-21", hour: "13" },
      row: {
        processed_ms: 30_066,
        session_started_at: null,
        session_started_at_ms: null,
        session_ended_at: null,
        session_ended_at_ms: null,
        max_duration_s: null,
        result_message: null,
      },
    });
  });

  test("has the engine that published it, and what that sampled", () => {
    const result = normalise(
      COMPLETE,
      (notification) => {
        notification.engine = "frames";
        notification.frameSampling = { samples: 7, longestGapMillis: 5000, analysed: [], gaps: [] };
      },
      sessions,
    );
    expect(result).toMatchObject({ row: { engine: "frames", samples: 7, longest_gap_ms: 5000 } });
  });

  test.each<[string, (notification: any) => void]>([
    [
      "inputInformation.kinesisVideo.processedVideoDurationMillis is missing",
      (n) => delete n.inputInformation.kinesisVideo.processedVideoDurationMillis,
    ],
    [
      "inputInformation.kinesisVideo.processedVideoDurationMillis is 86400001; expected milliseconds, from 0 to a day",
      (n) => (n.inputInformation.kinesisVideo.processedVideoDurationMillis = 86_400_001),
    ],
    ["streamProcessingResults.message is 7; expected text", (n) => (n.streamProcessingResults.message = 7)],
    [
      "engine is text of 4 characters; expected one of stream-processor, frames, face-search",
      (n) => (n.engine = "eyes"),
    ],
    ["frameSampling.analysed is missing", (n) => (n.frameSampling = {})],
  ])("is rejected because %s", (reason, change) => {
    expect(reasonOf(COMPLETE, change, sessions)).toBe(reason);
  });
});

describe("an entry of the coverage ledger", () => {
  const gap = {
    type: "COVERAGE",
    eventId: "front-door/1763726400000-1763726410500/budget",
    cameraId: "front-door",
    outcome: "gap",
    reason: "budget",
    fromMs: 1_763_726_400_000,
    untilMs: 1_763_726_410_500,
  };
  const session = { ...gap, outcome: "completed", sessionId: "session-1", maxDurationSeconds: 10 };

  test("is one row with every column, in the hour in which its interval begins", () => {
    const late = { ...sessions, arrivalMs: 1_763_731_234_567 };
    expect(normaliseNotification(JSON.stringify(gap), late)).toEqual({
      ok: true,
      table: "session_records",
      partition: { dt: "2025-11-21", hour: "12" },
      row: {
        event_id: "front-door/1763726400000-1763726410500/budget",
        source: "ledger",
        outcome: "gap",
        reason: "budget",
        session_id: null,
        camera_id: "front-door",
        stream_name: null,
        stream_arn: null,
        processed_ms: 0,
        session_started_at: "2025-11-21T12:00:00.000Z",
        session_started_at_ms: 1_763_726_400_000,
        session_ended_at: "2025-11-21T12:00:10.500Z",
        session_ended_at_ms: 1_763_726_410_500,
        chain_started_at: null,
        chain_started_at_ms: null,
        max_duration_s: null,
        result_message: null,
        tags: null,
        received_at: "2025-11-21T13:20:34.567Z",
        received_at_ms: 1_763_731_234_567,
        from_at: "2025-11-21T12:00:00.000Z",
        from_at_ms: 1_763_726_400_000,
        engine: null,
        samples: null,
        longest_gap_ms: null,
      },
    });
  });

  test("has how much of its interval a session analysed: all, nothing, or unknown", () => {
    const processed = (outcome: string) => {
      const result = normaliseNotification(JSON.stringify({ ...session, outcome }), sessions);
      return result.ok && result.row;
    };
    expect(processed("completed")).toMatchObject({
      processed_ms: 10_500,
      session_id: "session-1",
      max_duration_s: 10,
    });
    expect(processed("failed")).toMatchObject({ processed_ms: 0 });
    expect(processed("lost")).toMatchObject({ processed_ms: null });
  });

  test("has its session's engine, and what that sampled", () => {
    const entry = { ...session, engine: "frames", samples: 4, longestGapMs: 4000 };
    expect(normaliseNotification(JSON.stringify(entry), sessions)).toMatchObject({
      row: { engine: "frames", samples: 4, longest_gap_ms: 4000 },
    });
    expect(normaliseNotification(JSON.stringify({ ...entry, engine: "steam" }), sessions)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^engine is text of 5 characters; expected /),
    });
  });

  test("has its interval, and the session's requested start, which decides the partition", () => {
    const startMs = session.fromMs - 60_000;
    const entry = { ...session, startMs, processedMs: 14_000 };
    expect(normaliseNotification(JSON.stringify(entry), sessions)).toMatchObject({
      partition: { dt: "2025-11-21", hour: "11" },
      row: {
        from_at: "2025-11-21T12:00:00.000Z",
        from_at_ms: session.fromMs,
        session_started_at: "2025-11-21T11:59:00.000Z",
        session_started_at_ms: startMs,
        session_ended_at_ms: session.untilMs,
        processed_ms: 14_000,
      },
    });
    expect(normaliseNotification(JSON.stringify({ ...session, startMs: 1_763_726 }), sessions)).toEqual({
      ok: false,
      reason: "startMs is 1763726; expected a time of the lake",
    });
  });

  test("has where the first session of its chain began, if known", () => {
    const row = (change: object) => {
      const result = normaliseNotification(JSON.stringify({ ...session, ...change }), sessions);
      return result.ok && result.row;
    };
    expect(row({ chainFromMs: 1_763_726_280_000 })).toMatchObject({
      chain_started_at: "2025-11-21T11:58:00.000Z",
      chain_started_at_ms: 1_763_726_280_000,
      session_started_at_ms: 1_763_726_400_000,
    });
    expect(row({ chainFromMs: session.fromMs })).toMatchObject({ chain_started_at_ms: session.fromMs });
    expect(row({})).toMatchObject({ chain_started_at: null, chain_started_at_ms: null });
  });

  test.each([
    [1_763_726_400_001, "is 1763726400001"],
    [1_763_726_280, "is 1763726280"],
  ])("is rejected when its chain begins after it or outside of the lake's time: at %d", (chainFromMs, is) => {
    expect(normaliseNotification(JSON.stringify({ ...session, chainFromMs }), sessions)).toEqual({
      ok: false,
      reason: `chainFromMs ${is}; expected a time of the lake, not after fromMs, which is 1763726400000`,
    });
  });

  test("is rejected if its interval runs backwards or lies outside the lake's time", () => {
    const rejects = (change: object) =>
      normaliseNotification(JSON.stringify({ ...gap, ...change }), sessions).ok;
    expect(rejects({ untilMs: 1_763_726_399_999 })).toBe(false);
    expect(rejects({ fromMs: 1_763_726 })).toBe(false);
    expect(rejects({ untilMs: 1_773_726_400_000 })).toBe(false);
  });

  test("is rejected for an unknown field without its name", () => {
    expect(normaliseNotification(JSON.stringify({ ...gap, "anna-is-home": 1 }), sessions)).toEqual({
      ok: false,
      reason: "the notification has an unknown field",
    });
  });

  test("belongs in no other table", () => {
    expect(normaliseNotification(JSON.stringify(gap), detections)).toEqual({
      ok: false,
      reason: "eventNamespace is missing",
    });
  });
});

describe("a record", () => {
  test("of the other type is rejected by name", () => {
    expect(reasonOf(COMPLETE, () => {})).toBe(
      'eventNamespace.type is "STREAM_PROCESSING_COMPLETE"; expected "LABEL_DETECTED"',
    );
    expect(reasonOf(SEVERAL, () => {}, sessions)).toBe(
      'eventNamespace.type is "LABEL_DETECTED"; expected "STREAM_PROCESSING_COMPLETE"',
    );
  });

  test.each([
    ["", "the record is not JSON; expected exactly one notification"],
    ['{"labels":', "the record is not JSON; expected exactly one notification"],
    [
      '{"a":1}{"b":2}',
      "the record has more after its first JSON document, at character 7; expected exactly one notification",
    ],
    ["7", "the record is not a JSON object; expected exactly one notification"],
    ["null", "the record is not a JSON object; expected exactly one notification"],
    ["[{}]", "the record is not a JSON object; expected exactly one notification"],
    ["{}", "eventNamespace is missing"],
  ])("of %j is rejected", (text, reason) => {
    expect(normaliseNotification(text, detections)).toEqual({ ok: false, reason });
  });

  test("is rejected without any text of it, whatever its texts are and wherever they stand", () => {
    const MARKER = "anna";
    const texts = fc.string({ maxLength: 50 }).map((text) => MARKER + text);
    const marked = (value: unknown, text: string, place: { left: number }): unknown => {
      if (Array.isArray(value)) return value.map((one) => marked(one, text, place));
      if (typeof value === "object" && value !== null)
        return Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [key, marked(inner, text, place)]),
        );
      return place.left-- === 0 ? text : value;
    };
    const reasons = new Set<string>();
    fc.assert(
      fc.property(
        fc.constantFrom("label-detected-several-labels.json", "stream-processing-complete.json"),
        fc.constantFrom(detections, sessions),
        fc.nat(40),
        texts,
        (name, context, left, text) => {
          const result = normaliseNotification(
            JSON.stringify(marked(example(name), text, { left })),
            context,
          );
          if (result.ok) return;
          reasons.add(result.reason);
          expect(result.reason).not.toContain(MARKER);
        },
      ),
    );
    expect(reasons.size).toBeGreaterThan(5);
  });

  test("may end in whitespace", () => {
    expect(normaliseNotification(`${exampleText(SEVERAL)}\r\n`, detections)).toMatchObject({ ok: true });
  });

  test("still in its SNS envelope is rejected with the remedy", () => {
    const envelope = JSON.stringify({ Type: "Notification", TopicArn: "arn", Message: exampleText(SEVERAL) });
    expect(normaliseNotification(envelope, detections)).toEqual({
      ok: false,
      reason:
        "the record is an SNS envelope; set RawMessageDelivery: true on the topic's Firehose subscription",
    });
  });

  test.each([[Number.NaN], [1_763_726_403], [1_577_836_799_999], [1_763_726_403_000.5]])(
    "that arrived at %p is rejected",
    (arrivalMs) => {
      expect(normaliseNotification(exampleText(SEVERAL), { ...detections, arrivalMs })).toEqual({
        ok: false,
        reason: `the arrival time is ${arrivalMs}; expected epoch milliseconds`,
      });
    },
  );
});
