import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient, ListStreamsCommand } from "@aws-sdk/client-kinesis-video";
import { ListStreamProcessorsCommand, RekognitionClient } from "@aws-sdk/client-rekognition";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { drawClip } from "../local/kinesis-video/clips.ts";
import { startStack, type TestStack } from "../local/stack.ts";
import { makeClip } from "../uploader/synthetic-clips.ts";
import { useCloud } from "./cloud.ts";
import type { Labels } from "../../cli/labels.ts";
import { doorstep } from "./process.ts";

let stack: TestStack;
let restoreEnvironment: () => void;
let folder: string;
let before: Awaited<ReturnType<typeof whatIsThere>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-simulate-"));
  await cp("events/videos", folder, { recursive: true });
  // Not in the folders that the local cloud searches: the labels files come with the clips.
  stack = await startStack();
  restoreEnvironment = useCloud(stack.config.endpoint, stack.clock);
  before = await whatIsThere();
});
afterAll(async () => {
  restoreEnvironment();
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** Everything that a simulation might create. */
async function whatIsThere() {
  const { config, journey } = stack;
  const { CamerasTableName, SessionsTableName, DetectionsTopicArn } = journey.outputs;
  const dynamodb = new DynamoDBClient(config);
  const idsIn = async (TableName: string) =>
    ((await dynamodb.send(new ScanCommand({ TableName }))).Items ?? [])
      .filter(({ removed }) => !removed)
      .map(({ cameraId }) => cameraId!.S!)
      .toSorted();
  const [streams, processors, queues, subscriptions, cameras, sessions] = await Promise.all([
    new KinesisVideoClient(config).send(new ListStreamsCommand({})),
    new RekognitionClient(config).send(new ListStreamProcessorsCommand({})),
    new SQSClient(config).send(new ListQueuesCommand({})),
    new SNSClient(config).send(new ListSubscriptionsByTopicCommand({ TopicArn: DetectionsTopicArn })),
    idsIn(CamerasTableName),
    idsIn(SessionsTableName),
  ]);
  const inOrder = (names: readonly (string | undefined)[] = []) =>
    names.map(String).toSorted((a, b) => (a < b ? -1 : 1));
  return {
    streams: inOrder(streams.StreamInfoList?.map(({ StreamName }) => StreamName)),
    processors: inOrder(processors.StreamProcessors?.map(({ Name }) => Name)),
    queues: inOrder(queues.QueueUrls),
    subscriptions: inOrder(subscriptions.Subscriptions?.map(({ Endpoint }) => Endpoint)),
    cameras,
    sessions,
  };
}

interface Clip {
  readonly clip: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly sessions: readonly { atMs: number; maxDurationSeconds: number; processedMs: number }[];
  readonly detections: readonly { label: string; detectedAtMs: number }[];
  readonly failure?: string;
}

/** The summary of a clip, with times relative to its start. */
const summaryOf = ({ clip, cameraId, startMs, sessions, detections, failure }: Clip) => ({
  clip,
  cameraId,
  sessions: sessions.map(({ atMs, maxDurationSeconds, processedMs }) => [
    atMs - startMs,
    maxDurationSeconds,
    processedMs,
  ]),
  firstSeenMs: Object.fromEntries(
    detections
      .toSorted((a, b) => b.detectedAtMs - a.detectedAtMs)
      .map(({ label, detectedAtMs }) => [label, Math.floor((detectedAtMs - startMs) / 500) * 500]),
  ),
  failure,
});

const byName = (clips: readonly Clip[]) =>
  clips.map(summaryOf).toSorted((a, b) => (a.clip < b.clip ? -1 : 1));

describe("doorstep simulate", () => {
  test("streams every clip through its own camera, chains sessions over its length, and removes what it created", async () => {
    await writeFile(join(folder, "notes.txt"), "no video");
    const { exitCode, stdout } = await doorstep(["simulate", folder, "--seconds", "5", "--clean", "--json"]);
    const { clips, skipped, left, removed, problems } = JSON.parse(stdout);
    expect([exitCode, problems]).toEqual([0, []]);
    expect(byName(clips)).toEqual([
      {
        clip: "back-yard.mp4",
        cameraId: "back-yard",
        // A session ends at the first fragment's end at or after its length; fragments last 2 s, the last one 1 s.
        sessions: [
          [0, 5, 6000],
          [6000, 5, 6000],
          [12_000, 2, 2000],
          [14_000, 1, 1000],
        ],
        firstSeenMs: { PET: 2000, PERSON: 9000 },
        failure: undefined,
      },
      {
        clip: "front-door.mp4",
        cameraId: "front-door",
        sessions: [
          [0, 5, 6000],
          [6000, 5, 6000],
          [12_000, 3, 4000],
        ],
        firstSeenMs: { PERSON: 1500, PACKAGE: 6000 },
        failure: undefined,
      },
    ]);
    expect(skipped).toEqual([
      { file: "notes.txt", reason: "not a video file; expected MP4, MOV, MKV or MPEG-TS" },
    ]);
    expect(clips.map(({ labelsFile, unusedBecause }: Labels) => [labelsFile, unusedBecause])).toEqual([
      [expect.stringMatching(/^(back-yard|front-door)\.labels\.json$/), undefined],
      [expect.stringMatching(/^(back-yard|front-door)\.labels\.json$/), undefined],
    ]);
    expect([left, removed]).toEqual([[], 2]);
    expect(await whatIsThere()).toEqual(before);
    await rm(join(folder, "notes.txt"));
  });

  test("streams a folder's clips one after another through one camera, and lists what it kept", async () => {
    const { exitCode, stdout } = await doorstep(["simulate", folder, "--camera", "gate"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/back-yard\.mp4 +gate +8\/8 +2 +0:15\.0 of 0:15\.0 +PET 0:02\.\d .*, PERSON 0:09/);
    expect(stdout).toMatch(
      /front-door\.mp4 +gate +8\/8 +1 +0:16\.0 of 0:16\.0 +PERSON 0:01\.\d .*, PACKAGE 0:06/,
    );
    expect(stdout).toContain(
      "  camera gate: stream doorstep-dev-camera-gate, stream processor doorstep-dev-camera-gate, record\n",
    );
    expect(await whatIsThere()).toEqual({
      ...before,
      streams: ["doorstep-dev-camera-gate"],
      processors: ["doorstep-dev-camera-gate"],
      cameras: ["gate"],
      sessions: ["gate"],
    });
    const shown = JSON.parse((await doorstep(["coverage", "gate", "--json"])).stdout);
    const [first, second] = shown.intervals;
    expect([
      first.endMs - first.startMs,
      second.startMs - first.endMs,
      second.endMs - second.startMs,
    ]).toEqual([15_000, 2000, 16_000]);
    expect(shown.overlaps).toEqual([]);
  });

  test("keeps an existing camera, and separates a clip that fails from the others", async () => {
    const mixed = await mkdtemp(join(tmpdir(), "doorstep-mixed-"));
    // Its frames have no picture: it can be stored, but not analysed.
    await makeClip(join(mixed, "hollow.mp4"), { durationS: 4, keyframeEveryS: 2 });
    await drawClip(join(mixed, "Drawn Clip.mp4"), { durationS: 4 });
    await stack.journey.register("hollow");
    const there = await whatIsThere();
    const { exitCode, stdout, stderr } = await doorstep(["simulate", mixed, "--clean", "--json"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("doorstep simulate: 1 of 2 clips failed\n");
    const { summary } = JSON.parse(stdout).error;
    expect(byName(summary.clips)).toMatchObject([
      {
        clip: "Drawn Clip.mp4",
        cameraId: "drawn-clip",
        sessions: [
          [0, 3, 3000],
          [3000, 1, 1000],
        ],
      },
      { clip: "hollow.mp4", failure: expect.stringMatching(/^session \S+ of hollow analysed no video$/) },
    ]);
    expect([summary.left, summary.removed]).toEqual([[], 1]);
    // The session that failed is on record.
    expect(await whatIsThere()).toEqual({ ...there, sessions: [...there.sessions, "hollow"].toSorted() });
    await rm(mixed, { recursive: true });
  });

  test("has frames analyse the clips in an account that streaming video is closed to", async () => {
    const there = await whatIsThere();
    const setOpen = (open: boolean) =>
      stack.local.control("POST /_doorstep/rekognition/availability", { open });
    await setOpen(false);
    try {
      const { exitCode, stdout } = await doorstep(["simulate", folder, "--clean", "--json"]);
      expect(exitCode).toBe(0);
      const clips = byName(JSON.parse(stdout).clips);
      // The samples of a session are 0, 1, 3, 7 and 12 s after its start.
      expect(clips.map(({ clip, firstSeenMs }) => [clip, firstSeenMs])).toEqual([
        ["back-yard.mp4", { PET: 3000, PERSON: 12_000 }],
        ["front-door.mp4", { PERSON: 3000, PACKAGE: 7000 }],
      ]);
      for (const { sessions } of clips) expect(sessions).toHaveLength(2);
    } finally {
      await setOpen(true);
    }
    expect(await whatIsThere()).toEqual(there);
  });

  test("runs its sessions during the upload in real time", async () => {
    const short = await mkdtemp(join(tmpdir(), "doorstep-short-"));
    await drawClip(join(short, "short.mp4"), { durationS: 3 });
    const { exitCode, stdout } = await doorstep([
      "simulate",
      short,
      "--pace",
      "realtime",
      "--clean",
      "--json",
    ]);
    expect(exitCode).toBe(0);
    expect(byName(JSON.parse(stdout).clips)).toMatchObject([
      {
        sessions: [
          [0, 2, 2000],
          [2000, 1, 1000],
        ],
      },
    ]);
    await rm(short, { recursive: true });
  });

  test("an upload with --motion reports motion for exactly what it sent", async () => {
    const there = await whatIsThere();
    await stack.journey.register("yard");
    const uploaded = await doorstep([
      "upload",
      join(folder, "back-yard.mp4"),
      "--camera",
      "yard",
      "--start",
      "now",
      "--motion",
      "--json",
    ]);
    const { startFrom, safe, motionRequests, labelsFile } = JSON.parse(uploaded.stdout);
    expect([uploaded.exitCode, startFrom, motionRequests, labelsFile]).toEqual([
      0,
      "now",
      2,
      "back-yard.labels.json",
    ]);
    const [{ fromMs, toMs }] = safe;
    const { SessionsTableName } = stack.journey.outputs;
    const { Items = [] } = await new DynamoDBClient(stack.config).send(
      new ScanCommand({ TableName: SessionsTableName }),
    );
    const record = Items.find(({ cameraId }) => cameraId!.S === "yard")!;
    expect([record["lastStartMs"]!.N, record["stopsMs"]!.L!.map(({ N }) => N)]).toEqual([
      String(fromMs),
      [String(toMs)],
    ]);
    expect((await doorstep(["camera", "remove", "yard", "--yes"])).exitCode).toBe(0);
    expect(await whatIsThere()).toEqual(there);
  });

  test("removes what it created when it is interrupted, too", async () => {
    const there = await whatIsThere();
    const stop = new AbortController();
    const { events } = stack.local.cloud;
    const unsubscribe = events.subscribe(({ name, detail }) => {
      if (name === "session-started" && detail["processor"] === "doorstep-dev-camera-back-yard")
        stop.abort(new Error("interrupted by SIGINT"));
    });
    const { exitCode, stdout } = await doorstep(
      ["simulate", folder, "--parallel", "1", "--clean", "--json"],
      { signal: stop.signal },
    );
    unsubscribe();
    expect(exitCode).toBe(1);
    const { message, summary } = JSON.parse(stdout).error;
    expect(message).toBe("interrupted by SIGINT; 2 of 2 clips failed");
    expect(byName(summary.clips)).toMatchObject([
      { clip: "back-yard.mp4", failure: "interrupted by SIGINT" },
    ]);
    expect([summary.left, summary.removed]).toEqual([[], 1]);
    expect(await whatIsThere()).toEqual(there);
  });

  test.each([
    ["an unknown pace", ["--pace", "slow"], 2, "--pace is slow; expected fast or realtime"],
    [
      "too long a session",
      ["--seconds", "121"],
      2,
      "--seconds is 121; expected a whole number from 1 to 120",
    ],
    ["no camera at a time", ["--parallel", "0"], 2, "--parallel is 0; expected a whole number from 1 to 20"],
    ["an invalid id", ["--camera", "Front Door"], 2, "--camera is Front Door; expected 1 to 63 lower case"],
    ["a missing stack", ["--stack", "other"], 1, "2 of 2 clips failed; "],
  ])("refuses %s with its exit code and the reason", async (_, flags, code, message) => {
    const { exitCode, stderr } = await doorstep(["simulate", folder, ...flags]);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });

  test("names a folder that is missing or has no clip", async () => {
    expect((await doorstep(["simulate", join(folder, "none")])).stderr).toBe(
      `doorstep simulate: there is no folder ${join(folder, "none")}\n`,
    );
    const empty = await mkdtemp(join(tmpdir(), "doorstep-empty-"));
    expect(await doorstep(["simulate", empty])).toMatchObject({
      exitCode: 1,
      stderr: `doorstep simulate: ${empty} has no clip to simulate\n`,
    });
    await rm(empty, { recursive: true });
  });
});
