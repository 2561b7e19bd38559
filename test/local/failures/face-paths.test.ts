import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import {
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateCollectionCommand,
  DeleteCollectionCommand,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { faceSessionsTable } from "../../../aws/face-sessions.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { clipsOf } from "../../../demo/clips.ts";
import { Fleet } from "../../../operator/fleet.ts";
import type { Camera } from "../../../schemas/camera.ts";
import type { FaceRequest } from "../../../schemas/face.ts";
import { useCloud } from "../../cli/cloud.ts";
import { enrolAda, indexAda, personsOf } from "../enrolled-person.ts";
import { Scene } from "../roles/scene.ts";
import { startStack } from "../stack.ts";
import { BreakableStack, operator } from "./breakable-stack.ts";
import { accepted } from "./facts.ts";
import { redrive } from "./redrive.ts";

const [clip] = clipsOf([]);
const CLIP_MS = 16_000;
const ADA = "person-0123456789abcdef0123";
const FACES = "doorstep-dev-faces";
const DELIVERY = { action: "firehose:PutRecordBatch", resourceEnd: `/${FACES}` };
const SEARCH = { action: "rekognition:SearchUsersByImage" };
const box = { left: 0.3, top: 0.2, width: 0.1, height: 0.2 };
const person = { left: 0.2, top: 0.1, width: 0.3, height: 0.8 };
const keyframes = (of: object) => [0, CLIP_MS].map((offsetMillis) => ({ offsetMillis, box: of }));

let folder: string;
let scene: Scene;
let broken: BreakableStack;
let restoreEnvironment: () => void;
let fleet: Fleet;
/** Of the engine frames, with the clip in its stream. */
let door: { readonly camera: Camera; readonly startMs: number; readonly streamArn: string };
/** Of the engine face-search. */
let porch: { readonly camera: Camera; readonly startMs: number; readonly streamArn: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-face-failures-"));
  const write = (kind: string, content: object) =>
    writeFileSync(join(folder, `front-door.${kind}.json`), JSON.stringify(content));
  write("labels", { tracks: [{ name: "PERSON", confidence: 98, keyframes: keyframes(person) }] });
  write("faces", { tracks: [{ person: "ada", keyframes: keyframes(box) }] });
  const stack = await startStack([folder], { objectModel: false });
  scene = await Scene.open(stack);
  broken = new BreakableStack(stack);
  fleet = await Fleet.open("doorstep-dev", stack.config);
  await enrolAda(stack, ADA);
  const { camera } = await fleet.add({
    cameraId: "front-door",
    engine: "frames",
    faces: true,
    labels: { PERSON: 50 },
  });
  const filmed = await stack.journey.upload({ ...clip!, cameraId: "front-door" }, camera);
  door = { ...filmed, streamArn: await streamArnOf(camera) };
  const added = await fleet.add({ cameraId: "porch", engine: "face-search", faces: true });
  porch = {
    camera: added.camera,
    startMs: Math.round(stack.clock.now()),
    streamArn: await streamArnOf(added.camera),
  };
  restoreEnvironment = useCloud(stack.config.endpoint);
  Object.assign(process.env, operator(stack));
});
afterAll(async () => {
  restoreEnvironment();
  await scene.close();
  rmSync(folder, { recursive: true, maxRetries: 5 });
});

const refOf = (logicalId: string): string => scene.stack.local.stack.resources.get(logicalId)!.ref;
const streamArnOf = async (camera: Camera) => (await fleet.stateOf(camera)).stream!.arn;

async function sendTo(queue: string, body: string): Promise<void> {
  const client = new SQSClient(ownerConfig());
  await client.send(new SendMessageCommand({ QueueUrl: refOf(queue), MessageBody: body }));
}

/** Signs as the account owner, whatever the operator may do. */
const ownerConfig = () => scene.stack.config;

/** Work for searchFaces: Ada, so long after the clip's begin. */
const search = (offsetMs: number) => {
  const { cameraId, streamName } = door.camera;
  const request: FaceRequest = {
    cameraId,
    streamName,
    streamArn: door.streamArn,
    sessionId: "session",
    atMs: door.startMs + offsetMs,
    fragmentNumber: "91343852333289682796718532614445757584843717598",
    persons: [person],
  };
  return sendTo("FaceQueue", JSON.stringify(request));
};

