import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient, ListStreamsCommand } from "@aws-sdk/client-kinesis-video";
import {
  DescribeStreamProcessorCommand,
  ListStreamProcessorsCommand,
  StartStreamProcessorCommand,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import type { CloudEvent } from "../../local/events.ts";
import { camerasTable } from "../../aws/cameras.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { systemClock } from "../../base/clock.ts";
import { pollUntil } from "../../base/poll.ts";
import type { TestStack } from "../local/stack.ts";
import { Fleet } from "../../operator/fleet.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { doorstep } from "./process.ts";
import { useStack } from "./stack.ts";

let stack: TestStack;
let rekognition: RekognitionClient;
useStack(
  (started) => {
    stack = started;
    rekognition = new RekognitionClient(stack.config);
  },
  ["events/videos"],
);

/** Runs a camera command that succeeds, and returns its JSON. */
async function camera(...args: string[]) {
  const { exitCode, stdout, stderr } = await doorstep(["camera", ...args, "--json"]);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Runs a camera command that fails, and returns its exit code and output. */
async function refusal(...args: string[]) {
  const { exitCode, stdout, stderr } = await doorstep(["camera", ...args]);
  return [exitCode, stdout, stderr.split("\n")[0]];
}

const processorOf = (cameraId: string) =>
  rekognition.send(new DescribeStreamProcessorCommand({ Name: `doorstep-dev-camera-${cameraId}` }));

async function idsIn(TableName: string): Promise<string[]> {
  const { Items = [] } = await new DynamoDBClient(stack.config).send(new ScanCommand({ TableName }));
  return Items.filter(({ removed }) => !removed)
    .map(({ cameraId }) => String(cameraId?.S))
    .toSorted();
}

/** All parts of cameras that exist. */
async function whatIsThere() {
  const { CamerasTableName, SessionsTableName } = stack.journey.outputs;
  const [streams, processors, cameras, sessions] = await Promise.all([
    new KinesisVideoClient(stack.config).send(new ListStreamsCommand({})),
    rekognition.send(new ListStreamProcessorsCommand({})),
    idsIn(CamerasTableName),
    idsIn(SessionsTableName),
  ]);
  return {
    streams: streams.StreamInfoList?.map(({ StreamName }) => StreamName),
    processors: processors.StreamProcessors?.map(({ Name }) => Name),
    cameras,
    sessions,
  };
}

/** The status of a request to the motion API. */
const statusOf = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;

/** Runs something while streaming video is closed to the account. */
async function whileClosed<T>(run: () => Promise<T>): Promise<T> {
  const setOpen = (open: boolean) =>
    stack.local.control("POST /_doorstep/rekognition/availability", { open });
  await setOpen(false);
  try {
    return await run();
  } finally {
    await setOpen(true);
  }
}

describe("doorstep camera add", () => {
  test("chooses stream processors until creating one shows that they are closed to the account, and frames then", async () => {
    const fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
    const before = await whatIsThere();
    const first = await fleet.add({ cameraId: "first", engine: "auto" });
    const second = await whileClosed(() => fleet.add({ cameraId: "second", engine: "auto" }));
    expect(
      [first, second].map(({ camera: { engine }, processor, engineReason }) => [
        engine,
        processor,
        engineReason,
      ]),
    ).toEqual([
      [
        "stream-processor",
        "created",
        "this account may create stream processors, and they analyse all of the video",
      ],
      ["frames", "none", "Rekognition's streaming video is closed to this account"],
    ]);
    for (const {
      camera: { cameraId },
    } of [first, second])
      await camera("remove", cameraId, "--yes");
    expect(await whatIsThere()).toEqual(before);
  });

  test("creates stream, processor and record with all settings, and creates nothing twice", async () => {
    const flags = [
      "--labels",
      "PERSON=80,PACKAGE=60",
      "--region-of-interest",
      "0,0.5,1,0.5",
      "--region-of-interest",
      "0,0 1,0 0.5,0.5",
      "--max-duration",
      "20",
      "--pre-roll",
      "3",
      "--motion-timeout",
      "90",
      "--start-timeout",
      "600",
      "--budget-minutes",
      "30",
      "--schedule",
      "mon-fri 22:00-06:00",
      "--time-zone",
      "Europe/Berlin",
      "--tag",
      "site=north",
      "--tag",
      "tenant=a",
      "--retention-hours",
      "48",
      "--engine",
      "stream-processor",
      "--motion-format",
      "generic",
      "--motion-began",
      "event.state=start,active",
      "--motion-ended",
      "event.state=stop",
      "--motion-time",
      "event.time",
    ];
    const record = {
      cameraId: "gate",
      engine: "stream-processor",
      streamName: "doorstep-dev-camera-gate",
      processorName: "doorstep-dev-camera-gate",
      labels: { PERSON: 80, PACKAGE: 60 },
      regionsOfInterest: [
        { box: { left: 0, top: 0.5, width: 1, height: 0.5 } },
        {
          polygon: [
            { x: 0, y: 0 },
            { x: 1, y: 0 },
            { x: 0.5, y: 0.5 },
          ],
        },
      ],
      maxSampleGapSeconds: 5,
      whenAllDetected: "stop",
      faces: false,
      maxDurationSeconds: 20,
      preRollSeconds: 3,
      motionTimeoutSeconds: 90,
      startTimeoutSeconds: 600,
      dailyBudgetMinutes: 30,
      motionFormat: "generic",
      motionBegan: "event.state=start,active",
      motionEnded: "event.state=stop",
      motionTime: "event.time",
      armed: true,
      schedule: [
        { days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00", until: "24:00" },
        { days: ["tue", "wed", "thu", "fri", "sat"], from: "00:00", until: "06:00" },
      ],
      timeZone: "Europe/Berlin",
      tags: { site: "north", tenant: "a" },
      keyVersion: 1,
    };
    const { credentials, webhooks, ...first } = await camera("add", "gate", ...flags);
    expect(first).toEqual({
      camera: record,
      outcome: "added",
      record: "created",
      stream: { name: "doorstep-dev-camera-gate", outcome: "created", retentionHours: 48 },
      processor: { name: "doorstep-dev-camera-gate", outcome: "created" },
      trial: { outcome: "not-tried", reason: "its stream holds no video yet" },
    });
    const { MotionApiUrl, RekognitionRoleArn } = stack.journey.outputs;
    expect(webhooks).toEqual({
      startUrl: `${MotionApiUrl}/cameras/gate/motion/start`,
      stopUrl: `${MotionApiUrl}/cameras/gate/motion/stop`,
      sessionUrl: `${MotionApiUrl}/cameras/gate/session`,
    });
    expect(credentials.webhookSecret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(await processorOf("gate")).toMatchObject({
      // It was not started.
      Status: "STOPPED",
      RoleArn: RekognitionRoleArn,
      Settings: { ConnectedHome: { Labels: ["PERSON", "PACKAGE"], MinConfidence: 60 } },
      RegionsOfInterest: [
        { BoundingBox: { Left: 0, Top: 0.5, Width: 1, Height: 0.5 } },
        {
          Polygon: [
            { X: 0, Y: 0 },
            { X: 1, Y: 0 },
            { X: 0.5, Y: 0.5 },
          ],
        },
      ],
    });
    const there = await whatIsThere();
    const again = await camera("add", "gate", ...flags);
    expect(again).toEqual({
      camera: record,
      outcome: "existed",
      record: "existed",
      stream: { name: "doorstep-dev-camera-gate", outcome: "existed", retentionHours: 48 },
      processor: { name: "doorstep-dev-camera-gate", outcome: "existed" },
      webhooks,
    });
    expect(await whatIsThere()).toEqual(there);
    expect(await refusal("add", "gate", "--labels", "PET", "--retention-hours", "24")).toEqual([
      1,
      "",
      "doorstep camera add: gate is registered with other labels, retentionHours; nothing was changed, npx doorstep camera update gate does",
    ]);
  });

  test("prints a credential in four forms that the motion API accepts, and curl commands that work", async () => {
    const { credentials, webhooks } = await camera("add", "porch", "--no-trial");
    const { webhookSecret, bearerToken, basicUser, basicPassword, curl } = credentials;
    const sign = (body: string, at = new Date()) => {
      const id = `msg_${randomUUID()}`;
      return {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(webhookSecret).sign(id, at, body),
      };
    };
    const basic = Buffer.from(`${basicUser}:${basicPassword}`).toString("base64");
    const { startUrl, stopUrl } = webhooks;
    expect([
      await statusOf(startUrl, { method: "POST", headers: sign("{}"), body: "{}" }),
      await statusOf(stopUrl, { method: "POST", headers: sign("{}"), body: "{}" }),
      await statusOf(startUrl, { headers: { authorization: `Bearer ${bearerToken}` } }),
      await statusOf(stopUrl, { headers: { authorization: `Basic ${basic}` } }),
      await statusOf(credentials.tokenStartUrl),
      await statusOf(credentials.tokenStopUrl),
      await statusOf(startUrl),
      await statusOf(`${startUrl}?token=${bearerToken}x`),
    ]).toEqual([202, 200, 200, 200, 200, 200, 401, 401]);
    const { username, password, host } = new URL(credentials.basicStartUrl);
    expect([username, password, host]).toEqual([basicUser, basicPassword, new URL(startUrl).host]);
    expect(curl.signature).toContain(`-d '{"motion":"start"}' '${startUrl}'`);
    for (const line of Object.values<string>(curl)) {
      const { stdout } = await promisify(execFile)("sh", ["-c", line]);
      expect(JSON.parse(stdout)).toMatchObject({ state: expect.stringMatching(/^(starting|running)$/) });
    }
    expect(Object.keys(curl)).toEqual(["signature", "bearer", "basic", "query"]);
    // It sends its password only after a challenge.
    const patient = ["-s", "--anyauth", "-u", `${basicUser}:${basicPassword}`, "-X", "POST", startUrl];
    expect(JSON.parse((await promisify(execFile)("curl", patient)).stdout)).toMatchObject({
      cameraId: "porch",
    });
    await camera("remove", "porch", "--yes");
  });

  describe("on a stream that holds video", () => {
    /** Sends a clip to a new camera and removes all of the camera but the video. */
    async function leaveVideo(cameraId: string): Promise<void> {
      await camera("add", cameraId);
      await uploadClip({
        ...stack.config,
        file: "events/videos/front-door.mp4",
        streamName: `doorstep-dev-camera-${cameraId}`,
        startMs: stack.clock.now() - 60_000,
      });
      await camera("remove", cameraId, "--yes", "--keep-video");
    }

    test("tries the processor on that video, unless --no-trial is given", async () => {
      await leaveVideo("shed");
      const starts: unknown[] = [];
      const end = stack.local.cloud.events.subscribe(({ service, name, ...event }) => {
        if (service === "rekognition" && name === "session-started") starts.push(event);
      });
      const added = await camera("add", "shed");
      expect(added).toMatchObject({
        stream: { outcome: "existed" },
        processor: { outcome: "created" },
        trial: { outcome: "passed" },
      });
      expect(starts).toHaveLength(1);
      await camera("remove", "shed", "--yes", "--keep-video");
      expect(await camera("add", "shed", "--no-trial")).not.toHaveProperty("trial");
      end();
      expect(starts).toHaveLength(1);
      await camera("remove", "shed", "--yes");
    });

    test("names the reason when the role cannot be assumed, removes what it created, and succeeds when it is fixed", async () => {
      await leaveVideo("shed");
      const before = await whatIsThere();
      const { access } = stack.local.cloud;
      const role = access.role(stack.journey.outputs.RekognitionRoleArn)!;
      access.addRole({ ...role, trust: { Statement: [] } });
      const [exitCode, stdout, message] = await refusal("add", "shed");
      access.addRole(role);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(message).toMatch(
        /^doorstep camera add: the stream processor doorstep-dev-camera-shed failed in its trial run: Access denied to Role.*; shed was not added, and removed again: the stream processor doorstep-dev-camera-shed, the record$/,
      );
      expect(await whatIsThere()).toEqual(before);
      expect(await refusal("show", "shed")).toEqual([
        1,
        "",
        "doorstep camera show: no camera shed is registered in stack doorstep-dev; npx doorstep camera add shed",
      ]);
      expect(await camera("add", "shed")).toMatchObject({
        outcome: "added",
        stream: { outcome: "existed" },
        trial: { outcome: "passed" },
      });
      await camera("remove", "shed", "--yes");
    });
  });

  test("--engine stream-processor in an account that streaming video is closed to says what that means, and leaves nothing", async () => {
    const before = await whatIsThere();
    const [exitCode, stdout, message] = await whileClosed(() =>
      refusal("add", "shed", "--engine", "stream-processor"),
    );
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(message).toMatch(
      /^doorstep camera add: Rekognition \w+StreamProcessor for doorstep-dev-camera-shed: AccessDeniedException without a message: .* closed to this account .*; shed was not added, and removed again: the stream doorstep-dev-camera-shed$/,
    );
    expect(await whatIsThere()).toEqual(before);
  });

  test("gives a camera the engine frames, without a processor, where streaming video is closed to the account", async () => {
    const { processors } = await whatIsThere();
    const added = await whileClosed(() => camera("add", "shed", "--max-duration", "60"));
    expect(added).toMatchObject({
      camera: { engine: "frames", maxSampleGapSeconds: 5, whenAllDetected: "stop" },
      outcome: "added",
      stream: { outcome: "created" },
      engineReason: "Rekognition's streaming video is closed to this account",
    });
    expect(added).not.toHaveProperty("processor");
    expect(added).not.toHaveProperty("trial");
    expect((await whatIsThere()).processors).toEqual(processors);
    // It keeps its engine, and so do its other parts.
    expect(await camera("add", "shed")).toMatchObject({ camera: { engine: "frames" }, outcome: "existed" });
    expect(await refusal("add", "shed", "--engine", "stream-processor")).toEqual([
      1,
      "",
      "doorstep camera add: shed is registered with other engine; nothing was changed, npx doorstep camera update shed does",
    ]);
    expect((await doorstep(["camera", "show", "shed"])).stdout).toContain(
      "  samples              at most 5 s apart, until all labels are detected\n",
    );
    expect(await camera("show", "shed")).not.toHaveProperty("processor");
    expect((await whileClosed(() => camera("remove", "shed", "--yes"))).removed).toEqual({
      record: true,
      processor: false,
      stream: true,
    });
  });

  test("gives a camera the engine frames for labels and settings that only frames has", async () => {
    const added = await camera("add", "shed", "--labels", "PERSON=80,car=70,potted plant");
    expect([added.camera.engine, added.camera.labels, added.engineReason]).toEqual([
      "frames",
      { PERSON: 80, Car: 70, "Potted Plant": 50 },
      "a stream processor detects PERSON, PET, PACKAGE only, not Car, Potted Plant",
    ]);
    await camera("remove", "shed", "--yes");
    const sampled = await camera("add", "shed", "--max-sample-gap", "2", "--when-all-detected", "continue");
    expect(sampled).toMatchObject({
      camera: { engine: "frames", maxSampleGapSeconds: 2, whenAllDetected: "continue" },
      engineReason: "maxSampleGapSeconds, whenAllDetected are settings of this engine",
    });
    await camera("remove", "shed", "--yes");
  });

  test("searches faces only if they are switched on, with an engine that can", async () => {
    const added = await camera("add", "shed", "--faces", "on");
    expect(added).toMatchObject({ camera: { engine: "frames", faces: true } });
    expect((await doorstep(["camera", "show", "shed"])).stdout).toContain(
      "  faces                searched among persons who are enrolled\n",
    );
    const refused = await doorstep(["camera", "update", "shed", "--engine", "stream-processor"]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining(
        "--faces: on; a video stream takes one stream processor, and that of the engine stream-processor detects labels: choose",
      ),
    ]);
    expect(await camera("update", "shed", "--faces", "off")).toMatchObject({ camera: { faces: false } });
    await camera("remove", "shed", "--yes");
  });

  test("has a data stream with the engine face-search, and none any more once it has another engine", async () => {
    const added = await camera("add", "porch", "--engine", "face-search", "--faces", "on");
    expect(added).toMatchObject({ processor: { outcome: "created" }, camera: { engine: "face-search" } });
    const { stdout } = await doorstep(["camera", "show", "porch"]);
    expect(stdout).toContain("  labels               none; this engine searches faces only\n");
    expect(stdout).toContain("  processor            doorstep-dev-camera-porch, STOPPED\n");
    expect(stdout).toContain(
      "  data stream          doorstep-dev-camera-porch, ACTIVE, its trigger of recordFaces Enabled\n",
    );
    const moved = await camera("update", "porch", "--engine", "stream-processor", "--faces", "off");
    expect(moved).toMatchObject({ changed: ["engine", "faces"], processor: "created" });
    expect(await camera("show", "porch")).not.toHaveProperty("dataStream");
    await camera("remove", "porch", "--yes");
  });

  test.each([
    [["--labels", "PERSON=180"], "--labels: PERSON is 180; expected 0..100"],
    [["--labels", "CAT 80"], "--labels: CAT 80; expected labels such as PERSON=80,PET=50,PACKAGE"],
    [
      ["--labels", "PERSON,Cat", "--engine", "stream-processor"],
      "--labels: Cat; the engine stream-processor detects PERSON, PET, PACKAGE only: choose the engine frames, or",
    ],
    [
      ["--max-sample-gap", "2", "--engine", "stream-processor"],
      "--max-sample-gap: 2; expected the engine frames with it, not stream-processor",
    ],
    [["--max-sample-gap", "61"], "--max-sample-gap: 61; expected at most 60 seconds"],
    [["--faces", "true"], "--faces: true; expected on or off"],
    [
      ["--faces", "on", "--engine", "stream-processor"],
      "--faces: on; a video stream takes one stream processor",
    ],
    [["--engine", "face-search"], "--faces: off; the engine face-search does nothing but search faces"],
    [
      ["--engine", "face-search", "--faces", "on", "--labels", "PERSON"],
      '--labels: {"PERSON":50}; expected an engine that detects labels with it, not face-search',
    ],
    [["--when-all-detected", "sleep"], "--when-all-detected: sleep; expected stop or continue"],
    [
      ["--region-of-interest", "0,0,1.7,1"],
      "--region-of-interest: region 1, width is 1.7; expected 0..1 of the frame, e.g. 0.5",
    ],
    [
      ["--region-of-interest", "0,0,1,1", "--region-of-interest", "0,0 1,0 0.5,-1"],
      "--region-of-interest: region 2, point 3, y is -1; expected 0..1 of the frame, e.g. 0.5",
    ],
    [
      ["--region-of-interest", "0,0 1,1"],
      "--region-of-interest: region 1: expected at least 3 points, e.g. 0,0 1,0 0.5,1",
    ],
    [
      ["--region-of-interest", "0,0.4,0.5,0"],
      "--region-of-interest: region 1: expected a width and a height above 0, e.g. 0,0.4,1,0.6",
    ],
    [
      ["--region-of-interest", "0.6,0,0.5,1"],
      "--region-of-interest: region 1: expected left + width and top + height of at most 1",
    ],
    [
      ["--region-of-interest", "0,0 0.5,0.5 1,1"],
      "--region-of-interest: region 1: expected points that are not on one line, e.g. 0,0 1,0 0.5,1",
    ],
    [["--max-duration", "500"], "--max-duration: 500; expected at most 120 seconds"],
    [["--pre-roll", "1.5"], "--pre-roll: 1.5; expected whole seconds"],
    [["--budget-minutes", "lots"], "--budget-minutes: lots; expected a number"],
    [["--schedule", "weekdays"], "--schedule: weekdays; expected hours such as mon-fri 18:00-24:00"],
    [["--time-zone", "Mars/Base"], "--time-zone: Mars/Base; expected an IANA time zone"],
    [["--tag", "north"], "--tag: north; expected a tag such as site=north"],
    [["--retention-hours", "0"], "--retention-hours: 0; expected at least 1 hour"],
    [["--engine", "magic"], "--engine: magic; expected stream-processor"],
    [["--motion-format", "axis"], "--motion-format: axis; expected standard, hikvision, unifi-protect, "],
    [
      ["--motion-format", "generic", "--motion-began", "start"],
      "--motion-began: start; expected a field's path and",
    ],
    [
      ["--motion-format", "generic", "--motion-time", "a b"],
      "--motion-time: a b; expected the path of a field",
    ],
    [
      ["--motion-ended", "a=b"],
      "--motion-ended: a=b; expected the motion format generic with it, not standard",
    ],
    [["--key-version", "0"], "--key-version is 0; expected a whole number from 1"],
  ])("refuses %j with exit code 2 and what was expected", async (flags, message) => {
    const [exitCode, , said] = await refusal("add", "gate", ...flags);
    expect(said).toContain(`doorstep camera add: ${message}`);
    expect(exitCode).toBe(2);
  });
});

describe("doorstep camera update", () => {
  const processorName = "doorstep-dev-camera-door";

  /** The labels that a session over the clip reports. */
  async function labelsSeen(startMs: number): Promise<unknown> {
    const { SessionId } = await rekognition.send(
      new StartStreamProcessorCommand({
        Name: processorName,
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: startMs } },
        StopSelector: { MaxDurationInSeconds: 12 },
      }),
    );
    const { events } = stack.local.cloud;
    const isOfIt = (name: string) => (event: CloudEvent) =>
      event.name === name && event.detail["sessionId"] === SessionId;
    await events.waitFor(isOfIt("session-completed"));
    return events
      .matching(isOfIt("label-detected"))
      .flatMap(({ detail }) => detail["labels"] as string[])
      .toSorted();
  }

  test("changes labels, confidence and regions, and the next session applies them", async () => {
    await camera("add", "door", "--no-trial");
    // A courier brings a package.
    const startMs = Date.now() - 16_000;
    const { region, endpoint, credentials } = stack.config;
    await uploadClip({
      file: "events/videos/front-door.mp4",
      streamName: processorName,
      startMs,
      region,
      endpoint,
      credentials,
    });
    expect(await labelsSeen(startMs)).toEqual(["PACKAGE", "PERSON"]);
    expect(await camera("update", "door", "--labels", "PERSON=70")).toMatchObject({
      changed: ["labels"],
      processor: "updated",
    });
    expect(await labelsSeen(startMs)).toEqual(["PERSON"]);
    // The labels file says 98.6.
    await camera("update", "door", "--labels", "PERSON=99");
    expect(await labelsSeen(startMs)).toEqual([]);
    // All objects in the clip are below the sky.
    await camera("update", "door", "--labels", "PERSON=50,PACKAGE=50", "--region-of-interest", "0,0,1,0.1");
    expect(await labelsSeen(startMs)).toEqual([]);
    await camera("update", "door", "--region-of-interest", "none");
    expect((await processorOf("door")).RegionsOfInterest).toBeUndefined();
    expect(await labelsSeen(startMs)).toEqual(["PACKAGE", "PERSON"]);
  });

  test("changes the motion format and its rules in the record alone", async () => {
    const rules = ["--motion-format", "generic", "--motion-began", "event=motion"];
    expect(await camera("update", "door", ...rules)).toMatchObject({
      camera: { motionFormat: "generic", motionBegan: "event=motion" },
      changed: ["motionFormat", "motionBegan"],
      processor: "unchanged",
    });
    expect((await camera("update", "door", "--motion-began", "none")).camera).not.toHaveProperty(
      "motionBegan",
    );
    expect(await camera("update", "door", "--motion-format", "onvif")).toMatchObject({
      camera: { motionFormat: "onvif" },
    });
    expect((await doorstep(["camera", "show", "door"])).stdout).toContain(
      `\nevery notification   ${stack.journey.outputs.MotionApiUrl}/cameras/door/motion/start\n`,
    );
    const [exitCode, , said] = await refusal("update", "door", "--motion-time", "event.time");
    expect([exitCode, said]).toEqual([
      2,
      expect.stringContaining(
        "--motion-time: event.time; expected the motion format generic with it, not onvif",
      ),
    ]);
  });

  test("changes nothing twice, and keeps settings that are not given", async () => {
    const flags = ["--tag", "site=south", "--budget-minutes", "10", "--retention-hours", "12"];
    const { camera: before, ...first } = await camera("update", "door", ...flags);
    expect(first).toEqual({
      changed: ["dailyBudgetMinutes", "tags", "retentionHours"],
      processor: "recreated",
    });
    expect(await camera("update", "door", ...flags)).toEqual({
      camera: before,
      changed: [],
      processor: "unchanged",
    });
    expect((await camera("show", "door")).stream.retentionHours).toBe(12);
    const { camera: after } = await camera("update", "door", "--tag", "site=", "--budget-minutes", "none");
    const { dailyBudgetMinutes: _, ...rest } = before;
    expect(after).toEqual({ ...rest, tags: {} });
    expect((await camera("show", "door")).camera).toEqual({ ...rest, tags: {} });
  });

  test("changes nothing while a session runs, and says so", async () => {
    const { credentials } = await camera("show", "door", "--credentials");
    // No video arrives, so the session waits for it.
    expect(await statusOf(credentials.tokenStartUrl)).toBe(202);
    expect(await refusal("update", "door", "--labels", "PET")).toEqual([
      1,
      "",
      "doorstep camera update: the stream processor doorstep-dev-camera-door is running a session, which lasts at most 120 s; nothing was changed, try again when it has ended",
    ]);
    expect((await camera("show", "door")).camera.labels).toEqual({ PERSON: 50, PACKAGE: 50 });
    // Settings that do not concern the processor can be changed at any time.
    expect(await camera("update", "door", "--pre-roll", "5")).toMatchObject({
      changed: ["preRollSeconds"],
      processor: "unchanged",
    });
  });

  test("keeps a budget in dollars, and gives the camera the minutes that they buy from its engine", async () => {
    const added = await camera("add", "till", "--engine", "frames", "--budget-usd", "0.16");
    expect(added.camera).toMatchObject({ dailyBudgetUsd: 0.16, dailyBudgetMinutes: 10 });
    const moved = await camera("update", "till", "--engine", "stream-processor");
    expect(moved.changed).toEqual(["engine", "dailyBudgetMinutes"]);
    expect(moved.camera).toMatchObject({ dailyBudgetUsd: 0.16, dailyBudgetMinutes: 19.58 });
    const replaced = await camera("update", "till", "--budget-minutes", "5");
    expect(replaced.changed).toEqual(["dailyBudgetMinutes", "dailyBudgetUsd"]);
    expect([replaced.camera.dailyBudgetMinutes, replaced.camera.dailyBudgetUsd]).toEqual([5, undefined]);
    await camera("remove", "till", "--yes");
  });

  test("refuses to move a camera to an engine that does not have its labels or that is closed, and changes nothing", async () => {
    const { camera: before } = await camera("add", "path", "--labels", "PERSON,Car");
    expect(await refusal("update", "path", "--engine", "stream-processor")).toEqual([
      2,
      "",
      "doorstep camera update: --labels: Car; the engine stream-processor detects PERSON, PET, PACKAGE only: choose the engine frames, or leave out the others",
    ]);
    const moved = ["update", "path", "--engine", "stream-processor", "--labels", "PERSON"];
    const [exitCode, , said] = await whileClosed(() => refusal(...moved));
    expect([exitCode, said]).toEqual([1, expect.stringContaining("closed to this account")]);
    expect((await camera("show", "path")).camera).toEqual(before);
    expect(await camera(...moved)).toMatchObject({ changed: ["engine", "labels"], processor: "created" });
    expect(await refusal("update", "path", "--labels", "Car")).toEqual([
      2,
      "",
      expect.stringContaining("--labels: Car; the engine stream-processor detects"),
    ]);
    await camera("remove", "path", "--yes");
  });

  test("moves a camera to frames without losing its running session, and then deletes its processor", async () => {
    const { credentials } = await camera("add", "lane", "--no-trial");
    expect(await statusOf(credentials.tokenStartUrl)).toBe(202);
    expect((await processorOf("lane")).Status).toBe("STARTING");
    const { stdout } = await doorstep(["camera", "update", "lane", "--engine", "frames"]);
    expect(stdout).toContain(
      "stream processor doorstep-dev-camera-lane is running its last session, which ends normally;\n" +
        "in two minutes, npx doorstep camera update lane --engine frames deletes it\n",
    );
    expect((await processorOf("lane")).Status).toBe("STARTING");
    const { camera: moved, session } = await camera("show", "lane");
    expect([moved.engine, session.state]).toEqual(["frames", "running"]);
    // The session ends on the engine that started it, since no video comes.
    const sessions = sessionsTable(stack.journey.outputs.SessionsTableName, new DynamoDBClient(stack.config));
    const { sessionId } = (await sessions.find("lane"))!.run!;
    const completed = stack.local.cloud.events.waitFor(
      ({ name, detail }) => name === "session-completed" && detail["sessionId"] === sessionId,
    );
    stack.clock.turn(26_000);
    await completed;
    const deleted = await pollUntil(
      async () => {
        const outcome = await camera("update", "lane", "--engine", "frames");
        return outcome.processor === "in-use" ? undefined : outcome;
      },
      { clock: systemClock, everyMs: 50, withinMs: 10_000 },
    );
    expect(deleted).toMatchObject({ changed: [], processor: "deleted" });
    expect((await whatIsThere()).processors).not.toContain("doorstep-dev-camera-lane");
    expect(await camera("update", "lane", "--engine", "frames")).toMatchObject({
      changed: [],
      processor: "none",
    });
    await camera("remove", "lane", "--yes");
  });

  test("moves a camera to stream processors without losing its running session of frames", async () => {
    const { camera: lane } = await camera("add", "lane", "--engine", "frames");
    const fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
    const sessions = sessionsTable(stack.journey.outputs.SessionsTableName, new DynamoDBClient(stack.config));
    const startMs = stack.clock.now() - 30_000;
    const motion = (verb: "start" | "stop", afterMs: number) =>
      fleet.sendMotion(lane, verb, { at: startMs + afterMs });
    await motion("start", 0);
    const { sessionId } = (await sessions.find("lane"))!.run!;
    expect(await camera("update", "lane", "--engine", "stream-processor")).toMatchObject({
      changed: ["engine"],
      processor: "created",
    });
    expect((await sessions.find("lane"))!.run).toMatchObject({ engine: "frames", sessionId });
    // Its video arrives late, which it awaits; it ends with the motion, on the engine that started it.
    await uploadClip({
      ...stack.config,
      file: "events/videos/front-door.mp4",
      streamName: lane.streamName,
      startMs,
    });
    await motion("stop", 10_000);
    const ended = await pollUntil(
      async () => {
        stack.clock.turn(250);
        const session = await sessions.find("lane");
        return session?.state === "completed" ? session : undefined;
      },
      { clock: systemClock, everyMs: 50, withinMs: 30_000 },
    );
    expect(ended).toMatchObject({
      run: { engine: "frames", sessionId, processedMs: 10_000 },
      accounted: [{ fromMs: startMs, untilMs: startMs + 10_000 }],
    });
    await motion("start", 40_000);
    expect((await sessions.find("lane"))!.run).toMatchObject({ engine: "stream-processor" });
    expect((await processorOf("lane")).Status).toBe("STARTING");
    await camera("remove", "lane", "--yes");
  });

  test("requires a setting to change", async () => {
    expect(await refusal("update", "door")).toEqual([
      2,
      "",
      "doorstep camera update: expected a setting to change, e.g. --labels PERSON=80",
    ]);
  });
});

describe("doorstep camera remove", () => {
  test("stops a running session and leaves nothing, also when it is repeated", async () => {
    const before = await whatIsThere();
    await camera("add", "attic", "--no-trial");
    const { credentials } = await camera("show", "attic", "--credentials");
    expect(await statusOf(credentials.tokenStartUrl)).toBe(202);
    expect((await processorOf("attic")).Status).toBe("STARTING");
    expect(await camera("remove", "attic", "--yes")).toEqual({
      cameraId: "attic",
      removed: { record: true, processor: true, stream: true },
      keyVersion: 1,
    });
    expect(await whatIsThere()).toEqual(before);
    expect(await statusOf(credentials.tokenStartUrl)).toBe(404);
    expect(await camera("remove", "attic", "--yes")).toEqual({
      cameraId: "attic",
      removed: { record: false, processor: false, stream: false },
    });
  });

  test("revokes a credential for good: neither add nor import brings it back", async () => {
    const urlOf = ({ credentials }: { credentials: { tokenStartUrl: string } }) => credentials.tokenStartUrl;
    const first = urlOf(await camera("add", "vault", "--no-trial"));
    await camera("remove", "vault", "--yes");
    expect(await camera("list")).not.toMatchObject([{ cameraId: "vault" }]);
    const added = await camera("add", "vault", "--no-trial");
    expect(added.camera.keyVersion).toBe(2);
    expect([await statusOf(first), await statusOf(urlOf(added))]).toEqual([401, 202]);
    await camera("rotate-key", "vault", "--overlap", "0");
    await camera("remove", "vault", "--yes");
    expect(await refusal("add", "vault", "--no-trial", "--key-version", "3")).toEqual([
      1,
      "",
      "doorstep camera add: key version 3 of vault was revoked when the camera was removed; expected at least 4",
    ]);
    const file = join(mkdtempSync(join(tmpdir(), "doorstep-")), "fleet.csv");
    writeFileSync(file, "cameraId\nvault\n");
    await camera("import", file);
    rmSync(dirname(file), { recursive: true });
    const imported = await camera("show", "vault", "--credentials");
    expect(imported.camera.keyVersion).toBe(4);
    expect([await statusOf(first), await statusOf(urlOf(added)), await statusOf(urlOf(imported))]).toEqual([
      401, 401, 202,
    ]);
    await camera("remove", "vault", "--yes");
  });

  test("goes on after an interrupted removal, even without the record", async () => {
    await camera("add", "crypt", "--no-trial");
    const { CamerasTableName } = stack.journey.outputs;
    await camerasTable(CamerasTableName, new DynamoDBClient(stack.config)).remove("crypt");
    expect((await camera("remove", "crypt", "--yes")).removed).toEqual({
      record: false,
      processor: true,
      stream: true,
    });
  });

  test("keeps the video with --keep-video, and add uses it again", async () => {
    await camera("add", "cellar", "--no-trial");
    expect((await camera("remove", "cellar", "--yes", "--keep-video")).removed).toEqual({
      record: true,
      processor: true,
      stream: false,
    });
    expect((await whatIsThere()).streams).toContain("doorstep-dev-camera-cellar");
    expect(await camera("add", "cellar", "--no-trial", "--key-version", "2")).toMatchObject({
      camera: { keyVersion: 2 },
      stream: { outcome: "existed" },
      processor: { outcome: "created" },
    });
    expect((await camera("remove", "cellar", "--yes")).removed).toEqual({
      record: true,
      processor: true,
      stream: true,
    });
  });

  test("asks for confirmation on a terminal, and requires --yes without one", async () => {
    await camera("add", "loft", "--no-trial");
    expect(await refusal("remove", "loft")).toEqual([
      2,
      "",
      "doorstep camera remove: expected --yes, since there is no terminal to confirm on",
    ]);
    const answering = async (answer: string) => {
      const terminal = Object.assign(new PassThrough(), { isTTY: true });
      terminal.end(answer);
      return await doorstep(["camera", "remove", "loft"], { stdin: terminal });
    };
    for (const answer of ["n\n", "\n", ""]) {
      const { exitCode, stderr } = await answering(answer);
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining("nothing was removed")]);
    }
    expect((await whatIsThere()).cameras).toContain("loft");
    const { exitCode, stdout } = await answering("yes\n");
    expect([exitCode, stdout.split("\n")[0]]).toEqual([
      0,
      "loft: removed record, stream processor doorstep-dev-camera-loft, stream doorstep-dev-camera-loft",
    ]);
  });
});

