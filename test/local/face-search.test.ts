import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeStreamSummaryCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import {
  DeleteEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import {
  DescribeStreamProcessorCommand,
  RekognitionClient,
  StartStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { faceSessionsTable } from "../../aws/face-sessions.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { sleep, systemClock } from "../../base/clock.ts";
import { SECOND_MS } from "../../base/durations.ts";
import { errorMessage, ignoreError } from "../../base/errors.ts";
import { clipsOf } from "../../demo/clips.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { Camera } from "../../schemas/camera.ts";
import { useCloud } from "../cli/cloud.ts";
import { doorstep } from "../cli/process.ts";
import { unusedOf } from "./roles/permissions.ts";
import { startStack, type TestStack } from "./stack.ts";

const [clip] = clipsOf([]);
const PICTURE = join(import.meta.dirname, "../../events/faces/astronaut.jpg");
const box = { left: 0.3, top: 0.2, width: 0.2, height: 0.4 };

let pictures: string;
let stack: TestStack;
let restore: () => void;
let fleet: Fleet;
let camera: Camera;
const rows = async (sql: string) => (await stack.journey.query(sql)).rows;

/** What a command that succeeds prints with `--json`. */
async function outputOf<T>(...args: readonly string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await doorstep([...args, "--json"]);
  expect([exitCode, exitCode === 0 ? "" : stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  stack = await startStack([dirname(clip!.file)]);
  fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
  restore = useCloud(stack.config.endpoint, stack.clock);
  // The picture and the footage are known to show the same person.
  await stack.local.control("POST /_doorstep/rekognition/faces", {
    picture: createHash("sha256").update(readFileSync(PICTURE)).digest("hex"),
    faces: [{ person: "ada", box }],
  });
  await stack.local.control("POST /_doorstep/rekognition/faces", {
    clip: basename(clip!.file),
    faces: {
      tracks: [{ person: "ada", keyframes: [0, 16_000].map((offsetMillis) => ({ offsetMillis, box })) }],
    },
  });
  pictures = mkdtempSync(join(tmpdir(), "doorstep-face-search-"));
  copyFileSync(PICTURE, join(pictures, "Ada Lovelace.jpg"));
  await outputOf("faces", "enrol", pictures, "--consent", "2026-11", "--given-by", "Ada Lovelace");
  await whileTurning(outputOf("camera", "add", "front-door", "--engine", "face-search", "--faces", "on"));
  camera = (await fleet.find("front-door"))!;
});
afterAll(async () => {
  restore();
  await stack.stop();
  rmSync(pictures, { recursive: true });
});

const checks = (): number =>
  stack.local.cloud.events.matching(
    ({ name, detail }) => name === "batch-handled" && detail["queue"] === "doorstep-dev-face-checks",
  ).length;

/** Turns the clock to the next check of the session, and waits for it. @returns whether the session goes on */
async function checked(): Promise<boolean> {
  const table = stack.local.stack.resources.get("FaceSessionsTable")!.ref;
  const session = await faceSessionsTable(table, new DynamoDBClient(stack.config)).find(camera.processorName);
  if (session?.state !== "running") return false;
  const before = checks();
  stack.clock.turn(Math.max(0, session.dueAtMs - stack.clock.now()) + SECOND_MS);
  await stack.local.cloud.events.waitFor(() => checks() > before);
  return true;
}

/** The first value, looked for again after each event of the local cloud. */
async function valueOf<T>(read: () => Promise<T | undefined>): Promise<T> {
  const { events } = stack.local.cloud;
  for (;;) {
    let seen = 0;
    const stop = events.subscribe(() => seen++);
    try {
      const value = await read();
      if (value !== undefined) return value;
      if (seen === 0) await events.waitFor(() => seen > 0);
    } finally {
      stop();
    }
  }
}

const statusOf = async () =>
  (
    await new RekognitionClient(stack.config).send(
      new DescribeStreamProcessorCommand({ Name: camera.processorName }),
    )
  ).Status;
const emitted = (name: string) =>
  stack.local.cloud.events.waitFor((event) => event.service === "rekognition" && event.name === name);

describe("motion of a camera of the engine face-search", () => {
  test("starts its processor, which is stopped after it, and what it found is visits, a session and coverage", async () => {
    expect((await fleet.stateOf(camera)).processor?.status).toBe("STOPPED");
    const atMs = stack.clock.now();
    expect((await fleet.sendMotion(camera, "start", { at: atMs, maxDurationSeconds: 40 })).status).toBe(202);
    await emitted("face-search-running");
    // The clip, which ends now, is all of this motion.
    while (stack.clock.now() < atMs + 17 * SECOND_MS) expect(await checked()).toBe(true);
    await stack.journey.upload({ ...clip!, cameraId: camera.cameraId }, camera);
    await stack.local.cloud.events.waitFor(
      ({ name, detail }) => name === "frame-searched" && detail["fragmentNumber"] !== undefined,
    );
    const sessions = sessionsTable(fleet.outputs.SessionsTableName, new DynamoDBClient(stack.config));
    while (await checked());
    const record = await valueOf(async () => {
      const found = await sessions.find("front-door");
      return found?.state === "completed" && found.outbox.length === 0 ? found : undefined;
    });
    expect(record.run).toMatchObject({ engine: "face-search" });
    expect(await statusOf()).toBe("STOPPED");
    await stack.flushFirehose();
    const { persons } = await outputOf<{ persons: { personId: string; name: string }[] }>("faces", "list");
    expect(persons.map(({ name }) => name)).toEqual(["Ada Lovelace"]);
    expect(await outputOf("query", "SELECT * FROM visits")).toMatchObject({
      rows: [{ person_id: persons[0]!.personId, camera_id: "front-door", engines: "[face-search]" }],
    });
    expect(await rows(`SELECT DISTINCT engine FROM sessions WHERE camera_id = 'front-door'`)).toEqual([
      ["face-search"],
    ]);
  });
});

describe("a camera's data stream", () => {
  test("whose record cannot be read has it in a queue with the reason, and its neighbours go on", async () => {
    const kinesis = new KinesisClient({ ...stack.config, requestHandler: new NodeHttpHandler() });
    const put = (text: string) =>
      kinesis.send(
        new PutRecordCommand({
          StreamName: camera.processorName,
          PartitionKey: "1",
          Data: Buffer.from(text),
        }),
      );
    await put("no record");
    const message = await valueOf(async () => {
      const { Messages = [] } = await new SQSClient(stack.config).send(
        new ReceiveMessageCommand({
          QueueUrl: fleet.outputs.UnrecordedQueueArn.replace(
            /^.*:/,
            `${stack.config.endpoint}/000000000000/`,
          ),
          MessageAttributeNames: ["All"],
        }),
      );
      return Messages[0];
    });
    expect(message.MessageAttributes?.["reason"]?.StringValue).toBe("the record is not JSON");
  });
});

/** Turns the clock on while something runs. */
async function whileTurning<T>(run: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => (isOver = true);
  run.then(over, over);
  while (!isOver) {
    stack.clock.turn(SECOND_MS / 2);
    await sleep(systemClock, 10);
  }
  return await run;
}

const clients = () => ({
  rekognition: new RekognitionClient(stack.config),
  kinesis: new KinesisClient({ ...stack.config, requestHandler: new NodeHttpHandler() }),
  lambda: new LambdaClient(stack.config),
  dynamodb: new DynamoDBClient(stack.config),
});

/** What a camera has of the engine face-search. */
async function partsLeft({ processorName }: Camera): Promise<string[]> {
  const { rekognition, kinesis, lambda, dynamodb } = clients();
  const isThere = (call: Promise<unknown>) =>
    call.then(
      () => true,
      (error: unknown) => ignoreError(error, "ResourceNotFoundException", false),
    );
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: fleet.outputs.RecordFacesFunctionName }),
  );
  const parts = {
    processor: await isThere(rekognition.send(new DescribeStreamProcessorCommand({ Name: processorName }))),
    "data stream": await isThere(
      kinesis.send(new DescribeStreamSummaryCommand({ StreamName: processorName })),
    ),
    trigger: EventSourceMappings.some(({ EventSourceArn }) => EventSourceArn!.endsWith(`/${processorName}`)),
    "session record":
      (await faceSessionsTable(fleet.outputs.FaceSessionsTableName, dynamodb).find(processorName)) !==
      undefined,
  };
  return Object.entries(parts).flatMap(([name, exists]) => (exists ? [name] : []));
}

