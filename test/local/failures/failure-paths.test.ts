import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { alertsTable } from "../../../aws/alerts.ts";
import { useCloud } from "../../cli/cloud.ts";
import { doorstep } from "../../cli/process.ts";
import { Scene } from "../roles/scene.ts";
import { startStack } from "../stack.ts";
import {
  BreakableStack,
  detection,
  operator,
  runningSession,
  sessionEnd,
  templateWithBrokenTable,
  undelivered,
  undeliveredEnd,
} from "./breakable-stack.ts";
import { accepted, shown } from "./facts.ts";
import { redrive } from "./redrive.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const DETECTIONS = { action: "firehose:PutRecordBatch", resourceEnd: "/doorstep-dev-detections" };
const SESSIONS = { action: "firehose:PutRecordBatch", resourceEnd: "/doorstep-dev-sessions" };

let dataFolder: string;
let scene: Scene;
let broken: BreakableStack;
let restoreEnvironment: () => void;

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "doorstep-failures-"));
  const before = await startStack([], { dataFolder, template: templateWithBrokenTable() });
  const sceneBefore = await Scene.open(before);
  await sceneBefore.publish(detection("does not fit the table", before.clock.now() - 1000));
  await sceneBefore.emitted("firehose", "record-accepted");
  await before.flushFirehose();
  await sceneBefore.close();

  const stack = await startStack([], { dataFolder });
  scene = await Scene.open(stack);
  broken = new BreakableStack(stack);
  restoreEnvironment = useCloud(stack.config.endpoint);
  Object.assign(process.env, operator(stack));
});
afterAll(async () => {
  restoreEnvironment();
  await scene.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

const publishDetection = (eventId: string) =>
  scene.publish(detection(eventId, scene.stack.clock.now() - 1000));

async function sendTo(queue: string, body: string, group?: string): Promise<void> {
  const { cloud, stack } = scene.stack.local;
  const QueueUrl = stack.resources.get(queue)!.ref;
  await cloud.client(SQSClient, cloud.owner).send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: body,
      ...(group !== undefined && { MessageGroupId: group, MessageDeduplicationId: "test" }),
    }),
  );
}

const refOf = (logicalId: string): string => scene.stack.local.stack.resources.get(logicalId)!.ref;

/** Resolves once raiseAlerts has decided what becomes of an event of the front door. */
async function decided(eventId: string): Promise<void> {
  const { cloud } = scene.stack.local;
  const alerts = alertsTable(refOf("AlertsTable"), cloud.client(DynamoDBClient, cloud.owner));
  await scene.until(async () => {
    const record = await alerts.find("front-door");
    return record?.decided.some(({ id }) => id.startsWith(`${eventId}/`)) ?? false;
  });
}

