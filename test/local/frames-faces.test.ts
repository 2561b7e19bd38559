import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { alertsTable } from "../../aws/alerts.ts";
import type { StandardBody } from "../../core/alerts/messages/standard.ts";
import { clipsOf } from "../../demo/clips.ts";
import { Fleet } from "../../operator/fleet.ts";
import { alertRule } from "../../schemas/alert-rule.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { FaceRequest } from "../../schemas/face.ts";
import { example } from "../support/notifications.ts";
import type { Receiver } from "../support/receiver.ts";
import { AlertTargets } from "./alert-targets.ts";
import { enrolAda, personsOf } from "./enrolled-person.ts";
import { unusedOf } from "./roles/permissions.ts";
import { startStack, type TestStack } from "./stack.ts";

const [clip] = clipsOf([]);
const CLIP_MS = 16_000;
const ADA = "person-0123456789abcdef0123";
const boxOf = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });
const track = (fromMs: number, untilMs: number, box: ReturnType<typeof boxOf>) => ({
  keyframes: [fromMs, untilMs].map((offsetMillis) => ({ offsetMillis, box })),
});
/** Ada comes, and later for a moment somebody whom nobody knows. */
const LABELS = {
  tracks: [
    { name: "PERSON", confidence: 98, ...track(2000, 10_000, boxOf(0.2, 0.1, 0.3, 0.8)) },
    { name: "PERSON", confidence: 97, ...track(5000, 8000, boxOf(0.6, 0.1, 0.25, 0.8)) },
  ],
};
/** Where they are is theirs alone, whichever frame a crop is taken for: drawn frames are much alike. */
const FACES = {
  tracks: [
    { person: "ada", ...track(0, CLIP_MS, boxOf(0.3, 0.2, 0.1, 0.2)) },
    { person: "stranger", ...track(0, CLIP_MS, boxOf(0.7, 0.2, 0.1, 0.2)) },
  ],
};

let folder: string;
let stack: TestStack;
let fleet: Fleet;
let persons: ReturnType<typeof personsOf>;
let home: { camera: Camera; startMs: number };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-frames-faces-"));
  writeFileSync(join(folder, "front-door.labels.json"), JSON.stringify(LABELS));
  writeFileSync(join(folder, "front-door.faces.json"), JSON.stringify(FACES));
  stack = await startStack([folder], { objectModel: false });
  fleet = await Fleet.open("doorstep-dev", stack.config);
  persons = personsOf(stack);
  await enrolAda(stack, ADA);
  home = await filmed("front-door");
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, maxRetries: 5 });
});

/** A camera of the engine frames that searches faces, with the clip in its stream, which ends now. */
async function filmed(cameraId: string): Promise<{ camera: Camera; startMs: number }> {
  const { camera } = await fleet.add({ cameraId, engine: "frames", faces: true, labels: { PERSON: 50 } });
  return await stack.journey.upload({ ...clip!, cameraId }, camera);
}

const searchedImages = (): number =>
  stack.local.cloud.events
    .matching(({ name, detail }) => name === "batch-handled" && detail["queue"] === "doorstep-dev-faces")
    .reduce((sum, { detail }) => sum + Number(detail["messages"] ?? detail["records"] ?? 1), 0);

/** Resolves once so many more images were searched since `run` began, and their rows are in the lake. */
async function searching(images: number, run: () => Promise<unknown>): Promise<void> {
  const wanted = searchedImages() + images;
  await run();
  await stack.local.cloud.events.waitFor(() => searchedImages() >= wanted);
  await stack.flushFirehose();
}

const rows = async (sql: string) => (await stack.journey.query(sql)).rows;
const visits = (cameraId: string) =>
  rows(`SELECT person_id, faces, duration_ms FROM visits WHERE camera_id = '${cameraId}'`);
const unknown = (cameraId: string) =>
  rows(`SELECT faces, duration_ms FROM unknown_visitors WHERE camera_id = '${cameraId}'`);