/** A camera whose session runs, as far as its engine knows. */
async function cameraInSession(cameraId: string): Promise<Camera> {
  const added = await whileTurning(fleet.add({ cameraId, engine: "face-search", faces: true }));
  const { processorName, streamName } = added.camera;
  const { rekognition, dynamodb } = clients();
  await rekognition.send(new StartStreamProcessorCommand({ Name: processorName }));
  const nowMs = stack.clock.now();
  await faceSessionsTable(fleet.outputs.FaceSessionsTableName, dynamodb).put({
    processorName,
    version: 1,
    sessionId: `session-of-${cameraId}`,
    state: "running",
    streamName,
    videoStartMs: nowMs,
    maxDurationSeconds: 120,
    startedAtMs: nowMs,
    endAtMs: nowMs + 120_000,
    dueAtMs: nowMs + 120_000,
    step: 0,
    tags: { camera: cameraId },
  });
  return added.camera;
}

/** A fleet whose client dies after the first call that changes something. */
async function dyingFleet(): Promise<Fleet> {
  const info = ({ commandName = "" }: { commandName?: string }) => {
    // DeleteItem changes nothing the second time, and is called again each time.
    if (/^(Delete(?!Item)|Update|Put|Stop)/.test(commandName)) throw new Error("died");
  };
  const logger = { debug() {}, warn() {}, error() {}, info };
  return await Fleet.open("doorstep-dev", { ...stack.config, logger }, stack.clock);
}

