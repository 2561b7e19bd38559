import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  CreateCollectionCommand,
  CreateStreamProcessorCommand,
  DeleteStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  RekognitionClient,
  StartStreamProcessorCommand,
  StopStreamProcessorCommand,
  UpdateStreamProcessorCommand,
  type CreateStreamProcessorRequest,
} from "@aws-sdk/client-rekognition";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { KinesisHttp1Client } from "../../../local/kinesis/client.ts";
import { kinesis } from "../../../local/kinesis/index.ts";
import { rekognition } from "../../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { read } from "../kinesis/support.ts";
import { FakeStream, fakeKinesisVideo, fragmentsOf, type StoredFragment } from "./fake-stream.ts";
import { roleArn } from "./stack.ts";

const CLIP = join(import.meta.dirname, "../../../events/videos/front-door.mp4");
const START_MS = 1_763_726_400_000;
const PERSON = "person-0123456789abcdef0123";
const FACES = {
  tracks: [
    {
      person: PERSON,
      keyframes: [1000, 3000].map((offsetMillis) => ({
        offsetMillis,
        box: { left: 0.25, top: 0.25, width: 0.25, height: 0.5 },
      })),
    },
  ],
};
const streamArn = (name: string) =>
  `arn:aws:kinesisvideo:us-east-1:000000000000:stream/${name}/1763700000000`;
const dataArn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;

const statement = (Action: string | string[], Resource: string) => ({ Effect: "Allow", Action, Resource });
const readVideo = statement(["kinesisvideo:GetDataEndpoint", "kinesisvideo:GetMedia"], streamArn("*"));
const writeRecords = statement(["kinesis:PutRecord", "kinesis:PutRecords"], dataArn("*"));
const role = (RoleName: string, Statement: readonly object[]) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Statement: {
        Effect: "Allow",
        Principal: { Service: "rekognition.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    },
    Policies: [{ PolicyName: "search", PolicyDocument: { Statement } }],
  },
});
const NAMES = Array.from({ length: 12 }, (_, index) => `door-${index + 1}`);
const template = {
  Resources: {
    ...Object.fromEntries(
      NAMES.map((Name) => [
        Name.replace("-", ""),
        { Type: "AWS::Kinesis::Stream", Properties: { Name, ShardCount: 1 } },
      ]),
    ),
    Full: role("full", [readVideo, writeRecords]),
    NoVideo: role("no-video", [writeRecords]),
    NoRecords: role("no-records", [readVideo]),
  },
};

let clip: { header: Uint8Array; fragments: StoredFragment[] };
let folder: string;
let local: TestCloud;
let client: RekognitionClient;
const streams = NAMES.map((name) => new FakeStream(streamArn(name)));

beforeAll(async () => {
  clip = await fragmentsOf(CLIP, START_MS);
  for (const stream of streams) stream.header = clip.header;
  folder = mkdtempSync(join(tmpdir(), "doorstep-face-search-"));
  writeFileSync(join(folder, "front-door.faces.json"), JSON.stringify(FACES));
  local = await startTestCloud({
    services: [fakeKinesisVideo(() => streams), kinesis, rekognition],
    template,
    clipFolders: [folder],
    dataFolder: join(folder, "data"),
  });
  client = local.client(RekognitionClient);
  await client.send(new CreateCollectionCommand({ CollectionId: "faces" }));
});
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true, maxRetries: 5 });
});

const create = (Name: string, changes: object = {}) => {
  // Creations and stops are limited to some a second.
  local.clock.turn(1100);
  return client.send(
    new CreateStreamProcessorCommand({
      Name,
      Input: { KinesisVideoStream: { Arn: streamArn(Name) } },
      Output: { KinesisDataStream: { Arn: dataArn(Name) } },
      Settings: { FaceSearch: { CollectionId: "faces", FaceMatchThreshold: 50 } },
      RoleArn: roleArn("full"),
      ...changes,
    } as CreateStreamProcessorRequest),
  );
};
const start = (Name: string) => client.send(new StartStreamProcessorCommand({ Name }));
const stop = (Name: string) => {
  local.clock.turn(1100);
  return client.send(new StopStreamProcessorCommand({ Name }));
};
const remove = (Name: string) => client.send(new DeleteStreamProcessorCommand({ Name }));
const statusOf = async (Name: string) => {
  const { Status, StatusMessage } = await client.send(new DescribeStreamProcessorCommand({ Name }));
  return [Status, ...(StatusMessage === undefined ? [] : [StatusMessage])];
};
const emitted = (name: string, processor: string) =>
  local.cloud.events.waitFor(
    (event) =>
      event.service === "rekognition" && event.name === name && event.detail["processor"] === processor,
  );
const recordsOf = async (name: string) =>
  (await read(local.client(KinesisHttp1Client), name)).map(
    (text) => JSON.parse(text) as Record<string, unknown>,
  );