describe("doorstep camera rotate-key", () => {
  test("keeps the previous key valid until the overlap ends, and refuses a rotation that would end it early", async () => {
    const first = (await camera("add", "barn", "--no-trial")).credentials;
    const rotated = await camera("rotate-key", "barn", "--overlap", "5m");
    const second = rotated.credentials;
    expect([rotated.camera.keyVersion, second.keyVersion]).toEqual([2, 2]);
    const session = (token: string) =>
      statusOf(`${stack.journey.outputs.MotionApiUrl}/cameras/barn/session?token=${token}`);
    expect([await session(first.bearerToken), await session(second.bearerToken)]).toEqual([200, 200]);
    const [exitCode, , message] = await refusal("rotate-key", "barn");
    expect(exitCode).toBe(1);
    expect(message).toMatch(
      /barn's key was rotated to version 2, and version 1 is valid until \S+Z; another/,
    );
    stack.clock.turn(5 * 60_000);
    expect([await session(first.bearerToken), await session(second.bearerToken)]).toEqual([401, 200]);
    const third = (await camera("rotate-key", "barn", "--overlap", "0")).credentials;
    expect([await session(second.bearerToken), await session(third.bearerToken)]).toEqual([401, 200]);
  });

  test.each([
    ["soon", "--overlap is soon; expected a duration such as 90s, 15m, 24h, 7d or 0"],
    ["91d", "--overlap is 91d; expected at most 90d"],
  ])("refuses an overlap of %s with exit code 2", async (overlap, message) => {
    expect(await refusal("rotate-key", "barn", "--overlap", overlap)).toEqual([
      2,
      "",
      `doorstep camera rotate-key: ${message}`,
    ]);
  });
});