/** A record of a face search (documented: Rekognition guide), of Ada by default. */
const recordOf = (
  { streamArn, startMs }: typeof porch,
  offsetMs: number,
  personId: string | undefined = ADA,
): string =>
  JSON.stringify({
    InputInformation: {
      KinesisVideo: {
        StreamArn: streamArn,
        FragmentNumber: "91343852333289682796718532614445757584843717598",
        ServerTimestamp: startMs / 1000,
        ProducerTimestamp: startMs / 1000,
        FrameOffsetInSeconds: offsetMs / 1000,
      },
    },
    StreamProcessorInformation: { Status: "RUNNING" },
    FaceSearchResponse: [
      {
        DetectedFace: { BoundingBox: { Height: 0.2, Width: 0.1, Left: 0.3, Top: 0.2 }, Confidence: 99 },
        MatchedFaces: [{ Similarity: 96, Face: { ExternalImageId: personId } }],
      },
    ],
  });

/** Puts records into the porch's data stream. */
async function put(...texts: readonly string[]): Promise<void> {
  const kinesis = new KinesisClient({ ...ownerConfig(), requestHandler: new NodeHttpHandler() });
  for (const text of texts)
    await kinesis.send(
      new PutRecordCommand({
        StreamName: porch.camera.processorName,
        PartitionKey: "1",
        Data: Buffer.from(text),
      }),
    );
  kinesis.destroy();
}

/** How often the views show each face, by camera and time after its begin, with the person's id or none. */
async function shown(): Promise<Record<string, number>> {
  await scene.stack.flushFirehose();
  const { rows } = await scene.stack.journey.query(
    `SELECT camera_id, seen_at_ms, person_id, count(*) FROM faces GROUP BY camera_id, seen_at_ms, person_id`,
  );
  return Object.fromEntries(
    rows.map(([cameraId, seenAtMs, personId, count]) => {
      const { startMs } = cameraId === "porch" ? porch : door;
      const who = personId === ADA ? "Ada" : (personId ?? "unknown");
      return [`${cameraId} ${Number(seenAtMs) - startMs} ${who}`, Number(count)];
    }),
  );
}

/** Redrives a path that puts so many faces into their delivery stream. */
const recovers = (path: string, faces = 1) =>
  accepted(
    scene,
    FACES,
    async () =>
      expect(await redrive("--from", path)).toMatchObject({
        exitCode: 0,
        paths: [{ path, redriven: faces, left: [] }],
      }),
    faces,
  );

const logged = (text: string) => scene.emitted("lambda", "log", ({ line }) => String(line).includes(text));

test("schedule to sweepFaces: one run replaces all that were missed", async () => {
  const table = `/${refOf("PersonsTable")}`;
  await broken.without([{ action: "dynamodb:Scan", resourceEnd: table }], async () => {
    await new LambdaClient(ownerConfig()).send(
      new InvokeCommand({ FunctionName: "doorstep-dev-sweepFaces", InvocationType: "Event", Payload: "{}" }),
    );
    for (const [attempts, turnMs] of [
      [1, MINUTE_MS],
      [2, 2 * MINUTE_MS],
      [3, 0],
    ] as const) {
      await scene.emitted(
        "lambda",
        "event-failed",
        (detail) => detail["function"] === "doorstep-dev-sweepFaces" && detail["attempts"] === attempts,
      );
      await broken.turn(turnMs);
    }
    await broken.waiting("MissedSweepsQueue");
  });
  expect(await redrive("--from", "sweeps")).toMatchObject({
    exitCode: 0,
    paths: [{ waiting: 1, redriven: 1, left: [] }],
  });
});