describe("a face search processor", () => {
  test("is started by its name alone, runs until it is stopped, and puts one record per analysed frame", async () => {
    const [name, stream] = ["door-1", streams[0]!];
    await create(name);
    const running = emitted("face-search-running", name);
    const { SessionId } = await start(name);
    expect(SessionId).toBeUndefined();
    expect((await running) && (await statusOf(name))).toEqual(["RUNNING"]);
    await expect(start(name)).rejects.toMatchObject({ name: "ResourceInUseException" });
    await expect(remove(name)).rejects.toMatchObject({ name: "ResourceInUseException" });

    stream.add(...clip.fragments.slice(0, 2));
    await local.cloud.events.waitFor(
      ({ name: event, detail }) =>
        event === "frame-searched" && Number(detail["producerTimestampMs"]) >= START_MS + 2900,
    );
    const stopped = emitted("face-search-stopped", name);
    await stop(name);
    await stopped;
    expect(await statusOf(name)).toEqual(["STOPPED"]);
    stream.add(clip.fragments[2]!);
    await nextTurn();

    const records = await recordsOf(name);
    const kinesisVideo = (number: number, offsetSeconds: unknown) => ({
      StreamArn: streamArn(name),
      FragmentNumber: String(number),
      ServerTimestamp: START_MS / 1000 + (number - 1) * 2 + 2,
      ProducerTimestamp: START_MS / 1000 + (number - 1) * 2,
      FrameOffsetInSeconds: offsetSeconds,
    });
    expect(records.map(({ InputInformation }) => InputInformation)).toEqual(
      [1, 1, 2, 2].map((number, index) => ({
        KinesisVideo: kinesisVideo(number, index % 2 === 0 ? 0 : expect.closeTo(1, 0)),
      })),
    );
    expect(records.map(({ StreamProcessorInformation }) => StreamProcessorInformation)).toEqual(
      Array(4).fill({ Status: "RUNNING" }),
    );
    // The face is in the clip from its first to its third second.
    expect(records.map(({ FaceSearchResponse }) => (FaceSearchResponse as unknown[]).length)).toEqual([
      0, 1, 1, 1,
    ]);
  });

  test("takes what a label processor has as an error, as well as a second processor of its streams", async () => {
    await create("door-2");
    const refused = (name: string, changes: object) =>
      create(name, changes).then(
        () => "created",
        (error: Error) => error.name,
      );
    for (const changes of [
      { NotificationChannel: { SNSTopicArn: "arn:aws:sns:us-east-1:000000000000:detections" } },
      { Output: { S3Destination: { Bucket: "evidence" } } },
      { RegionsOfInterest: [] },
      { Settings: { FaceSearch: { CollectionId: "faces" }, ConnectedHome: { Labels: ["ALL"] } } },
      { Settings: { FaceSearch: { CollectionId: "no spaces" } } },
      { Settings: { FaceSearch: { CollectionId: "faces", FaceMatchThreshold: 101 } } },
    ])
      expect(await refused("door-3", changes)).toBe("InvalidParameterException");
    expect(await refused("door-3", { Input: { KinesisVideoStream: { Arn: streamArn("door-2") } } })).toBe(
      "ResourceInUseException",
    );
    expect(await refused("door-3", { Output: { KinesisDataStream: { Arn: dataArn("door-2") } } })).toBe(
      "ResourceInUseException",
    );
    await expect(
      client.send(new UpdateStreamProcessorCommand({ Name: "door-2", SettingsForUpdate: {} })),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(
      client.send(
        new StartStreamProcessorCommand({ Name: "door-2", StopSelector: { MaxDurationInSeconds: 5 } }),
      ),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
    await remove("door-2");
  });

  test.each([
    ["may not be assumed", "door-4", { RoleArn: roleArn("missing") }, /^Access denied to Role: /],
    [
      "may not read the video",
      "door-6",
      { RoleArn: roleArn("no-video") },
      /^Access denied to Kinesis Video: /,
    ],
    [
      "whose collection does not exist",
      "door-7",
      { Settings: { FaceSearch: { CollectionId: "others" } } },
      /^Collection others doesn't exist$/,
    ],
  ])("that %s fails after its start, and says why", async (_, name, changes, message) => {
    await create(name, changes);
    const failure = emitted("face-search-failed", name);
    await start(name);
    await failure;
    expect(await statusOf(name)).toEqual(["FAILED", expect.stringMatching(message)]);
    await remove(name);
  });

  test("that may not write its records fails at the first, and says why", async () => {
    await create("door-5", { RoleArn: roleArn("no-records") });
    const running = emitted("face-search-running", "door-5");
    await start("door-5");
    await running;
    const failure = emitted("face-search-failed", "door-5");
    streams[4]!.add(clip.fragments[0]!);
    await failure;
    expect(await statusOf("door-5")).toEqual([
      "FAILED",
      expect.stringMatching(/^Access denied to Kinesis Data Stream: /),
    ]);
    await remove("door-5");
  });

  test("is refused while ten others run", async () => {
    const names = NAMES.slice(0, 11);
    for (const name of names.filter((one) => one !== "door-1")) await create(name);
    local.clock.turn(1000);
    for (const name of names.slice(0, 10)) await start(name);
    await expect(start(names[10]!)).rejects.toMatchObject({
      name: "ThrottlingException",
      message: "10 face search stream processors run already in us-east-1.",
    });
  });
});