async function motion({ camera, startMs }: { camera: Camera; startMs: number }): Promise<void> {
  await fleet.sendMotion(camera, "start", { at: startMs, maxDurationSeconds: 16 });
  await fleet.sendMotion(camera, "stop", { at: startMs + CLIP_MS });
}

async function request({ camera, startMs }: typeof home, changes: Partial<FaceRequest> = {}): Promise<void> {
  const { cameraId, streamName } = camera;
  const [[streamArn, fragmentNumber]] = (await rows(
    `SELECT stream_arn, fragment_number FROM face_records WHERE camera_id = 'front-door' AND seen_at_ms = ${home.startMs + 7000}`,
  )) as [[string, string]];
  const body: FaceRequest = {
    cameraId,
    streamName,
    streamArn,
    sessionId: "session",
    atMs: startMs + 7000,
    fragmentNumber,
    persons: [boxOf(0.2, 0.1, 0.3, 0.8), boxOf(0.6, 0.1, 0.25, 0.8)],
    ...changes,
  };
  const QueueUrl = stack.local.stack.resources.get("FaceQueue")!.ref;
  await new SQSClient(stack.config).send(
    new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }),
  );
}

test("who is enrolled from a picture is a visit in SQL once a camera has filmed them, and others are unknown", async () => {
  await searching(2, () => motion(home));
  expect(await visits("front-door")).toEqual([[ADA, "2", "4000"]]);
  expect(await unknown("front-door")).toEqual([["1", "0"]]);
  const [[left, top, width, height]] = (await rows(
    `SELECT box_left, box_top, box_width, box_height FROM faces WHERE camera_id = 'front-door' AND person_id IS NOT NULL`,
  )) as [string[]];
  expect([left, top, width, height].map(Number)).toEqual(
    [0.3, 0.2, 0.1, 0.2].map((one) => expect.closeTo(one, 2)),
  );
  expect(await persons.find(ADA)).toMatchObject({ version: 2, lastSeenAtMs: expect.any(Number) });
});

test("a search that is repeated changes nothing in the views", async () => {
  await searching(1, () => request(home));
  expect(await visits("front-door")).toEqual([[ADA, "2", "4000"]]);
  expect(await unknown("front-door")).toEqual([["1", "0"]]);
});

