import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HOUR_MS, MINUTE_MS } from "../../base/durations.ts";
import { dayBounds, dayHandlers } from "../../console/day.ts";
import { dayOf } from "../../core/sessions/schedule.ts";
import { consoleWorld, detectionRow, NOW_MS, sessionRow } from "./world.ts";

test.each([
  ["2026-11-30", "UTC", "2026-11-30T00:00:00.000Z", 24],
  ["2026-11-30", "Europe/Berlin", "2026-11-29T23:00:00.000Z", 24],
  ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z", 23],
  ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", 25],
  ["2026-11-30", "Pacific/Kiritimati", "2026-11-29T10:00:00.000Z", 24],
  ["2026-11-30", "Pacific/Niue", "2026-11-30T11:00:00.000Z", 24],
  ["2026-11-30", "Asia/Kathmandu", "2026-11-29T18:15:00.000Z", 24],
])("the day %s in %s begins at %s and has %d hours", (date, timeZone, from, hours) => {
  const { fromMs, untilMs } = dayBounds(date, timeZone);
  expect(new Date(fromMs).toISOString()).toBe(from);
  expect((untilMs - fromMs) / HOUR_MS).toBe(hours);
});

test("every time is in the day that its zone's wall clock shows", () => {
  const zones = fc.constantFrom(
    "UTC",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "America/Sao_Paulo",
  );
  fc.assert(
    fc.property(fc.integer({ min: 1_577_836_800_000, max: 1_900_000_000_000 }), zones, (atMs, timeZone) => {
      const { fromMs, untilMs } = dayBounds(dayOf(atMs, timeZone), timeZone);
      expect(fromMs <= atMs && atMs < untilMs).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("a day shows what was analysed, gaps in words, motion in progress and the alert of a chain", async () => {
  const world = consoleWorld();
  const at = NOW_MS - HOUR_MS;
  world.lake.add("session_records", at, sessionRow(at, at + 30_000));
  world.lake.add(
    "session_records", at,
    sessionRow(at + 30_000, at + 40_000, { outcome: "gap", reason: "budget", session_id: null, engine: null, session_started_at_ms: at + 30_000 }),
    sessionRow(at, at + 30_000, { camera_id: "back-yard" }),
  ); // prettier-ignore
  world.lake.add("detection_records", at, detectionRow(at + 5000, { session_started_at_ms: at }));
  world.lake.add("alert_records", at, {
    event_id: "e", label_id: "l", session_id: "session-1", camera_id: "front-door", detected_at_ms: at + 5000,
    decided_at_ms: at, decision: "raised", alert_id: "a", severity: "warning", revision: 1, received_at_ms: at,
  }); // prettier-ignore
  world.sessions.set("front-door", {
    state: "idle",
    wanted: [{ fromMs: NOW_MS - MINUTE_MS, untilMs: NOW_MS + MINUTE_MS }],
  } as never);
  const { signal } = new AbortController();
  const day = await dayHandlers(world.cloud).getDay(
    { parameters: { cameraId: "front-door" }, query: {} },
    { signal },
  );
  const chainId = `front-door.${at}`;
  expect(day).toMatchObject({
    cameraId: "front-door",
    date: "2026-11-30",
    timeZone: "UTC",
    video: { kind: "unknown", reason: "the camera is not registered, so its stream is not known" },
    motion: [
      { fromMs: at, untilMs: at + 40_000 },
      { fromMs: NOW_MS - MINUTE_MS, untilMs: NOW_MS },
    ],
    analysed: [{ fromMs: at, untilMs: at + 30_000, chainId, sessionId: "session-1", engine: "frames" }],
    gaps: [
      { fromMs: at + 30_000, untilMs: at + 40_000, reason: "budget", words: "the day's budget was used up" },
    ],
    detections: [{ chainId, label: "PERSON", confidence: 90, detectedAtMs: at + 5000 }],
    alerts: [{ fromMs: at, untilMs: at + 30_000, chainId, alertId: "a", severity: "warning" }],
    isCut: false,
  });
});
