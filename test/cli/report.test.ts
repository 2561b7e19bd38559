import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createCanvas } from "@napi-rs/canvas";
import { JSDOM } from "jsdom";
import { startStack, type TestStack } from "../local/stack.ts";
import { useCloud } from "./cloud.ts";
import { doorstep } from "./process.ts";

const folder = mkdtempSync(join(tmpdir(), "doorstep-report-"));
const file = join(folder, "report.html");
const event = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), "utf8"));
const STREAM = "arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-porch/1700000000000"; // prettier-ignore

let stack: TestStack;
let restoreEnvironment: () => void;
let startMs: number;

/** What the engine publishes about a session of the camera porch: labels after some seconds, and the end. */
function published(sessionId: string, offsetS: number, labels: readonly (readonly [label: string, afterS: number])[]): object[] {
  const sessionMs = startMs + offsetS * 1000;
  const request = { startSelector: { kvsStreamStartSelector: { producerTimestamp: sessionMs } }, stopSelector: { maxDurationInSeconds: 20 } };
  const stream = { inputInformation: { kinesisVideo: { streamArn: STREAM } }, sessionId };
  const [detected, complete] = [event("label-detected"), event("stream-processing-complete")];
  const startStreamProcessorRequest = { ...detected.startStreamProcessorRequest, ...request };
  return [
    ...labels.map(([name, afterS]) => {
      const [label] = structuredClone(detected.labels);
      const mapping = label.videoMapping.kinesisVideoMapping;
      const at = { producerTimestamp: sessionMs + afterS * 1000 - 500, serverTimestamp: sessionMs, frameOffsetMillis: 500 };
      const uri = `s3://${stack.journey.outputs.EvidenceBucketName}/${sessionId}-${name}.jpg`;
      const seen = { ...label, id: `${sessionId}-${name}`, name, confidence: 90, frameImageUri: uri, videoMapping: { kinesisVideoMapping: { ...mapping, ...at } } };
      return { ...detected, ...stream, eventId: `${sessionId}-${name}`, startStreamProcessorRequest, labels: [seen] };
    }),
    {
      ...complete,
      sessionId,
      inputInformation: { kinesisVideo: { streamArn: STREAM, processedVideoDurationMillis: 20_000 } },
      eventId: `${sessionId}-end`,
      startStreamProcessorRequest,
    },
  ];
} // prettier-ignore

/** The ledger's entry of such a session. */
const entered = (sessionId: string, offsetS: number, chainOffsetS = offsetS) => ({
  type: "COVERAGE",
  eventId: `${sessionId}-entry`,
  cameraId: "porch",
  outcome: "completed",
  sessionId,
  maxDurationSeconds: 20,
  chainFromMs: startMs + chainOffsetS * 1000,
  fromMs: startMs + offsetS * 1000,
  untilMs: startMs + offsetS * 1000 + 20_000,
});

beforeAll(async () => {
  stack = await startStack();
  restoreEnvironment = useCloud(stack.config.endpoint);
  startMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
});
afterAll(async () => {
  restoreEnvironment();
  await stack.stop();
  rmSync(folder, { recursive: true });
});

const pageOf = () => new JSDOM(readFileSync(file, "utf8")).window.document;

test("writes a page that explains how to fill an empty lake", async () => {
  const { exitCode, stdout } = await doorstep(["report", "-o", file]);
  expect([exitCode, stdout]).toEqual([
    0,
    `The lake is empty: no session has ended and nothing has been detected yet\nWrote ${file}\n`,
  ]);
  expect(pageOf().querySelector("main").textContent).toContain("doorstep simulate");
});