describe("a step that failed", () => {
  test("conversion: the notification comes back from raw by its event id", async () => {
    expect(await shown(scene)).toEqual({});
    expect(await redrive("--from", "detection-errors")).toMatchObject({
      exitCode: 0,
      paths: [{ path: "detection-errors", waiting: 1, redriven: 1, left: [] }],
    });
    expect(await shown(scene)).toEqual({ "does not fit the table": 1 });
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
    expect(await shown(scene)).toMatchObject({ "not delivered": 1 });
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
    expect(await shown(scene)).toMatchObject({ "end-not-delivered": 1 });
  });

  test("topic to closeSession, and closeSession to its table: both ends are recorded after all", async () => {
    const first = await runningSession(scene, "porch", "end-not-handed-over");
    await broken.without(
      [{ action: "lambda:InvokeFunction", resourceEnd: ":doorstep-dev-closeSession" }],
      async () => {
        await scene.publish(sessionEnd("end-not-handed-over", "porch", first));
        await broken.waiting("UndeliveredQueue");
      },
    );
    const second = await runningSession(scene, "gate", "end-not-recorded");
    const table = `/${scene.stack.journey.outputs.SessionsTableName}`;
    await broken.without([{ action: "dynamodb:GetItem", resourceEnd: table }], async () => {
      await scene.publish(sessionEnd("end-not-recorded", "gate", second));
      for (const [attempts, turnMs] of [
        [1, 60_000],
        [2, 120_000],
        [3, 0],
      ] as const) {
        await scene.emitted("lambda", "event-failed", (detail) => detail["attempts"] === attempts);
        await broken.turn(turnMs);
      }
      await broken.waiting("UndeliveredQueue", 2);
    });
    await accepted(scene, "doorstep-dev-sessions", async () =>
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
    expect(await shown(scene)).toMatchObject({ "end-not-handed-over": 1, "end-not-recorded": 1 });
  });

  test("wake queue to driveSession, and driveSession to the ledger: the entry is delivered", async () => {
    await undelivered(scene, "yard", "delivered-late");
    await broken.without([SESSIONS], async () => {
      await sendTo("WakeQueue", JSON.stringify({ cameraId: "yard" }));
      await broken.givenUp("UnwokenQueue", 181_000);
    });
    await accepted(scene, "doorstep-dev-sessions", async () => {
      const { exitCode, paths } = await redrive("--from", "wake-ups");
      expect(exitCode).toBe(0);
      expect(paths[0]!.redriven).toBeGreaterThan(0);
    });
    expect(await shown(scene)).toMatchObject({ "delivered-late": 1 });
  });

  test("a wake-up that fails again for the same reason stays and is named", async () => {
    await sendTo("WakeQueue", "not a wake-up");
    await broken.givenUp("UnwokenQueue", 181_000);
    expect((await redrive("--from", "wake-ups")).exitCode).toBe(0);
    await broken.givenUp("UnwokenQueue", 181_000);
    // On a busy machine a turn may overtake a valid wake-up too; that one is redriven.
    for (let again = 0; again < 2; again++)
      expect(await redrive("--from", "wake-ups")).toMatchObject({
        exitCode: 1,
        error: "1 record left",
        paths: [{ left: [{ reason: expect.stringMatching(/failed again/) }] }],
      });
  });

  test("schedule to wakeSessions, and wakeSessions itself: one run replaces all that were missed", async () => {
    await undelivered(scene, "attic", "woken-late", Math.round(scene.stack.clock.now()) + 30_000);
    const index = `${scene.stack.journey.outputs.SessionsTableName}/index/due`;
    await broken.without([{ action: "dynamodb:Query", resourceEnd: index }], async () => {
      await broken.turn(60_000);
      await broken.waiting("MissedSchedulesQueue");
      // The machine's own minute may have begun a second run, which has to fail as well.
      await broken.runsOver();
    });
    await broken.without(
      [{ action: "lambda:InvokeFunction", resourceEnd: ":doorstep-dev-wakeSessions" }],
      async () => {
        await broken.turn(60_000);
        await broken.waiting("MissedSchedulesQueue", 2);
      },
    );
    const { exitCode, paths } = await redrive("--from", "schedule");
    // On a busy machine a turn may overtake another minute's run; it is missed too.
    expect(paths[0]!.waiting).toBeGreaterThanOrEqual(2);
    expect({ exitCode, paths }).toMatchObject({
      exitCode: 0,
      paths: [{ redriven: paths[0]!.waiting, left: [] }],
    });
    // The machine's own minute may have begun a run that did the same before.
    await scene.until(async () => "woken-late" in (await shown(scene)));
    expect(await shown(scene)).toMatchObject({ "woken-late": 1 });
  });

  test("stop queue to stopProcessor: the stop is requested again", async () => {
    const { processorName } = await scene.stack.journey.register("shed");
    const stop = { action: "rekognition:StopStreamProcessor", resourceEnd: `/${processorName}` };
    await broken.without([stop], async () => {
      await sendTo("StopQueue", JSON.stringify({ processorName }), "stops");
      await broken.givenUp("UnstoppedQueue", 61_000);
    });
    expect(await redrive("--from", "stops")).toMatchObject({
      exitCode: 0,
      paths: [{ waiting: 1, redriven: 1, left: [] }],
    });
    await scene.emitted("lambda", "log", ({ line }) => String(line).includes("processor was not running"));
  });

  test("sample queue to sampleFrames: the step is done again, and its session ends", async () => {
    const sessionId = "sampled-late";
    const processorName = await scene.frameSession("lane", sessionId);
    await broken.without([{ action: "sns:Publish", resourceEnd: ":doorstep-dev-detections" }], async () => {
      await sendTo("SampleQueue", JSON.stringify({ processorName, sessionId, step: 0 }));
      await broken.givenUp("UnsampledQueue", 61_000);
    });
    expect(await scene.frameSessionState(processorName)).toBe("running");
    // Its end goes into both delivery streams.
    await accepted(scene, "doorstep-dev-sessions", () =>
      accepted(scene, "doorstep-dev-detections", async () => {
        expect(await redrive("--from", "samples")).toMatchObject({
          exitCode: 0,
          paths: [{ waiting: 1, redriven: 1, left: [] }],
        });
      }),
    );
    await scene.emitted("lambda", "log", ({ line }) => /session ended/.test(String(line)));
    expect(await scene.frameSessionState(processorName)).toBe("ended");
    await scene.stack.flushFirehose();
  });

  test("event bus to the alert queue: the event comes back from its dead letters", async () => {
    const alertQueue = { action: "sqs:SendMessage", resourceEnd: ":doorstep-dev-alerts" };
    await broken.without([alertQueue], async () => {
      await undeliveredEnd(scene, "terrace");
      await sendTo("WakeQueue", JSON.stringify({ cameraId: "terrace" }));
      await broken.waiting("UnraisedQueue");
    });
    expect(await redrive("--from", "alerts")).toMatchObject({
      exitCode: 0,
      paths: [{ waiting: 1, redriven: 1, left: [] }],
    });
  });

  test("alert queue to raiseAlerts: the detection is decided after all", async () => {
    const alerts = { action: "dynamodb:PutItem", resourceEnd: `/${refOf("AlertsTable")}` };
    await broken.without([alerts], async () => {
      await publishDetection("decided late");
      await broken.givenUp("UnraisedQueue", 61_000);
    });
    // Other messages of the time fail too.
    const { exitCode, paths } = await redrive("--from", "alerts");
    expect({ exitCode, paths }).toMatchObject({
      exitCode: 0,
      paths: [{ redriven: paths[0]!.waiting, left: [] }],
    });
    await decided("decided late");
  });

  test("a message of the alert queue that cannot be read stays once it has failed again", async () => {
    await sendTo("AlertQueue", "not what alerts are decided by");
    await broken.givenUp("UnraisedQueue", 61_000);
    expect((await redrive("--from", "alerts")).exitCode).toBe(0);
    await broken.givenUp("UnraisedQueue", 61_000);
    expect(await redrive("--from", "alerts")).toMatchObject({
      exitCode: 1,
      paths: [{ left: [{ reason: expect.stringMatching(/failed again/) }] }],
    });
  });

  test("Firehose to transform: the bytes come back; a record that fails again is left until --again", async () => {
    const { clock } = scene.stack;
    await broken.without(
      [{ action: "lambda:InvokeFunction", resourceEnd: ":doorstep-dev-transform" }],
      async () => {
        await accepted(scene, "doorstep-dev-detections", () => publishDetection("not transformed"));
        await scene.stack.flushFirehose();
      },
    );
    await accepted(scene, "doorstep-dev-detections", () =>
      scene.publish(detection("of the day after", clock.now() + DAY_MS + 5 * MINUTE_MS)),
    );
    await scene.stack.flushFirehose();
    expect(await redrive("--from", "detection-errors")).toMatchObject({
      exitCode: 0,
      paths: [{ waiting: 2, redriven: 2, left: [] }],
    });
    expect(await shown(scene)).toMatchObject({ "not transformed": 1 });
    const left = { redriven: 0, left: [{ reason: expect.stringMatching(/failed again/) }] };
    expect(await redrive("--from", "detection-errors")).toMatchObject({ exitCode: 1, paths: [left] });
    expect(await redrive("--from", "detection-errors")).toMatchObject({ exitCode: 1, paths: [left] });
    await broken.turn(6 * MINUTE_MS);
    expect(await redrive("--from", "detection-errors", "--again")).toMatchObject({
      exitCode: 0,
      paths: [{ waiting: 1, redriven: 1, left: [] }],
    });
    expect(await shown(scene)).toMatchObject({ "of the day after": 1 });
  });

  test("a redrive that was interrupted before it deleted an error object repeats it, and nothing is shown twice", async () => {
    await broken.without(
      [{ action: "lambda:InvokeFunction", resourceEnd: ":doorstep-dev-transform" }],
      async () => {
        await accepted(scene, "doorstep-dev-detections", () => publishDetection("put back twice"));
        await scene.stack.flushFirehose();
      },
    );
    const { LakeBucketName: Bucket } = scene.stack.journey.outputs;
    const delivery = `${Bucket}/errors/detection_records/`;
    const halfWay = await broken.without([{ action: "s3:DeleteObject", resource: delivery }], () =>
      redrive("--from", "detection-errors"),
    );
    expect(halfWay).toMatchObject({
      exitCode: 1,
      paths: [{ failure: expect.stringMatching(/AccessDenied/) }],
    });
    expect(await redrive("--from", "detection-errors")).toMatchObject({
      exitCode: 0,
      paths: [{ waiting: 1, redriven: 1, left: [] }],
    });
    expect(await shown(scene)).toMatchObject({ "put back twice": 1 });
  });

  test("Firehose to the lake bucket: the records wait in the stream and come by themselves", async () => {
    const { LakeBucketName } = scene.stack.journey.outputs;
    const objects = ["detection_records/", "raw/"].map((folder) => `${LakeBucketName}/${folder}`);
    await broken.without(
      objects.map((resource) => ({ action: "s3:PutObject", resource })),
      async () => {
        await accepted(scene, "doorstep-dev-detections", () => publishDetection("not written"));
        await expect(scene.stack.flushFirehose()).rejects.toThrow(/could not deliver/);
      },
    );
    expect(await shown(scene)).toMatchObject({ "not written": 1 });
  });

  test("camera to the API: the same webhook may be sent again", async () => {
    await scene.stack.journey.register("hall");
    const table = `/${scene.stack.journey.outputs.SessionsTableName}`;
    const stop = () => scene.call("POST", "hall", "motion/stop", {}, "msg_sent_again");
    const refused = await broken.without([{ action: "dynamodb:PutItem", resourceEnd: table }], stop);
    expect([refused.status, (await stop()).status, (await stop()).status]).toEqual([500, 200, 401]);
  });
});

describe("afterwards", () => {
  test("each fact is shown once, a further redrive changes nothing, and nor does a redrive of the raw backup", async () => {
    const facts = await shown(scene);
    expect(facts).toEqual({
      "does not fit the table": 1,
      "not delivered": 1,
      "end-not-delivered": 1,
      "end-not-handed-over": 1,
      "end-not-recorded": 1,
      "delivered-late": 1,
      "woken-late": 1,
      "sampled-late": 1,
      "not transformed": 1,
      "of the day after": 1,
      "put back twice": 1,
      "not written": 1,
      "decided late": 1,
    });
    // Decisions that came while the transform could not be invoked.
    expect((await redrive("--from", "alert-errors")).exitCode).toBe(0);
    await scene.stack.flushFirehose();
    const { exitCode, paths } = await redrive();
    expect(exitCode).toBe(1);
    expect(paths.filter(({ waiting }) => waiting > 0)).toEqual([
      { path: "wake-ups", waiting: 1, redriven: 0, left: [expect.anything()] },
      { path: "alerts", waiting: 1, redriven: 0, left: [expect.anything()] },
    ]);
    const { clock } = scene.stack;
    const [since, until] = [clock.now() - DAY_MS, clock.now() + 1000].map((ms) => new Date(ms).toISOString());
    const raw = await redrive("--from", "raw", "--since", since!, "--until", until!);
    expect(raw.exitCode).toBe(0);
    expect(raw.paths[0]!.redriven).toBeGreaterThanOrEqual(10);
    expect(await shown(scene)).toEqual(facts);
  });

  test("one that is interrupted says so and has put nothing back", async () => {
    const { exitCode, stderr } = await doorstep(["redrive"], { signal: AbortSignal.abort() });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("interrupted")]);
  });

  test("a dry run lists the paths with what waits, and puts nothing back", async () => {
    const { exitCode, stdout } = await doorstep(["redrive", "--dry-run"]);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim().split(/\s+/).join(" "))).toEqual([
      "path waiting",
      "stops 0",
      "wake-ups 1",
      "samples 0",
      "face-checks 0",
      "faces 0",
      "face-records 0",
      "schedule 0",
      "session-ends 0",
      "alerts 1",
      "alert-deliveries 0",
      "detections 0",
      "sessions 0",
      "detection-errors 0",
      "session-errors 0",
      "alert-errors 0",
      "face-errors 0",
      "sweeps 0",
      "",
    ]);
  });
});
