import { dirname } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { camerasTable } from "../../aws/cameras.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { sleep, systemClock } from "../../base/clock.ts";
import { deriveToken } from "../../core/motion/credential.ts";
import { clipsOf } from "../../demo/clips.ts";
import type { Session } from "../../schemas/session.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { masterSecretOf, startStack, type TestStack } from "./stack.ts";

const SECOND_MS = 1000;
const STEP_MS = 2 * SECOND_MS;
/** For how long the stream is searched. */
const START_TIMEOUT_SECONDS = 60;

const [clip] = clipsOf([]);
let stack: TestStack;
let masterSecret: string;

beforeAll(async () => {
  stack = await startStack([dirname(clip!.file)]);
  masterSecret = await masterSecretOf(stack);
});
afterAll(() => stack.stop());

async function startMotion(cameraId: string, at: number): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${stack.journey.outputs.MotionApiUrl}/cameras/${cameraId}/motion/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${deriveToken(masterSecret, cameraId, 1)}` },
    body: JSON.stringify({ at, maxDurationSeconds: 10 }),
  });
  return { status: response.status, body: await response.json() };
}

const recordOf = async (cameraId: string): Promise<Session> =>
  (await sessionsTable(stack.journey.outputs.SessionsTableName, new DynamoDBClient(stack.config)).find(
    cameraId,
  ))!;

/** Lets time pass ten times as fast as on the machine, so that functions have time to start, until the record is as expected. */
async function turnUntil(cameraId: string, isReached: (record: Session) => boolean): Promise<Session> {
  for (;;) {
    const record = await recordOf(cameraId);
    if (isReached(record)) return record;
    stack.clock.turn(STEP_MS);
    await sleep(systemClock, STEP_MS / 10);
  }
}

/** Motion on a camera without video, after its session has waited for video that never came. */
async function motionWithoutVideo(cameraId: string): Promise<{ streamName: string; atMs: number }> {
  const camera = await stack.journey.register(cameraId);
  const table = camerasTable(stack.journey.outputs.CamerasTableName, new DynamoDBClient(stack.config));
  expect(await table.change(camera, { startTimeoutSeconds: START_TIMEOUT_SECONDS })).toBe(true);
  const atMs = stack.clock.now();
  expect(await startMotion(cameraId, atMs)).toMatchObject({ status: 202, body: { state: "running" } });
  await turnUntil(cameraId, ({ retry }) => retry?.reason === "no-video");
  return { streamName: camera.streamName, atMs };
}

const isAtRest = ({ wanted, outbox, state }: Session): boolean =>
  wanted.length === 0 && outbox.length === 0 && state !== "running";

/** The camera's coverage: each interval with its seconds after the motion. */
async function coverageOf(cameraId: string, atMs: number): Promise<string[]> {
  await stack.flushFirehose();
  const { rows } = await stack.journey.query(
    `SELECT outcome, reason, from_at_ms, until_at_ms FROM coverage WHERE camera_id = '${cameraId}' ORDER BY from_at_ms`,
  );
  return rows.map(([outcome, reason, fromMs, untilMs]) =>
    [outcome, reason, (Number(fromMs) - atMs) / SECOND_MS, (Number(untilMs) - atMs) / SECOND_MS]
      .filter((part) => part !== null)
      .join(" "),
  );
}

describe("motion without video", () => {
  test("is one gap, after one session, when there never is any", async () => {
    const { atMs } = await motionWithoutVideo("hall");
    const { run } = await turnUntil("hall", isAtRest);
    expect(run?.attempt).toBe(1);
    expect(await coverageOf("hall", atMs)).toEqual(["gap no-video 0 60"]);
  });

  test("never delays later motion, whose session starts at once", async () => {
    const { streamName, atMs } = await motionWithoutVideo("gate");
    stack.clock.turn(120 * SECOND_MS);
    const startMs = stack.clock.now() - 20 * SECOND_MS;
    await uploadClip({ ...stack.config, file: clip!.file, streamName, startMs });
    expect(await startMotion("gate", startMs)).toMatchObject({
      status: 202,
      body: { state: "running", videoStartAt: new Date(startMs).toISOString() },
    });
    await turnUntil("gate", isAtRest);
    const offset = (startMs - atMs) / SECOND_MS;
    const [first, second] = await coverageOf("gate", atMs);
    expect(first).toBe("gap no-video 0 60");
    expect(second).toMatch(new RegExp(`^completed ${offset} `));
  });

  test("is analysed where video begins that arrives later, and what is detected there is the session's, once", async () => {
    const { streamName, atMs } = await motionWithoutVideo("yard");
    const startMs = atMs + 20 * SECOND_MS;
    const { durationMs } = await uploadClip({ ...stack.config, file: clip!.file, streamName, startMs });
    await turnUntil("yard", ({ run }) => run?.attempt === 2 && run.sessionId !== undefined);
    await turnUntil("yard", isAtRest);
    const rows = await coverageOf("yard", atMs);
    expect(rows[0]).toBe("gap no-video 0 20");
    expect(rows[1]).toMatch(/^completed 20 /);
    expect(rows.at(-1)).toMatch(/^gap no-video .* 60$/);
    const { rows: detections } = await stack.journey.query(
      `SELECT d.label, count(*), count(c.session_id), max(d.time_to_detection_ms)
       FROM detections d
       LEFT JOIN coverage c ON c.session_id = d.session_id
         AND d.detected_at_ms >= c.from_at_ms AND d.detected_at_ms < c.until_at_ms
       WHERE d.camera_id = 'yard' GROUP BY d.label, d.session_id`,
    );
    expect(detections.length).toBeGreaterThan(0);
    for (const [, count, inInterval, latestMs] of detections) {
      expect([count, inInterval]).toEqual(["1", "1"]);
      expect(Number(latestMs)).toBeLessThan(durationMs);
    }
  });
});
