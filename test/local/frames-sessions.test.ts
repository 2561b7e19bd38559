import { dirname } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { frameSessionsTable } from "../../aws/frame-sessions.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { SECOND_MS } from "../../base/durations.ts";
import { clipsOf } from "../../demo/clips.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Session } from "../../schemas/session.ts";
import { startStack, type TestStack } from "./stack.ts";

const [clip] = clipsOf([]);
const CLIP_MS = 16_000;
let stack: TestStack;
let fleet: Fleet;

beforeAll(async () => {
  stack = await startStack([dirname(clip!.file)]);
  fleet = await Fleet.open("doorstep-dev", stack.config);
});
afterAll(() => stack.stop());

const recordOf = async (cameraId: string): Promise<Session> =>
  (await sessionsTable(fleet.outputs.SessionsTableName, new DynamoDBClient(stack.config)).find(cameraId))!;

/** A camera of the engine frames with the clip in its stream, which ends now. */
async function filmed(cameraId: string): Promise<{ camera: Camera; startMs: number }> {
  const { camera } = await fleet.add({ cameraId, engine: "frames" });
  return await stack.journey.upload({ ...clip!, cameraId }, camera);
}

async function report(camera: Camera, verb: "start" | "stop", at: number, maxDurationSeconds?: number) {
  const times = { at, ...(maxDurationSeconds !== undefined && { maxDurationSeconds }) };
  const { status } = await fleet.sendMotion(camera, verb, times);
  expect(status).toBeLessThan(300);
}

/** The camera's record once it is so; it is read again after each event of a function. */
async function recordWhen(cameraId: string, isSo: (record: Session) => boolean): Promise<Session> {
  for (;;) {
    const before = functionEvents();
    const record = await recordOf(cameraId);
    if (isSo(record)) return record;
    await stack.local.cloud.events.waitFor(() => functionEvents() > before);
  }
}

/** How many events functions have had. */
const functionEvents = (): number =>
  stack.local.cloud.events.matching(({ service }) => service === "lambda").length;

const isSettled = ({ state, wanted, outbox }: Session): boolean =>
  state === "completed" && wanted.length === 0 && outbox.length === 0;

const rows = async (sql: string) => (await stack.journey.query(sql)).rows;

describe("motion of a camera of the engine frames", () => {
  test("is sampled, and what is detected has its evidence and its rows, as have the session and its coverage", async () => {
    const { camera, startMs } = await filmed("front-door");
    await report(camera, "start", startMs, 16);
    await report(camera, "stop", startMs + CLIP_MS);
    const { run } = await recordWhen("front-door", isSettled);
    expect(run).toMatchObject({ engine: "frames", processedMs: CLIP_MS, videoEndMs: startMs + CLIP_MS });
    await stack.flushFirehose();

    const detections = await rows(
      `SELECT label, engine, session_id, frame_image_uri, cropped_image_uri, detected_at_ms
       FROM detections WHERE camera_id = 'front-door' ORDER BY detected_at_ms`,
    );
    expect(detections.map(([label, engine, sessionId]) => [label, engine, sessionId])).toEqual([
      ["PERSON", "frames", run!.sessionId],
      ["PACKAGE", "frames", run!.sessionId],
    ]);
    const { Contents = [] } = await new S3Client(stack.config).send(
      new ListObjectsV2Command({ Bucket: fleet.outputs.EvidenceBucketName }),
    );
    const stored = Contents.map(({ Key }) => `s3://${fleet.outputs.EvidenceBucketName}/${Key}`);
    const pictures = detections.flatMap(([, , , frame, crop]) => [frame!, crop!]);
    expect(new Set(pictures).size).toBe(4);
    expect(stored).toEqual(expect.arrayContaining(pictures));

    expect(
      await rows(
        `SELECT outcome, engine, samples, from_at_ms, until_at_ms FROM coverage WHERE camera_id = 'front-door'`,
      ),
    ).toEqual([["completed", "frames", "5", String(startMs), String(startMs + CLIP_MS)]]);
    expect(await rows(`SELECT engine, processed_ms FROM sessions WHERE camera_id = 'front-door'`)).toEqual([
      ["frames", String(CLIP_MS)],
    ]);
  });

  test("really ends its session where it ends", async () => {
    const { camera, startMs } = await filmed("porch");
    await report(camera, "start", startMs, 120);
    await report(camera, "stop", startMs + 6000);
    await recordWhen("porch", isSettled);
    const sessions = frameSessionsTable(
      fleet.outputs.FrameSessionsTableName,
      new DynamoDBClient(stack.config),
    );
    expect(await sessions.find(camera.processorName)).toMatchObject({
      state: "ended",
      videoEndMs: startMs + 6000,
    });
    await stack.flushFirehose();
    expect(
      await rows(`SELECT outcome, samples, from_at_ms, until_at_ms FROM coverage WHERE camera_id = 'porch'`),
    ).toEqual([["completed", "3", String(startMs), String(startMs + 6000)]]);
  });

  test("ends with the camera's removal, with what it has sampled in the ledger, and leaves no record", async () => {
    const { camera, startMs } = await filmed("gate");
    await report(camera, "start", startMs, 120);
    await recordWhen("gate", ({ state }) => state === "running");
    const database = new DynamoDBClient(stack.config);
    const sessions = frameSessionsTable(fleet.outputs.FrameSessionsTableName, database);
    const removing = fleet.remove(fleet.partsOf("gate", camera));
    // The session waits for video of the time of its stop, until each step is due; the queue counts whole seconds.
    for (let before = functionEvents(); ; before = functionEvents()) {
      const session = await sessions.find(camera.processorName);
      if (session?.state !== "running") break;
      stack.clock.turn(Math.max(0, session.dueAtMs - stack.clock.now()) + SECOND_MS);
      await stack.local.cloud.events.waitFor(() => functionEvents() > before);
    }
    expect(await removing).toMatchObject({ record: true, stream: true });
    expect(await sessions.find(camera.processorName)).toBe(undefined);
    expect(await sessionsTable(fleet.outputs.SessionsTableName, database).find("gate")).toBe(undefined);
    await stack.flushFirehose();
    expect(
      await rows(`SELECT outcome, from_at_ms FROM coverage WHERE camera_id = 'gate' ORDER BY from_at_ms`),
    ).toContainEqual(["completed", String(startMs)]);
  });
});