/** Runs something again and again that dies after each call which changes something. @returns how often it died */
async function deathsOf(run: (dying: Fleet) => Promise<void>): Promise<number> {
  for (let deaths = 0; ; deaths++)
    try {
      await whileTurning(run(await dyingFleet()));
      return deaths;
    } catch (error) {
      if (!errorMessage(error).includes("died") || deaths > 30) throw error;
    }
}

/** A record of an image that shows one face, which nobody resembles. */
const recordOf = (streamArn: string) => {
  const atSeconds = stack.clock.now() / SECOND_MS;
  return {
    InputInformation: {
      KinesisVideo: {
        StreamArn: streamArn,
        FragmentNumber: "1",
        ServerTimestamp: atSeconds,
        ProducerTimestamp: atSeconds,
        FrameOffsetInSeconds: 0,
      },
    },
    StreamProcessorInformation: { Status: "RUNNING" },
    FaceSearchResponse: [
      {
        DetectedFace: { BoundingBox: { Left: 0.1, Top: 0.1, Width: 0.2, Height: 0.2 }, Confidence: 99 },
        MatchedFaces: [],
      },
    ],
  };
};

describe("a camera that leaves the engine while its session runs", () => {
  test("ends the session, keeps what its data stream holds, and has nothing left of the engine", async () => {
    const left = await cameraInSession("porch");
    const { kinesis, lambda } = clients();
    // recordFaces does not read the data stream any more, as when it is behind.
    const { EventSourceMappings = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: fleet.outputs.RecordFacesFunctionName }),
    );
    const trigger = EventSourceMappings.find(({ EventSourceArn }) =>
      EventSourceArn!.endsWith(`/${left.processorName}`),
    );
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID: trigger!.UUID }));
    const { stream } = await fleet.stateOf(left);
    await kinesis.send(
      new PutRecordCommand({
        StreamName: left.processorName,
        PartitionKey: "1",
        Data: Buffer.from(JSON.stringify(recordOf(stream!.arn))),
      }),
    );
    const { camera: moved, processor } = await whileTurning(fleet.update(left, { engine: "frames" }));
    expect({ engine: moved.engine, processor }).toEqual({ engine: "frames", processor: "deleted" });
    expect(await partsLeft(left)).toEqual([]);
    await stack.flushFirehose();
    expect(await rows(`SELECT count(*) FROM faces WHERE camera_id = 'porch'`)).toEqual([["1"]]);
    expect(await rows(`SELECT session_id, engine FROM sessions WHERE camera_id = 'porch'`)).toEqual([
      ["session-of-porch", "face-search"],
    ]);
  });

  test("goes on where an update ended that died, after each of its calls", async () => {
    const left = await cameraInSession("hall");
    const deaths = await deathsOf(async (dying) => {
      const registered = (await fleet.find("hall"))!;
      await dying.update(registered, registered.engine === "frames" ? {} : { engine: "frames" });
    });
    // Calls that are under way together may both be done when the run dies, so the number may be higher.
    expect(deaths).toBeGreaterThanOrEqual(4);
    expect(await partsLeft(left)).toEqual([]);
  });
});

describe("a camera that is removed", () => {
  test("leaves neither processor nor data stream", async () => {
    const removed = await whileTurning(fleet.remove(fleet.partsOf("front-door", camera)));
    expect(removed).toEqual({ record: true, processor: true, stream: true });
    expect(await partsLeft(camera)).toEqual([]);
  });

  test("goes on where a removal ended that died, after each of its calls", async () => {
    const gone = await cameraInSession("drive");
    const deaths = await deathsOf(async (dying) => {
      await dying.remove(dying.partsOf("drive", await fleet.find("drive")));
    });
    // Calls that are under way together may both be done when the run dies, so the number may be higher.
    expect(deaths).toBeGreaterThanOrEqual(4);
    expect(await partsLeft(gone)).toEqual([]);
    expect((await fleet.stateOf(gone)).stream).toBeUndefined();
  });
});

test("the roles of face searches suffice, and are minimal", () => {
  expect(stack.local.cloud.access.log.denials).toEqual([]);
  const roles = [
    "RecordFacesIamRoleLambdaExecution",
    "EndFaceSearchIamRoleLambdaExecution",
    "FaceSearchRole",
  ];
  expect(unusedOf(stack, ...roles)).toEqual([]);
});
