import { copyFile, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { GetDataEndpointCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";
import { frontDoorClip } from "../uploader/synthetic-clips.ts";
import { doorstep } from "./process.ts";

const startMs = 1_763_700_000_123;

let local: TestCloud;
let folder: string;
const environment = { ...process.env };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-cli-"));
  const stream = (name: string, hours: number) => ({
    Type: "AWS::KinesisVideo::Stream",
    Properties: { Name: name, DataRetentionInHours: hours },
  });
  local = await startTestCloud({
    services: [kinesisVideo],
    template: {
      Resources: { Kept: stream("kept", 24), Passing: stream("passing", 0), Filled: stream("filled", 24) },
    },
  });
  // As for any AWS tool, the environment has what the command line does not set.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: local.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "owner",
    AWS_SECRET_ACCESS_KEY: "owner",
  });
});
afterAll(async () => {
  process.env = environment;
  await local.stop();
  await rm(folder, { recursive: true });
});

async function storedIn(streamName: string) {
  const { DataEndpoint } = await local
    .client(KinesisVideoClient)
    .send(new GetDataEndpointCommand({ StreamName: streamName, APIName: "LIST_FRAGMENTS" }));
  const client = new KinesisVideoArchivedMediaClient({ endpoint: DataEndpoint!, region: "us-east-1" });
  const { Fragments = [] } = await client.send(
    new ListFragmentsCommand({
      StreamName: streamName,
      FragmentSelector: {
        FragmentSelectorType: "PRODUCER_TIMESTAMP",
        TimestampRange: {
          StartTimestamp: new Date(0),
          EndTimestamp: new Date(startMs + 10 * 365 * 86_400_000),
        },
      },
    }),
  );
  client.destroy();
  return Fragments.map(({ ProducerTimestamp }) => ProducerTimestamp!.getTime() - startMs).toSorted(
    (a, b) => a - b,
  );
}