describe("with notifications from the topic and entries of the ledger", () => {
  beforeAll(async () => {
    const notifications = [
      // One motion, covered by two sessions: the person is detected twice, the pet in the second.
      ...published("first", 0, [["PERSON", 4]]),
      ...published("second", 20, [["PERSON", 1], ["PET", 6]]),
      ...published("silent", 300, []),
      ...published("quiet", 600, []),
    ]; // prettier-ignore
    const first = entered("first", 0);
    const entries = [
      first,
      first,
      entered("second", 20, 0),
      entered("silent", 300),
      { ...entered("quiet", 600), engine: "frames", samples: 6, longestGapMs: 5000 },
    ];
    const { events } = stack.local.cloud;
    const accepted = () =>
      events
        .matching(({ name }) => name === "record-accepted")
        .reduce((sum, { detail }) => sum + Number(detail["count"]), 0);
    await new FirehoseClient(stack.config).send(
      new PutRecordBatchCommand({
        DeliveryStreamName: "doorstep-dev-sessions",
        Records: entries.map((entry) => ({ Data: Buffer.from(JSON.stringify(entry)) })),
      }),
    );
    // The first one of each is delivered twice.
    for (const message of [notifications[0]!, ...notifications])
      await new SNSClient(stack.config).send(
        new PublishCommand({
          TopicArn: stack.journey.outputs.DetectionsTopicArn,
          Message: JSON.stringify(message),
        }),
      );
    // Both delivery streams get the four completion notifications.
    await events.waitFor(() => accepted() >= notifications.length + 1 + 4 + entries.length);
    await stack.flushFirehose();
    const image = createCanvas(1280, 720).toBuffer("image/jpeg");
    await new S3Client(stack.config).send(
      new PutObjectCommand({
        Bucket: stack.journey.outputs.EvidenceBucketName,
        Key: "second-PERSON.jpg",
        Body: image,
      }),
    );
  });

  test("counts every session and detection once, and simulates whole motions", async () => {
    const { exitCode, stdout, stderr } = await doorstep(["report", "--json", "--from", "2h"]);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("failed")]);
    const { summary, simulation, recommendation, engine, cameras } = JSON.parse(stdout);
    expect(summary).toMatchObject({ cameras: 1, sessions: 4, silentSessions: 2, motions: 3, analysedMs: 80_000, detections: 3 });
    // 60 s of the stream processor, and six samples
    expect([engine, summary.samples, summary.sampledSessions, Number(summary.costUsd.toFixed(6))]).toEqual([null, 6, 1, 0.01417]);
    expect(cameras[0].engines).toEqual(["frames", "stream-processor"]);
    expect(simulation).toMatchObject({ horizonS: 20, simulatedMotions: 3 });
    const keptOf = (label: string) => simulation.labels.find((one: { label: string }) => one.label === label);
    // 4 s after the motion's start; the second session's detection after 1 s changes nothing.
    expect(keptOf("PERSON").kept[0].slice(2, 5)).toEqual([0, 1, 1]);
    expect(keptOf("PET")).toMatchObject({ firstDetections: 0, laterFirstDetections: 1 });
    expect(simulation.durations[9]).toEqual({ durationS: 10, analysedMs: 30_000, assumedMs: 0, knownMotions: 3 });
    expect(simulation.durations[29]).toEqual({ durationS: 30, analysedMs: 90_000, assumedMs: 60_000, knownMotions: 1 });
    expect(recommendation).toEqual({ kind: "too-little-data", label: "PERSON", firstDetections: 1 });
  }); // prettier-ignore

  test("shows them on the page, with one frame and the reason why another is missing", async () => {
    const { exitCode } = await doorstep(["report", "-o", file, "--from", "2h", "--cameras", "porch"]);
    expect(exitCode).toBe(0);
    const page = pageOf();
    const pictures = [...page.querySelectorAll(".gallery li")].map((item) => [
      item.querySelector("strong").textContent,
      item.querySelector("img")?.getAttribute("src").slice(0, 23) ??
        item.querySelector(".missing").textContent,
    ]);
    expect(pictures).toEqual([
      ["PERSON", "data:image/jpeg;base64,"],
      ["PET", "The frame no longer exists: it has expired or was deleted"],
    ]);
    expect(page.querySelector(".frame rect:last-child").getAttribute("x")).toBe(
      String(event("label-detected").labels[0].boundingBox.left),
    );
  });

  test("leaves synthetic data out, and reports on nothing else with --synthetic", async () => {
    const generated = await doorstep(["generate", "--cameras", "2", "--days", "1", "--seed", "7"]);
    expect([generated.exitCode, generated.stderr]).toEqual([0, ""]);
    const without = JSON.parse((await doorstep(["report", "--json", "--from", "2d"])).stdout);
    expect(without).toMatchObject({ synthetic: false, summary: { cameras: 1, sessions: 4, detections: 3 } });
    const { exitCode, stdout } = await doorstep(["report", "-o", file, "--from", "2d", "--synthetic"]);
    expect([exitCode, stdout.split("\n")[0]]).toEqual([
      0,
      "Synthetic data: generated, never seen by a camera",
    ]);
    expect(stdout.split("\n")[1]).toContain(": 2 cameras, ");
    const page = pageOf();
    expect(page.querySelector(".synthetic").textContent).toContain("no camera has seen it");
    expect(new Set([...page.querySelectorAll(".missing")].map(({ textContent }) => textContent))).toEqual(
      new Set(["Synthetic: there is no frame"]),
    );
  });

  test.each([
    [["--cameras", "generated-7-yard-001"], "generated-7-yard-001 is synthetic; add --synthetic"],
    [["--cameras", "porch", "--synthetic"], "--cameras names porch, which is not synthetic"],
  ])("refuses to mix synthetic data with other data: %j", async (flags, reason) => {
    const { exitCode, stderr } = await doorstep(["report", "--json", ...flags]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(reason)]);
  });

  test("names the days with data for a range without data", async () => {
    const { exitCode, stdout } = await doorstep(["report", "-o", file, "--from", "20d", "--to", "10d"]);
    const day = new Date(startMs).toISOString().slice(0, 10);
    expect([exitCode, stdout.split("\n")[0]]).toEqual([
      0,
      `No data in this period; the lake has data from ${day} to ${day}`,
    ]);
    expect(pageOf().querySelector("main").textContent).toContain(`--from ${day}T00:00:00Z`);
  });

  test("quotes a camera id that would end the SQL string", async () => {
    const { exitCode, stdout } = await doorstep(["report", "--json", "--cameras", "x' OR '1'='1"]);
    expect([exitCode, JSON.parse(stdout).summary.sessions]).toEqual([0, 0]);
  });
});

describe("invalid flags", () => {
  test.each([
    ["no output", [], "expected -o report.html or --json"],
    ["an end before the start", ["--json", "--from", "1h", "--to", "2h"], "--from must be before --to"],
    ["an unknown engine", ["--json", "--engine", "magic"], "--engine is magic; expected stream-processor"],
    ["an empty camera id", ["--json", "--cameras", "porch,,yard"], "--cameras has an empty id"],
  ])("exits with code 2 for %s", async (_, flags, message) => {
    const { exitCode, stderr } = await doorstep(["report", ...flags]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test("names a missing folder and a missing stack", async () => {
    const gone = await doorstep(["report", "-o", join(folder, "absent", "report.html")]);
    expect([gone.exitCode, gone.stderr]).toEqual([1, expect.stringContaining(`${join(folder, "absent", "report.html")} cannot be written`)]);
    const stackless = await doorstep(["report", "--json", "--stack", "absent"]);
    expect([stackless.exitCode, stackless.stderr]).toEqual([1, expect.stringContaining("stack absent")]);
  }); // prettier-ignore
});