describe("face queue to searchFaces", () => {
  const unsearched = (send: () => Promise<unknown>) => broken.givenUp("UnsearchedQueue", 121_000, { send });

  test("an image that could not be searched comes back from its queue", async () => {
    await broken.without([SEARCH], async () => {
      await unsearched(() => search(3000));
    });
    await recovers("faces");
    expect(await shown()).toEqual({ "front-door 3000 Ada": 1 });
  });

  test("a face that the delivery stream refused comes back with its image", async () => {
    await broken.without([DELIVERY], async () => {
      await unsearched(() => search(4000));
    });
    await recovers("faces");
    expect(await shown()).toMatchObject({ "front-door 4000 Ada": 1 });
  });

  test("a collection that was deleted is named, and its images come back once it is there again", async () => {
    const rekognition = new RekognitionClient(ownerConfig());
    const CollectionId = refOf("FacesCollection");
    await rekognition.send(new DeleteCollectionCommand({ CollectionId }));
    await unsearched(() => search(5000));
    await logged(`there is no collection ${CollectionId}, though the stack created it`);
    await rekognition.send(new CreateCollectionCommand({ CollectionId }));
    await indexAda(scene.stack, ADA);
    await recovers("faces");
    expect(await shown()).toMatchObject({ "front-door 5000 Ada": 1 });
  });

  test("searches that are throttled for a moment are made again within the same run", async () => {
    const receives = () =>
      scene.stack.local.cloud.events.matching(
        ({ name, detail }) => name === "batch-handled" && detail["queue"] === FACES,
      ).length;
    const before = receives();
    await accepted(scene, FACES, async () => {
      await broken.without([{ ...SEARCH, isThrottled: true }], async () => {
        await search(6000);
        await scene.emitted("test", "refused", ({ action }) => action === SEARCH.action);
      });
    });
    await scene.until(async () => receives() > before);
    expect(receives()).toBe(before + 1);
    expect(await shown()).toMatchObject({ "front-door 6000 Ada": 1 });
  });

  test("a message that is no request stays once it has failed again", async () => {
    await unsearched(() => sendTo("FaceQueue", "no request"));
    await unsearched(async () => expect((await redrive("--from", "faces")).exitCode).toBe(0));
    expect(await redrive("--from", "faces")).toMatchObject({
      exitCode: 1,
      paths: [{ waiting: 1, redriven: 0, left: [{ reason: expect.stringMatching(/failed again/) }] }],
    });
  });
});

describe("face check queue to endFaceSearch", () => {
  test("a session whose check failed is ended after all", async () => {
    const { processorName, streamName } = porch.camera;
    const nowMs = Math.round(scene.stack.clock.now());
    const sessions = faceSessionsTable(refOf("FaceSessionsTable"), new DynamoDBClient(ownerConfig()));
    const sessionId = "ended late";
    await sessions.put({
      processorName,
      version: 1,
      sessionId,
      state: "running",
      streamName,
      videoStartMs: nowMs - 30_000,
      maxDurationSeconds: 30,
      startedAtMs: nowMs - 30_000,
      runningSinceMs: nowMs - 25_000,
      endAtMs: nowMs,
      stoppedAtMs: nowMs,
      dueAtMs: nowMs,
      step: 0,
      tags: {},
    });
    await broken.without([{ action: "sns:Publish", resourceEnd: ":doorstep-dev-detections" }], async () => {
      const check = JSON.stringify({ processorName, sessionId, step: 0 });
      await broken.givenUp("UncheckedQueue", 61_000, { send: () => sendTo("FaceCheckQueue", check) });
    });
    expect(await sessions.find(processorName)).toMatchObject({ state: "running" });
    await accepted(scene, "doorstep-dev-sessions", async () =>
      expect(await redrive("--from", "face-checks")).toMatchObject({
        exitCode: 0,
        paths: [{ waiting: 1, redriven: 1, left: [] }],
      }),
    );
    await scene.until(async () => (await sessions.find(processorName))?.state === "ended");
    await scene.stack.flushFirehose();
    const { rows } = await scene.stack.journey.query(
      `SELECT camera_id, count(*) FROM sessions WHERE session_id = '${sessionId}' GROUP BY camera_id`,
    );
    expect(rows).toEqual([["porch", "1"]]);
  });
});

