import { describe, expect, test } from "@jest/globals";
import { decideClose, decideStart, decideStop, failed, isActive, started } from "../../core/session.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Session } from "../../schemas/session.ts";

const NOW_MS = 1_763_700_000_000;

const camera: Camera = {
  cameraId: "front-door",
  engine: "stream-processor",
  streamName: "doorstep-dev-camera-front-door",
  processorName: "doorstep-dev-camera-front-door",
  maxDurationSeconds: 10,
  keyVersion: 1,
};

const starting: Session = {
  cameraId: "front-door",
  attemptId: "attempt-1",
  state: "starting",
  processorName: "doorstep-dev-camera-front-door",
  videoStartMs: 1_763_699_990_000,
  maxDurationSeconds: 10,
  requestedAtMs: NOW_MS,
  lostAtMs: 1_763_700_030_000,
};
const running: Session = {
  ...starting,
  state: "running",
  sessionId: "session-1",
  lostAtMs: 1_763_700_130_000,
};

describe("motion began", () => {
  test("starts a session where the camera says, for as long as the webhook asks", () => {
    const motion = { atMs: 1_763_699_990_000, maxDurationSeconds: 30 };
    expect(decideStart(undefined, camera, motion, NOW_MS, "attempt-1")).toEqual({
      kind: "start",
      session: { ...starting, maxDurationSeconds: 30 },
      replaces: undefined,
    });
  });

  test("starts now and for the camera's own duration when the webhook says nothing", () => {
    const decision = decideStart(undefined, camera, {}, NOW_MS, "attempt-1");
    expect(decision).toMatchObject({ session: { videoStartMs: NOW_MS, maxDurationSeconds: 10 } });
  });

  test("never starts a rival of a session that is starting or running", () => {
    for (const current of [starting, running])
      expect(decideStart(current, camera, {}, NOW_MS, "attempt-2")).toEqual({
        kind: "already-running",
        session: current,
      });
  });

  test("takes the place of a session that has ended or is lost", () => {
    const ended: Session = { ...running, state: "completed" };
    expect(decideStart(ended, camera, {}, NOW_MS, "attempt-2")).toMatchObject({
      kind: "start",
      replaces: ended,
    });
    expect(decideStart(running, camera, {}, 1_763_700_130_000, "attempt-2")).toMatchObject({
      kind: "start",
      replaces: running,
    });
  });
});

test("a started session counts as lost two minutes after its video could have ended", () => {
  expect(started(starting, "session-1", NOW_MS)).toEqual(running);
  expect(isActive(running, 1_763_700_129_999)).toBe(true);
  expect(isActive(running, 1_763_700_130_000)).toBe(false);
});

test("a session that could not be started has failed with its reason", () => {
  expect(failed(starting, "no such processor", NOW_MS)).toEqual({
    ...starting,
    state: "failed",
    failure: "no such processor",
    endedAtMs: NOW_MS,
  });
});

describe("motion ended", () => {
  test("marks the running session, once", () => {
    const marked = { ...running, motionEndedAtMs: 1_763_699_999_000 };
    expect(decideStop(running, 1_763_699_999_000, NOW_MS)).toEqual({ kind: "motion-ended", session: marked });
    expect(decideStop(marked, NOW_MS, NOW_MS)).toEqual({ kind: "motion-ended", session: marked });
  });

  test("changes nothing when nothing runs", () => {
    expect(decideStop(undefined, NOW_MS, NOW_MS)).toEqual({ kind: "nothing-running", session: undefined });
    const ended: Session = { ...running, state: "completed" };
    expect(decideStop(ended, NOW_MS, NOW_MS)).toEqual({ kind: "nothing-running", session: ended });
  });
});

describe("the end of a session", () => {
  const complete = { sessionId: "session-1", processedMs: 10_400 };

  test("completes the camera's session with what was analysed", () => {
    expect(decideClose(running, complete, NOW_MS)).toEqual({
      kind: "complete",
      session: { ...running, state: "completed", processedMs: 10_400, endedAtMs: NOW_MS },
    });
  });

  test("is asked for again while the session's id is not yet recorded", () => {
    expect(decideClose(starting, complete, NOW_MS)).toEqual({ kind: "not-yet-known" });
  });

  test("changes nothing when it is a duplicate, an older session's or of a camera without one", () => {
    const completed: Session = { ...running, state: "completed" };
    expect(decideClose(completed, complete, NOW_MS).kind).toBe("ignore");
    expect(decideClose(running, { ...complete, sessionId: "session-0" }, NOW_MS).kind).toBe("ignore");
    expect(decideClose(undefined, complete, NOW_MS).kind).toBe("ignore");
  });
});
