import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { useCloud } from "../../cli/cloud.ts";
import { doorstep } from "../../cli/process.ts";
import { Scene } from "../roles/scene.ts";
import { startStack } from "../stack.ts";
import {
  BreakableStack,
  detection,
  sessionAtWork,
  sessionEnd,
  templateWithBrokenTable,
  untold,
} from "./broken.ts";

const DETECTIONS = { action: "firehose:PutRecordBatch", resourceEnd: "/doorstep-dev-detections" };
const SESSIONS = { action: "firehose:PutRecordBatch", resourceEnd: "/doorstep-dev-sessions" };

let dataFolder: string;
let scene: Scene;
let broken: BreakableStack;
let restoreEnvironment: () => void;

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "doorstep-failures-"));
  const before = await startStack([], { dataFolder, template: templateWithBrokenTable() });
  const told = await Scene.open(before);
  await told.publish(detection("does not fit the table", before.clock.now() - 1000));
  await told.told("firehose", "record-accepted");
  await before.flushFirehose();
  await told.close();

  const stack = await startStack([], { dataFolder });
  scene = await Scene.open(stack);
  broken = new BreakableStack(stack);
  restoreEnvironment = useCloud(stack.config.endpoint);
}, 60_000);
afterAll(async () => {
  restoreEnvironment();
  await scene.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

interface Report {
  readonly paths: readonly { path: string; waiting: number; redriven: number; left: object[] }[];
}

/** Runs `doorstep redrive` and returns its exit code and what it reports, whether it succeeded or not. */
async function redrive(...args: string[]) {
  const { exitCode, stdout } = await doorstep(["redrive", "--json", ...args]);
  const answer = JSON.parse(stdout) as Report & { error?: { message: string; report: Report } };
  return { exitCode, error: answer.error?.message, paths: (answer.error?.report ?? answer).paths };
}

/** How often the views show each fact. */
async function shown(): Promise<Record<string, number>> {
  await scene.stack.flushFirehose();
  const { rows } = await scene.stack.journey.ask(
    `SELECT event_id, count(*) FROM detections GROUP BY event_id
     UNION ALL SELECT session_id, count(*) FROM sessions GROUP BY session_id`,
  );
  return Object.fromEntries(rows.map(([id, count]) => [id, Number(count)]));
}

/** Resolves once the delivery stream has been given one more record by somebody than before `run`. */
async function accepted(deliveryStreamName: string, run: () => Promise<unknown>): Promise<void> {
  const { events } = scene.stack.local.cloud;
  const count = () =>
    events.matching(
      ({ name, detail }) => name === "record-accepted" && detail["deliveryStreamName"] === deliveryStreamName,
    ).length;
  const before = count();
  await run();
  await scene.until(async () => count() > before);
}

const publishDetection = (eventId: string) =>
  scene.publish(detection(eventId, scene.stack.clock.now() - 1000));

async function sendTo(queue: string, body: string, fifo?: { group: string }): Promise<void> {
  const { cloud, stack } = scene.stack.local;
  const QueueUrl = stack.resources.get(queue)!.ref;
  await cloud.client(SQSClient, cloud.owner).send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: body,
      ...(fifo && { MessageGroupId: fifo.group, MessageDeduplicationId: body.length.toString() }),
    }),
  );
}

/** Turns the clock past each of a queue's receives, after the function has failed in it. */
async function exhaust(queueName: string, receives: number, visibilityMs: number): Promise<void> {
  const { events } = scene.stack.local.cloud;
  const failures = () =>
    events.matching(
      ({ name, detail }) =>
        name === "batch-handled" && detail["queue"] === queueName && detail["failed"] !== 0,
    ).length;
  for (let receive = 0, seen = 0; receive < receives; receive++, seen = failures()) {
    await scene.until(async () => failures() > seen);
    scene.stack.clock.turn(visibilityMs);
  }
}

