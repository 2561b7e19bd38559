import { describe, expect, test } from "@jest/globals";
import { stackFinding } from "../../cli/doctor/account.ts";
import { cameraFindings } from "../../cli/doctor/cameras.ts";
import { dataFindings } from "../../cli/doctor/data.ts";
import { errorFindings, queueFindings } from "../../cli/doctor/leftovers.ts";
import { trustFindings } from "../../cli/doctor/role.ts";
import { streamingFindings } from "../../cli/doctor/streaming.ts";
import { subscriptionFindings } from "../../cli/doctor/topic.ts";
import type { Finding } from "../../cli/doctor/finding.ts";

const ACCOUNT = "123456789012";
const textsOf = (findings: readonly Finding[]) => findings.map(({ status, what }) => `${status}: ${what}`);

const trust = (Condition?: object, Service = "rekognition.amazonaws.com") => ({
  Statement: [
    { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service }, ...(Condition && { Condition }) },
  ],
});

describe("the role's trust", () => {
  test.each([
    ["its account", { StringEquals: { "aws:SourceAccount": ACCOUNT } }],
    [
      "its processors",
      { ArnLike: { "AWS:SourceArn": `arn:aws:rekognition:us-east-1:${ACCOUNT}:streamprocessor/*` } },
    ],
  ])("is ok when restricted to %s", (_what, condition) => {
    expect(trustFindings("role", trust(condition), ACCOUNT)[0]!.status).toBe("ok");
  });

  test.each([
    ["no condition", trust(), "role trusts rekognition.amazonaws.com for any account"],
    [
      "another account",
      trust({ StringEquals: { "aws:SourceAccount": "999999999999" } }),
      "role trusts rekognition.amazonaws.com for any account",
    ],
    [
      "another service",
      trust(undefined, "lambda.amazonaws.com"),
      "role does not trust rekognition.amazonaws.com",
    ],
    ["an invalid policy", { Statement: 1 }, "the trust policy of role is not readable"],
  ])("is wrong with %s", (_what, policy, what) => {
    expect(textsOf(trustFindings("role", policy, ACCOUNT))).toEqual([`wrong: ${what}`]);
  });
});

test.each([
  ["UPDATE_COMPLETE", "ok"],
  ["UPDATE_IN_PROGRESS", "unknown"],
  ["UPDATE_ROLLBACK_COMPLETE", "wrong"],
  ["ROLLBACK_COMPLETE", "wrong"],
  ["DELETE_FAILED", "wrong"],
])("a stack that is %s is %s", (status, expected) => {
  expect(stackFinding("doorstep-dev", status).status).toBe(expected);
});

test("streaming video is open to an account with processors, and a quota that is nearly used up is wrong", () => {
  const running = Array.from({ length: 33 }, () => ({ Status: "STARTING" as const }));
  expect(textsOf(streamingFindings(running, "eu-west-1"))).toEqual([
    "ok: open to this account, which has 33 stream processors",
    "ok: 33 of 10000 stream processors of the account and Region (default quota)",
    "wrong: 33 of 40 label sessions that run at a time (default quota)",
  ]);
});

test("a topic without one of the stack's subscriptions, or with one unconfirmed, is wrong", () => {
  const wanted = [
    { arn: "t:1", logicalId: "One" },
    { arn: "t:2", logicalId: "Two" },
  ];
  expect(textsOf(subscriptionFindings(wanted, ["t:1", "PendingConfirmation"]))).toEqual([
    "wrong: it lacks Two",
    "wrong: 1 subscriptions wait for confirmation",
  ]);
});

test("a camera whose processor has failed is wrong, with Rekognition's reason; the engine frames needs no processor", () => {
  const camera = (cameraId: string, engine: "stream-processor" | "frames") => ({
    cameraId,
    engine,
    streamName: cameraId,
    processorName: cameraId,
  });
  const streams = new Map(["door", "yard", "shed"].map((name) => [name, "ACTIVE"]));
  const processors = new Map([["door", { status: "FAILED", reason: "Access denied to Role" }]]);
  expect(
    textsOf(
      cameraFindings(
        [camera("door", "stream-processor"), camera("yard", "frames"), camera("shed", "stream-processor")],
        streams,
        processors,
      ),
    ),
  ).toEqual([
    "ok: 1 of 3 have everything that they need",
    "wrong: door: its stream processor has FAILED: Access denied to Role",
    "wrong: shed: the stream processor shed does not exist",
  ]);
});

test("messages in a queue with a redrive policy are waiting, those in a dead-letter queue are wrong", () => {
  expect(
    textsOf(
      queueFindings([
        { name: "wake", messages: 2, isLast: false },
        { name: "undelivered", messages: 1, isLast: true },
      ]),
    ),
  ).toEqual([
    "wrong: 1 message in undelivered that could not be delivered or processed",
    "ok: 2 messages waiting in wake",
  ]);
});

test("objects under the error prefixes are counted by place", () => {
  const keys = [
    "errors/a/processing-failed/dt=2026-11-21/1",
    "errors/a/processing-failed/dt=2026-11-22/2",
    "errors/b/x",
  ];
  expect(textsOf(errorFindings(keys, true, "lake"))).toEqual([
    "wrong: 2 objects under s3://lake/errors/a/processing-failed",
    "wrong: 1 object under s3://lake/errors/b/x",
    "unknown: more objects than the 3 listed",
  ]);
});

test("missing data is unknown, and failures on its way are wrong", () => {
  const sum = (metric: string, value: number, name: string, of: string) => ({
    namespace: "any",
    metric,
    dimensions: { [name]: of },
    value,
  });
  const sums = [
    sum("PutMedia.IncomingFragments", 5, "StreamName", "door"),
    sum("PutMedia.IncomingFragments", 0, "StreamName", "yard"),
    sum("SessionsStarted", 1, "stack", "dev"),
    sum("IncomingRecords", 3, "DeliveryStreamName", "detections"),
    sum("Errors", 2, "FunctionName", "dev-transform"),
    sum("Throttles", 0, "FunctionName", "dev-transform"),
    sum("SessionsFailed", 1, "stack", "dev"),
  ];
  expect(textsOf(dataFindings(sums, { sinceMs: 0, nowMs: 3_600_000 }))).toEqual([
    "ok: 5 fragments of video, from 1 of 2 cameras",
    "ok: 1 session started",
    "unknown: no notifications published in 60 minutes",
    "unknown: 3 records accepted by Firehose, no rows delivered to the lake in 60 minutes",
    "wrong: 2 errors of dev-transform in 60 minutes",
    "wrong: 1 sessions that failed in 60 minutes",
  ]);
});
