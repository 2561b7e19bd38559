import { dirname } from "node:path";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient, type Message } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { clipsOf } from "../../../demo/clips.ts";
import { useCloud } from "../../cli/cloud.ts";
import { doorstep } from "../../cli/process.ts";
import { UPLOADER_ON } from "../../support/parameters.ts";
import { Scene } from "../roles/scene.ts";
import { startStack } from "../stack.ts";
import { BreakableStack, runningSession, sessionEnd } from "./breakable-stack.ts";
import { accepted, shown } from "./facts.ts";
import { templateWithOwnersRule } from "./owners-rule.ts";

const [clip] = clipsOf([]);
let scene: Scene;
let broken: BreakableStack;
let restoreEnvironment: () => void;

beforeAll(async () => {
  const template = templateWithOwnersRule();
  const stack = await startStack([dirname(clip!.file)], { template, parameters: UPLOADER_ON });
  scene = await Scene.open(stack);
  broken = new BreakableStack(stack);
  restoreEnvironment = useCloud(stack.config.endpoint);
});
afterAll(async () => {
  restoreEnvironment();
  await scene.close();
});

const sqs = () => {
  const { cloud } = scene.stack.local;
  return cloud.client(SQSClient, cloud.owner);
};
const urlOf = (logicalId: string) => scene.stack.local.stack.resources.get(logicalId)!.ref;
const arnOf = (logicalId: string) => scene.stack.local.stack.resources.get(logicalId)!.attributes!["Arn"];

/** The one message in a queue. */
async function messageIn(logicalId: string): Promise<Message> {
  await broken.waiting(logicalId);
  const QueueUrl = urlOf(logicalId);
  const MessageAttributeNames = ["All"];
  const { Messages } = await sqs().send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames }));
  expect(Messages).toHaveLength(1);
  return Messages![0]!;
}

test("event bus to an owner's target: the event waits byte for byte in the target's dead-letter queue and goes back", async () => {
  const videoStartMs = await runningSession(scene, "porch", "session-of-porch");
  const target = { action: "sqs:SendMessage", resourceEnd: ":owners" };
  await broken.without([target], () =>
    accepted(
      scene,
      "doorstep-dev-sessions",
      async () => {
        await scene.publish(sessionEnd("session-of-porch", "porch", videoStartMs));
        await broken.waiting("OwnersDeadLetters");
      },
      // Rekognition's notification and the ledger's entry.
      2,
    ),
  );
  const meant = (await messageIn("OwnersWitness")).Body;
  expect(JSON.parse(meant!)).toMatchObject({
    "detail-type": "SessionEnded",
    detail: { cameraId: "porch", sessionId: "session-of-porch" },
  });
  const letter = await messageIn("OwnersDeadLetters");
  expect(letter).toMatchObject({
    Body: meant,
    MessageAttributes: {
      RULE_ARN: { StringValue: arnOf("OwnersRule") },
      TARGET_ARN: { StringValue: arnOf("OwnersQueue") },
      ERROR_CODE: { StringValue: "NO_PERMISSIONS" },
      RETRY_ATTEMPTS: { StringValue: "0" },
    },
  });
  await sqs().send(new SendMessageCommand({ QueueUrl: urlOf("OwnersQueue"), MessageBody: letter.Body! }));
  expect((await messageIn("OwnersQueue")).Body).toBe(meant);
  expect(await shown(scene)).toEqual({ "session-of-porch": 1 });
});

test("Rekognition to topic: a session whose end is never reported is lost, and later motion is analysed", async () => {
  const { clock, journey, local } = scene.stack;
  const { cameraId } = clip!;
  await journey.register(cameraId);
  const at = Math.round(clock.now());
  const motion = async (fromMs: number) => {
    const started = await scene.call("POST", cameraId, "motion/start", { at: fromMs, maxDurationSeconds: 5 });
    await scene.call("POST", cameraId, "motion/stop", { at: fromMs + 4000 });
    return { status: started.status, ...(JSON.parse(started.text) as { state: string; sessionId: string }) };
  };
  let sessionId = "";
  await broken.without([{ action: "sns:Publish" }], async () => {
    const started = await motion(at);
    expect(started).toMatchObject({ status: 202, state: "running" });
    ({ sessionId } = started);
    // Without video, the end is the only notification.
    await broken.turn(25_000);
    await scene.emitted(
      "rekognition",
      "session-end-unpublished",
      (detail) => detail["sessionId"] === sessionId,
    );
  });
  await accepted(scene, "doorstep-dev-sessions", async () => {
    for (let record = await scene.record(cameraId); record.state === "running";) {
      const { version, wakeAtMs } = record;
      await broken.turn(Math.max(0, wakeAtMs! - clock.now()) + 1000);
      await scene.until(async () => (record = await scene.record(cameraId)).version > version);
    }
  });
  const lost = {
    camera_id: cameraId,
    outcome: "lost",
    reason: "the end of the session was never reported",
    session_id: sessionId,
    max_duration_s: 5,
  };
  expect(await shown(scene)).toMatchObject({ [sessionId]: 1 });
  const { exitCode, stdout } = await doorstep(["query", "unsuccessful-sessions", "--json"]);
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { rows: [lost] }]);

  // What is accounted for as lost stays so.
  expect(await motion(at)).toMatchObject({ status: 200, state: "failed", sessionId });
  const startMs = await scene.upload(cameraId, clip!.file);
  await accepted(
    scene,
    "doorstep-dev-sessions",
    async () => expect(await motion(startMs)).toMatchObject({ status: 202, state: "running" }),
    2,
  );
  const { sessionId: next } = (await scene.record(cameraId)).run!;
  expect(next).not.toBe(sessionId);
  expect(await shown(scene)).toMatchObject({ [sessionId]: 1, [next!]: 1 });
  const { rows } = await journey.query(`SELECT DISTINCT session_id FROM detections`);
  expect(rows).toEqual([[next]]);
  expect(local.cloud.events.matching(({ name }) => name === "session-failed")).toEqual([]);
});