describe("doorstep upload", () => {
  test("uploads a file to a stream and prints what is safe", async () => {
    const { exitCode, stdout, stderr } = await doorstep([
      "upload",
      frontDoorClip,
      "--stream",
      "kept",
      "--start",
      "2025-11-21T04:40:00.123Z",
    ]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      expect.stringMatching(/^front-door\.mp4: 8 fragments to kept, 8 persisted, \d\.\d MB$/),
      "  safe  2025-11-21T04:40:00.123Z to 2025-11-21T04:40:16.123Z",
    ]);
    expect(await storedIn("kept")).toEqual([0, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000]);
  });

  test("prints the same as JSON, also for a stream that stores nothing", async () => {
    const { exitCode, stdout } = await doorstep([
      "upload",
      frontDoorClip,
      "--stream",
      "passing",
      "--start",
      String(startMs),
      "--timecodes",
      "relative",
      "--json",
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      source: "front-door.mp4",
      streamName: "passing",
      fragments: 8,
      receivedFragments: 8,
      persistedFragments: 0,
      lostFragments: 0,
      safe: [{ fromMs: startMs, toMs: startMs + 16_000 }],
      connections: 1,
      failures: [],
      notices: [],
      dropped: [],
      startFrom: "given",
    });
  });

  test("sends a folder's files once, by content, and a file that is not a video does not stop the others", async () => {
    const long = new Date(Date.now() - 3_600_000);
    for (const name of ["one.mp4", "same-as-one.mp4"]) {
      await copyFile(frontDoorClip, join(folder, name));
      await utimes(join(folder, name), long, long);
    }
    await writeFile(join(folder, "broken.mp4"), "no video");
    await utimes(join(folder, "broken.mp4"), long, long);
    const first = await doorstep(["upload", folder, "--stream", "filled", "--start", "file"]);
    expect(first.exitCode).toBe(1);
    expect(first.stdout).toMatch(/one\.mp4: 8 fragments to filled, 8 persisted/);
    expect(first.stdout).toMatch(/same-as-one\.mp4: sent before/);
    expect(first.stderr).toBe(
      "broken.mp4: not a video file; expected MP4, MOV, MKV or MPEG-TS\n" +
        "doorstep upload: 1 of 3 files could not be sent\n",
    );
    await rm(join(folder, "broken.mp4"));
    const again = await doorstep(["upload", folder, "--stream", "filled", "--json"]);
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({
      files: [
        { file: "one.mp4", outcome: "sent-before" },
        { file: "same-as-one.mp4", outcome: "sent-before" },
      ],
    });
    expect(await storedIn("filled")).toHaveLength(8);
    expect(await readFile(join(folder, ".doorstep-sent.jsonl"), "utf8")).toMatch(/"isDone":true/);
  });

  test("says whose time it took, and refuses to put an old file where nothing is analysed", async () => {
    const old = await doorstep(["upload", frontDoorClip, "--stream", "kept"]);
    expect(old.exitCode).toBe(1);
    expect(old.stderr).toMatch(
      /^doorstep upload: front-door\.mp4: its creation time 2026-11-21T00:59:46\.000Z lies /,
    );
    expect(old.stderr).toMatch(/--start now sends it as if it had just been recorded\n$/);
    const { stdout, exitCode } = await doorstep([
      "upload",
      frontDoorClip,
      "--stream",
      "passing",
      "--start",
      "now",
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\n {2}time {2}by this machine's clock: the first frame is at \d{4}-.*Z\n/);
    expect(stdout).toMatch(
      /\n {2}no motion reported: --motion does it, or a motion request with {"at":"\d{4}-.*Z"}\n$/,
    );
  });

  test.each([
    ["motion without a camera", [frontDoorClip, "--stream", "kept", "--motion"], "--motion needs a --camera"],
    [
      "an unknown zone",
      [frontDoorClip, "--stream", "kept", "--zone", "Berlin"],
      "--zone is Berlin; expected a name",
    ],
    [
      "a zone beside a time",
      [frontDoorClip, "--stream", "kept", "--zone", "UTC", "--start", "now"],
      "--zone is for the creation time of a file",
    ],
    ["neither camera nor stream", ["x.mp4"], "expected either --camera or --stream"],
    ["both", ["x.mp4", "--camera", "a", "--stream", "b"], "expected either --camera or --stream"],
    ["no source", ["--stream", "kept"], "expected <source>, got none"],
    ["an unknown flag", ["x", "--sream", "kept"], "Unknown option '--sream'"],
    [
      "another pace",
      [frontDoorClip, "--stream", "kept", "--pace", "slow"],
      "--pace is slow; expected fast or realtime",
    ],
    [
      "a start in seconds",
      [frontDoorClip, "--stream", "kept", "--start", "1763700000"],
      "it looks like seconds: did you mean 1763700000000?",
    ],
    ["a file to watch", [frontDoorClip, "--stream", "kept", "--watch"], "--watch and --state need a folder"],
  ])("refuses wrong arguments with exit code 2: %s", async (_, args, message) => {
    const { exitCode, stderr } = await doorstep(["upload", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test("fails with exit code 1 and the service's own error name", async () => {
    const { exitCode, stdout } = await doorstep([
      "upload",
      frontDoorClip,
      "--stream",
      "absent",
      "--start",
      "now",
      "--json",
    ]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { name: "UploadError", code: "ResourceNotFoundException", summary: { fragments: 0, safe: [] } },
    });
    expect((await doorstep(["upload", "absent.mp4", "--stream", "kept"])).stderr).toBe(
      "doorstep upload: absent.mp4 does not exist\n",
    );
  });

  test("shows its help and lists the commands", async () => {
    const { exitCode, stdout } = await doorstep(["upload", "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^Upload video to a camera's Kinesis video stream\n\nUsage: npx doorstep upload <source> \[flags\]/,
    );
    expect((await doorstep(["--help"])).stdout).toMatch(/\n {2}upload +Upload video/);
    expect(await doorstep(["uplaod"])).toMatchObject({ exitCode: 2 });
  });
});