describe("an alert", () => {
  let porch: typeof home;
  let targets: AlertTargets;
  const receivers: Record<string, Receiver> = {};

  beforeAll(async () => {
    targets = new AlertTargets(stack);
    for (const id of ["phone", "siren"]) receivers[id] = (await targets.add(id)).receiver;
    for (const rule of [
      { ruleId: "people", labels: { PERSON: 50 }, targets: ["phone"] },
      { ruleId: "strangers", persons: ["unknown"], severity: "critical" as const, targets: ["siren"] },
    ])
      await targets.settings.putRule(v.parse(alertRule, rule));
    porch = await filmed("porch");
    await detected();
  });
  afterAll(() => targets.stop());

  /** Publishes that a person is at the porch, with a picture that is stored. */
  async function detected(): Promise<void> {
    const { EvidenceBucketName, DetectionsTopicArn } = fleet.outputs;
    const notification = example("label-detected.json");
    const [label] = notification.labels;
    const { kinesisVideo } = notification.inputInformation;
    kinesisVideo.streamArn = kinesisVideo.streamArn.replace("front-door", "porch");
    Object.assign(notification, { eventId: "somebody", sessionId: "session" });
    const Key = "evidence/porch.jpg";
    label.croppedImageUri = label.frameImageUri = `s3://${EvidenceBucketName}/${Key}`;
    label.videoMapping.kinesisVideoMapping.producerTimestamp = porch.startMs + 2000;
    await new S3Client({ ...stack.config, forcePathStyle: true }).send(
      new PutObjectCommand({ Bucket: EvidenceBucketName, Key, Body: "a picture" }),
    );
    await new SNSClient(stack.config).send(
      new PublishCommand({ TopicArn: DetectionsTopicArn, Message: JSON.stringify(notification) }),
    );
  }

  /** What a target has received, once it is so much: whether it is silent, the title, and what is said of persons. */
  async function messages(target: string, count: number) {
    await receivers[target]!.has(count);
    return receivers[target]!.received.map(({ body }) => {
      const { data } = JSON.parse(body) as { data: StandardBody["data"] };
      return [data.silent ? "silent" : "not silent", data.title, data.persons];
    });
  }

  const ada = { person: ADA, name: "Ada" };
  const unknownOne = { person: "unknown" };

  test("says by name who is there, once the face is known", async () => {
    expect(await messages("phone", 1)).toEqual([["not silent", "Person at porch", undefined]]);
    await request(porch, { atMs: porch.startMs + 3000, persons: [boxOf(0.2, 0.1, 0.3, 0.8)] });
    expect((await messages("phone", 2))[1]).toEqual(["silent", "Ada at porch", [ada]]);
    expect(receivers["siren"]!.received).toEqual([]);
  });

  test("sounds again, and for the rule for unknown persons, when one of them comes", async () => {
    await request(porch);
    const message = ["not silent", "Ada and unknown person at porch", [ada, unknownOne]];
    expect((await messages("phone", 3))[2]).toEqual(message);
    expect(await messages("siren", 1)).toEqual([message]);
  });

  test("stays as it is by a face that is reported again, and has ids alone in the record and in the lake", async () => {
    const alerts = () =>
      alertsTable(stack.local.outputs["AlertsTableName"]!, new DynamoDBClient(stack.config)).find("porch");
    const before = await alerts();
    await searching(1, () => request(porch));
    await stack.local.cloud.events.waitFor(() => handledAlerts() >= 4);
    expect(await alerts()).toEqual(before);
    expect(before!.alerts[0]!.persons!.map(({ person }) => person)).toEqual([ADA, "unknown"]);
    expect(JSON.stringify(before)).not.toContain("Ada");
    expect(
      await rows(
        `SELECT label, person, decision, reason FROM alert_decisions WHERE camera_id = 'porch' ORDER BY decided_at_ms`,
      ),
    ).toEqual([
      ["PERSON", null, "raised", "first-detection"],
      ["PERSON", "known", "merged", "new-person"],
      ["PERSON", "unknown", "merged", "unknown-person"],
    ]);
  });

  const handledAlerts = (): number =>
    stack.local.cloud.events.matching(
      ({ name, detail }) => name === "batch-handled" && detail["queue"] === "doorstep-dev-alerts",
    ).length;
});

test("an image that is gone, and one of a camera whose faces were switched off, are dropped", async () => {
  const before = await rows("SELECT count(*) FROM face_records");
  await searching(1, () => request(home, { atMs: home.startMs - 3_600_000 }));
  await fleet.update(home.camera, { faces: false });
  await searching(1, () => request(home));
  expect(await rows("SELECT count(*) FROM face_records")).toEqual(before);
});

test("nobody is recognised any more once they are forgotten, although the collection still has their face", async () => {
  const { version } = (await persons.find(ADA))!;
  await persons.put({
    personId: ADA,
    version: version + 1,
    forgottenAtMs: Math.round(stack.clock.now()),
    reason: "requested",
    step: "collection",
    ids: [ADA],
    removed: { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 },
  });
  await fleet.update(home.camera, { faces: true });
  await searching(1, () => request(home, { atMs: home.startMs + 5500 }));
  expect(await visits("front-door")).toEqual([[ADA, "2", "4000"]]);
  expect(await unknown("front-door")).toEqual([["2", "1500"]]);
});

test("the role of the function that searches faces suffices, and is minimal", () => {
  expect(stack.local.cloud.access.log.denials).toEqual([]);
  expect(unusedOf(stack, "SearchFacesIamRoleLambdaExecution")).toEqual([]);
});
