import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  DeleteStreamCommand,
  DescribeStreamCommand,
  KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import { describe, expect, test } from "@jest/globals";
import type { TestStack } from "../local/stack.ts";
import { doorstep } from "./process.ts";
import { useStack } from "./stack.ts";

interface Summary {
  readonly account: string;
  readonly region: string;
  readonly sections: readonly {
    readonly name: string;
    readonly findings: readonly { readonly status: string; readonly what: string; readonly todo?: string }[];
  }[];
}

let stack: TestStack;
useStack((started) => void (stack = started));

/** Doctor's JSON output, with its exit code. */
async function examine(...flags: string[]): Promise<{ exitCode: number; summary: Summary }> {
  const { exitCode, stdout } = await doorstep(["doctor", "--json", ...flags]);
  const output = JSON.parse(stdout) as Summary & { error?: { summary: Summary } };
  return { exitCode, summary: output.error?.summary ?? output };
}

const findingsOf = ({ sections }: Summary, name: string) =>
  sections.find((section) => section.name === name)?.findings.map(({ status, what }) => `${status}: ${what}`);
const allWrong = ({ sections }: Summary) =>
  sections.flatMap(({ findings }) =>
    findings.filter(({ status }) => status === "wrong").map(({ what }) => what),
  );

describe("doctor, one state of the account after the other", () => {
  test("finds a new stack ok, and says what cannot be checked yet", async () => {
    const { exitCode, summary } = await examine();
    expect(allWrong(summary)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(summary).toMatchObject({ account: "000000000000", region: "us-east-1" });
    expect(findingsOf(summary, "stack doorstep-dev")![0]).toBe("ok: it is CREATE_COMPLETE");
    expect(findingsOf(summary, "account")![1]).toBe(
      "ok: Region us-east-1 has the engines frames, stream-processor and face-search (as of 2026-11)",
    );
    expect(findingsOf(summary, "engines")!.filter((text) => !text.includes("quota"))).toEqual([
      "ok: frames: us-east-1 has Kinesis Video Streams and Rekognition's DetectLabels (as of 2026-11)",
      expect.stringMatching(/^unknown: stream-processor: this account has no stream processor; /),
      expect.stringMatching(/^ok: face-search: this account has no stream processor; .*--faces on$/),
      "ok: camera add tries stream-processor: this account may create stream processors, and they analyse all of the video",
    ]);
    expect(findingsOf(summary, "functions")).toEqual([
      "ok: 1000 of the 1000 functions that the account runs at a time in this Region are not reserved",
    ]);
    expect(findingsOf(summary, "Rekognition's role")).toEqual([
      expect.stringMatching(
        /^ok: \S+ trusts rekognition\.amazonaws\.com for this account's stream processors only$/,
      ),
    ]);
    expect(findingsOf(summary, "cameras")).toEqual(["unknown: none is registered"]);
    expect(findingsOf(summary, "detections topic")).toEqual([
      expect.stringMatching(/^ok: reachable, with the stack's 4 subscriptions/),
    ]);
    expect(findingsOf(summary, "alerts")).toEqual([
      "ok: no rule is configured, so no detection raises an alert",
    ]);
    expect(findingsOf(summary, "queues")![0]).toMatch(/^ok: nothing undelivered in/);
    expect(findingsOf(summary, "error prefixes")).toEqual([
      `ok: nothing under s3://${stack.journey.outputs.LakeBucketName}/errors/`,
    ]);
  });

  test("checks only the account before a deployment", async () => {
    const { exitCode, summary } = await examine("--stack", "doorstep-prod");
    expect(exitCode).toBe(0);
    expect(summary.sections.map(({ name }) => name)).toEqual([
      "account",
      "stack doorstep-prod",
      "engines",
      "functions",
    ]);
    expect(findingsOf(summary, "stack doorstep-prod")).toEqual(["unknown: it does not exist"]);
  });

  test("finds that a Region without stream processors has the engine frames", async () => {
    const { exitCode, summary } = await examine("--region", "eu-central-1", "--stack", "doorstep-prod");
    expect(exitCode).toBe(0);
    expect(findingsOf(summary, "account")![1]).toBe(
      "ok: Region eu-central-1 has the engines frames and face-search (as of 2026-11)",
    );
    expect(findingsOf(summary, "engines")).toEqual([
      "ok: frames: eu-central-1 has Kinesis Video Streams and Rekognition's DetectLabels (as of 2026-11)",
      "unknown: stream-processor: Rekognition detects no labels in streaming video in eu-central-1 (as of 2026-11)",
      expect.stringMatching(/^ok: face-search: this account has no stream processor; /),
      "ok: camera add chooses frames: Rekognition detects no labels in streaming video in eu-central-1 (as of 2026-11)",
    ]);
  });

  test("refuses a Region in which no engine works, and names those in which one does", async () => {
    const { exitCode, summary } = await examine("--region", "ca-central-1", "--stack", "doorstep-prod");
    expect(exitCode).toBe(1);
    const { status, what, todo } = summary.sections[0]!.findings[1]!;
    expect(`${status}: ${what}`).toBe("wrong: no engine works in the Region ca-central-1 (as of 2026-11)");
    expect(todo).toMatch(/^deploy to one of us-east-1, us-east-2, us-west-2, ap-northeast-1, /);
  });

  test("says what it means that streaming video is closed to the account, and what to do", async () => {
    const setOpen = (open: boolean) =>
      stack.local.control("POST /_doorstep/rekognition/availability", { open });
    expect((await doorstep(["camera", "add", "lane", "--engine", "stream-processor"])).exitCode).toBe(0);
    await setOpen(false);
    try {
      const closed = await examine();
      expect(closed.exitCode).toBe(1);
      expect(findingsOf(closed.summary, "engines")!.filter((text) => !text.includes("quota"))).toEqual([
        expect.stringMatching(/^ok: frames: us-east-1 has/),
        "unknown: stream-processor: Rekognition's streaming video is closed to this account",
        expect.stringMatching(/^ok: face-search: not here: .*; the engine frames searches faces too/),
        "ok: camera add chooses frames: Rekognition's streaming video is closed to this account",
      ]);
      const cameras = closed.summary.sections.find(({ name }) => name === "cameras")!;
      expect(cameras.findings).toEqual([
        {
          status: "wrong",
          what: "lane: its engine is stream-processor, and streaming video is closed to this account or missing in this Region",
          todo: "npx doorstep camera update lane --engine frames moves it",
        },
      ]);
      expect((await doorstep(["camera", "update", "lane", "--engine", "frames"])).exitCode).toBe(0);
      expect((await examine()).exitCode).toBe(0);
    } finally {
      await setOpen(true);
    }
    expect(findingsOf((await examine()).summary, "cameras")).toEqual([
      "unknown: lane: its engine is frames, but the stream processor doorstep-dev-camera-lane still exists",
    ]);
    expect((await doorstep(["camera", "remove", "lane", "--yes"])).exitCode).toBe(0);
  });

  test("counts complete cameras, and names what one lacks", async () => {
    for (const camera of ["door", "yard"])
      expect((await doorstep(["camera", "add", camera])).exitCode).toBe(0);
    expect(findingsOf((await examine()).summary, "cameras")).toEqual([
      "ok: 2 of 2 have everything that they need",
    ]);
    const video = new KinesisVideoClient(stack.config);
    const { StreamInfo } = await video.send(
      new DescribeStreamCommand({ StreamName: "doorstep-dev-camera-yard" }),
    );
    await video.send(new DeleteStreamCommand({ StreamARN: StreamInfo!.StreamARN }));
    const { exitCode, summary } = await examine();
    expect(exitCode).toBe(1);
    expect(findingsOf(summary, "cameras")).toEqual([
      "ok: 1 of 2 have everything that they need",
      "wrong: yard: the stream doorstep-dev-camera-yard does not exist",
    ]);
    expect(findingsOf(summary, "engines")).toContain(
      "ok: stream-processor: open to this account, which has 2 stream processors",
    );
    expect((await doorstep(["camera", "add", "yard"])).exitCode).toBe(0);
  });

  test("reports undelivered messages and Firehose's error outputs, with what to do", async () => {
    const { LakeBucketName } = stack.journey.outputs;
    const undelivered = [...stack.local.stack.resources].find(([id]) => id === "UndeliveredQueue")![1].ref;
    await new SQSClient(stack.config).send(
      new SendMessageCommand({ QueueUrl: undelivered, MessageBody: "{}" }),
    );
    const Key = "errors/detection_records/processing-failed/dt=2026-11-21/one";
    await new S3Client(stack.config).send(new PutObjectCommand({ Bucket: LakeBucketName, Key, Body: "{}" }));
    const { exitCode, summary } = await examine();
    expect(exitCode).toBe(1);
    expect(allWrong(summary)).toEqual([
      "1 message in doorstep-dev-undelivered that could not be delivered or processed",
      `1 record in 1 object under s3://${LakeBucketName}/errors/detection_records/processing-failed; the first is not Firehose's: rawData is missing; expected the record in base64`,
    ]);
    const { stdout, stderr } = await doorstep(["doctor"]);
    expect(stdout).toContain(
      "  ✗ 1 message in doorstep-dev-undelivered that could not be delivered or processed\n    → see",
    );
    expect(stderr).toBe("doorstep doctor: 2 problems to fix\n");
  });
});