describe("doorstep camera disarm and arm", () => {
  test("keep the schedule, and motion meanwhile starts no session", async () => {
    await camera("add", "roof", "--no-trial", "--schedule", "mon-sun 00:00-24:00");
    const { credentials } = await camera("show", "roof", "--credentials");
    const motion = async () => (await fetch(credentials.tokenStartUrl)).json();
    expect(await camera("disarm", "roof")).toMatchObject({ outcome: "disarmed", camera: { armed: false } });
    expect((await camera("disarm", "roof")).outcome).toBe("unchanged");
    expect(await motion()).toMatchObject({ state: "idle", notAnalysed: "schedule" });
    expect((await processorOf("roof")).Status).toBe("STOPPED");
    expect(await camera("arm", "roof")).toMatchObject({
      outcome: "armed",
      camera: { armed: true, schedule: [{ from: "00:00", until: "24:00" }] },
    });
    expect(await motion()).toMatchObject({ state: expect.stringMatching(/^(starting|running)$/) });
    await camera("remove", "roof", "--yes");
  });
});

describe("doorstep camera list and show", () => {
  test("show every setting, and secrets only on request", async () => {
    const { stdout: list } = await doorstep(["camera", "list", "--tag", "site=north"]);
    expect(list.split("\n").map((line) => line.trimEnd())).toEqual([
      "camera  engine            labels                faces  armed                                                   motion   tags",
      "gate    stream-processor  PERSON=80,PACKAGE=60  off    mon-fri 22:00-24:00; tue-sat 00:00-06:00 Europe/Berlin  generic  site=north, tenant=a",
      "1 camera",
      "",
    ]);
    const { stdout: shown } = await doorstep(["camera", "show", "gate"]);
    expect(shown).toContain("regions of interest  0,0.5,1,0.5; 0,0 1,0 0.5,0.5\n");
    expect(shown).toContain(
      "motion requests      generic, began if event.state=start,active, ended if event.state=stop, time in event.time\n",
    );
    expect(shown).toContain("keeps 48 h\n");
    expect(shown).toContain("  key                  version 1\n");
    const { webhookSecret, bearerToken } = (await camera("show", "gate", "--credentials")).credentials;
    for (const output of [list, shown, JSON.stringify(await camera("show", "gate"))])
      for (const secret of [webhookSecret, bearerToken]) expect(output).not.toContain(secret);
    const { stdout: asked } = await doorstep(["camera", "show", "gate", "--credentials"]);
    expect(asked).toContain(webhookSecret);
    expect(asked).toContain(`?token=${bearerToken}`);
  });
});

test("doorstep camera lists its commands, and each shows examples", async () => {
  const { exitCode, stderr } = await doorstep(["camera"]);
  const names = [...stderr.matchAll(/^ {2}camera (\S+)/gm)].map(([, name]) => name!);
  expect([exitCode, names]).toEqual([
    2,
    ["add", "list", "show", "update", "remove", "rotate-key", "arm", "disarm", "import"],
  ]);
  for (const name of names) {
    const help = await doorstep(["camera", name, "--help"]);
    expect([help.exitCode, help.stdout]).toEqual([
      0,
      expect.stringContaining(`  npx doorstep camera ${name} `),
    ]);
  }
  expect((await doorstep(["camera", "paint"])).stderr).toContain(
    "doorstep: there is no command camera paint",
  );
});