describe("an arrow that was killed", () => {
  test("conversion: the notification comes back from raw by its event id", async () => {
    expect(await shown()).toEqual({});
    expect(await redrive("--from", "detection-errors")).toMatchObject({
      exitCode: 0,
      paths: [{ path: "detection-errors", waiting: 1, redriven: 1, left: [] }],
    });
    expect(await shown()).toEqual({ "does not fit the table": 1 });
  });

  test("topic to the detections' delivery stream: the message comes back from its queue", async () => {
    await broken.without([DETECTIONS], async () => {
      await publishDetection("not delivered");
      await broken.waiting("UndeliveredDetectionsQueue");
    });
    expect(await redrive("--from", "detections")).toMatchObject({
      exitCode: 0,
      paths: [{ path: "detections", waiting: 1, redriven: 1, left: [] }],
    });
    expect(await shown()).toMatchObject({ "not delivered": 1 });
  });

  test("topic to the sessions' delivery stream: the end comes back from its queue", async () => {
    await broken.without([SESSIONS], async () => {
      await scene.publish(sessionEnd("end-not-delivered", "side", scene.stack.clock.now() - 40_000));
      await broken.waiting("UndeliveredSessionsQueue");
    });
    expect(await redrive("--from", "sessions")).toMatchObject({
      exitCode: 0,
      paths: [{ path: "sessions", waiting: 1, redriven: 1, left: [] }],
    });
    expect(await shown()).toMatchObject({ "end-not-delivered": 1 });
  });

  test("topic to closeSession, and closeSession to its table: both ends are recorded after all", async () => {
    const first = await sessionAtWork(scene, "porch", "end-not-handed-over");
    await broken.without(
      [{ action: "lambda:InvokeFunction", resourceEnd: ":doorstep-dev-closeSession" }],
      async () => {
        await scene.publish(sessionEnd("end-not-handed-over", "porch", first));
        await broken.waiting("UndeliveredQueue");
      },
    );
    const second = await sessionAtWork(scene, "gate", "end-not-recorded");
    const table = `/${scene.stack.journey.outputs.SessionsTableName}`;
    await broken.without([{ action: "dynamodb:GetItem", resourceEnd: table }], async () => {
      await scene.publish(sessionEnd("end-not-recorded", "gate", second));
      for (const [attempts, turnMs] of [
        [1, 60_000],
        [2, 120_000],
        [3, 0],
      ] as const) {
        await scene.told("lambda", "event-failed", (detail) => detail["attempts"] === attempts);
        scene.stack.clock.turn(turnMs);
      }
      await broken.waiting("UndeliveredQueue", 2);
    });
    await accepted("doorstep-dev-sessions", async () =>
      expect(await redrive("--from", "session-ends")).toMatchObject({
        exitCode: 0,
        paths: [{ path: "session-ends", waiting: 2, redriven: 2, left: [] }],
      }),
    );
    for (const camera of ["porch", "gate"])
      await scene.until(async () => {
        const { text } = await scene.call("GET", camera, "session");
        return (JSON.parse(text) as { state: string }).state === "completed";
      });
    expect(await shown()).toMatchObject({ "end-not-handed-over": 1, "end-not-recorded": 1 });
  });

  test("wake queue to driveSession, and driveSession to the ledger: the entry is told; what fails again is left", async () => {
    await untold(scene, "yard", "told-late");
    await broken.without([SESSIONS], async () => {
      await sendTo("WakeQueue", JSON.stringify({ cameraId: "yard" }));
      await sendTo("WakeQueue", "no wake-up at all");
      await exhaust("doorstep-dev-wake", 5, 181_000);
      await broken.waiting("UnwokenQueue", 2);
    });
    await accepted("doorstep-dev-sessions", async () => {
      const { exitCode, paths } = await redrive("--from", "wake-ups");
      expect(exitCode).toBe(0);
      expect(paths[0]!.redriven).toBe(paths[0]!.waiting);
    });
    expect(await shown()).toMatchObject({ "told-late": 1 });

    for (let receive = 0; receive < 5; receive++) {
      const { events } = scene.stack.local.cloud;
      const failures = () =>
        events.matching(({ detail }) => String(detail["line"]).includes("wake-up")).length;
      const seen = failures();
      scene.stack.clock.turn(receive === 0 ? 0 : 181_000);
      if (receive > 0) await scene.until(async () => failures() > seen);
    }
    scene.stack.clock.turn(181_000);
    await broken.waiting("UnwokenQueue");
    const again = await redrive("--from", "wake-ups");
    expect(again).toMatchObject({
      exitCode: 1,
      error: "1 record left",
      paths: [{ path: "wake-ups", waiting: 1, redriven: 0, left: [{ reason: /failed again/ }] }],
    });
  });
});