describe("a camera's data stream to recordFaces", () => {
  /** Puts records, of which a batch is given up because their faces cannot be delivered. */
  async function giveUp(...texts: readonly string[]): Promise<void> {
    await broken.without([DELIVERY], async () => {
      await broken.givenUp("UnrecordedQueue", MINUTE_MS, { send: () => put(...texts) });
    });
  }

  beforeAll(async () => {
    const lambda = new LambdaClient(ownerConfig());
    const FunctionName = fleet.outputs.RecordFacesFunctionName;
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
    const [{ UUID, ...mapping }] = EventSourceMappings as [(typeof EventSourceMappings & object)[0]];
    expect(mapping).toMatchObject({ MaximumRecordAgeInSeconds: DAY_MS / 2 / SECOND_MS });
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, MaximumRetryAttempts: 1 }));
  });

  test("a batch that was given up is read from the data stream again, by its sequence numbers", async () => {
    await giveUp(recordOf(porch, 0));
    await put(recordOf(porch, 1000));
    await scene.until(async () => "porch 1000 Ada" in (await shown()));
    await recovers("face-records");
    expect(await shown()).toMatchObject({ "porch 0 Ada": 1, "porch 1000 Ada": 1 });
  });

  test("of a record that cannot be read, the reason is kept; its neighbours are recorded", async () => {
    await put(recordOf(porch, 2000), "no record", recordOf(porch, 3000));
    await broken.waiting("UnrecordedQueue");
    await scene.until(async () => "porch 3000 Ada" in (await shown()));
    const left = [{ reason: "it cannot be read: the record is not JSON" }];
    for (let again = 0; again < 2; again++)
      expect(await redrive("--from", "face-records")).toMatchObject({
        exitCode: 1,
        paths: [{ waiting: 1, redriven: 0, left }],
      });
    expect(await shown()).toMatchObject({ "porch 2000 Ada": 1 });
  });

  test("records of a second processor are its own camera's, or name the stream that is no camera's", async () => {
    const stranger = {
      streamArn: "arn:aws:kinesisvideo:us-east-1:000000000000:stream/garden/1763700000000",
      startMs: porch.startMs,
    };
    await put(recordOf(door, 9000), recordOf({ ...porch, ...stranger }, 9000));
    await broken.waiting("UnrecordedQueue", 2);
    await scene.until(async () => "front-door 9000 Ada" in (await shown()));
    expect((await redrive("--from", "face-records")).paths[0]!.left).toContainEqual({
      what: expect.anything(),
      reason: "it cannot be read: the stream garden is of no camera of this stack",
    });
  });

  test("a record that repeats is shown once, and one that comes a day late at its own time", async () => {
    const late = recordOf({ ...porch, startMs: porch.startMs - DAY_MS }, 0);
    await put(recordOf(porch, 4000), late, recordOf(porch, 4000), recordOf(porch, 5000));
    await scene.until(async () => "porch 5000 Ada" in (await shown()));
    expect(await shown()).toMatchObject({ "porch 4000 Ada": 1, [`porch ${-DAY_MS} Ada`]: 1 });
  });

  test("who has no consent is unknown, with the reason in the log", async () => {
    const persons = personsOf(scene.stack);
    const expired = "person-00000000000000000001";
    const consent = { givenBy: "Bob", givenAtMs: 0, wording: "2026-11", expiresAtMs: 1 };
    await persons.put({ personId: expired, version: 1, name: "Bob", consent, createdAtMs: 0 });
    const nobody = "person-00000000000000000002";
    await put(recordOf(porch, 6000, expired), recordOf(porch, 7000, nobody));
    await logged(`the consent of ${expired} has expired`);
    await logged(`there is no person ${nobody}`);
    await scene.until(async () => "porch 7000 unknown" in (await shown()));
    expect(await shown()).toMatchObject({ "porch 6000 unknown": 1, "porch 7000 unknown": 1 });
  });
});

test("sampleFrames to face queue: labels are published although persons cannot be sent", async () => {
  await broken.without([{ action: "sqs:SendMessage", resourceEnd: `:${FACES}` }], async () => {
    const [at, until] = [door.startMs, door.startMs + CLIP_MS];
    await scene.call("POST", "front-door", "motion/start", { at, maxDurationSeconds: 16 });
    await scene.call("POST", "front-door", "motion/stop", { at: until });
    await scene.until(async () => (await scene.record("front-door")).state === "completed");
  });
  await logged('"FacesNotSent"');
  await scene.stack.flushFirehose();
  const { rows } = await scene.stack.journey.query(
    `SELECT DISTINCT label FROM detections WHERE camera_id = 'front-door'`,
  );
  expect(rows).toEqual([["PERSON"]]);
});

describe("afterwards", () => {
  test("each face is shown once, and a further redrive changes nothing", async () => {
    const facts = await shown();
    expect(Object.values(facts).every((count) => count === 1)).toBe(true);
    const { paths } = await redrive();
    expect(paths.filter(({ left }) => left.length > 0).map(({ path, left }) => [path, left.length])).toEqual([
      ["faces", 1],
      ["face-records", 2],
    ]);
    expect(await shown()).toEqual(facts);
  });

  test("records that are gone with their data stream are reported as gone", async () => {
    await broken.without([DELIVERY], async () => {
      const send = () => put(recordOf(porch, 8000));
      await broken.givenUp("UnrecordedQueue", MINUTE_MS, { messages: 3, send });
    });
    await fleet.remove(fleet.partsOf("porch", porch.camera));
    await scene.until(async () => {
      const { paths } = await redrive("--from", "face-records");
      return paths[0]!.left.some(
        ({ reason }) =>
          reason === `its 1 records are gone with the data stream ${porch.camera.processorName}`,
      );
    });
  });
});
