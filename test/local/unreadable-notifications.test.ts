import { S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { describe, expect, test } from "@jest/globals";
import { textObjects, type TextObjects } from "../../operator/objects.ts";
import { doorstep } from "../cli/process.ts";
import { useStack } from "../cli/stack.ts";
import { exampleText } from "../support/notifications.ts";
import { UNREADABLE_FORMS } from "../support/unreadable-forms.ts";
import { redrive } from "./failures/redrive.ts";
import type { TestStack } from "./stack.ts";

const END = exampleText("stream-processing-complete.json");
const ERRORS = "errors/detection_records/processing-failed/";
const texts = UNREADABLE_FORMS.map(([, text]) => text);

let stack: TestStack;
let lake: TextObjects;

/** How many records the delivery stream has accepted. */
const acceptedBy = (deliveryStream: string) =>
  stack.local.cloud.events
    .matching(
      ({ name, detail }) => name === "record-accepted" && detail["deliveryStreamName"] === deliveryStream,
    )
    .reduce((sum, { detail }) => sum + Number(detail["count"]), 0);

useStack(async (started) => {
  stack = started;
  lake = textObjects(
    stack.journey.outputs.LakeBucketName,
    new S3Client({ ...stack.config, forcePathStyle: true }),
  );
  const sns = new SNSClient(stack.config);
  const TopicArn = stack.journey.outputs.DetectionsTopicArn;
  for (const Message of [...texts, END]) await sns.send(new PublishCommand({ TopicArn, Message }));
  await stack.local.cloud.events.waitFor(
    () =>
      acceptedBy("doorstep-dev-detections") === texts.length + 1 && acceptedBy("doorstep-dev-sessions") === 1,
  );
  await stack.flushFirehose();
});

const contentOf = async (prefix: string) =>
  (await Promise.all((await lake.list(prefix)).map(({ key }) => lake.read(key)))).join("");

const errorLines = async () =>
  (await contentOf(ERRORS))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { errorCode: string; rawData: string });

describe("a message that no filter policy of the topic matches", () => {
  test("is kept byte for byte among the errors, and in the backup", async () => {
    const lines = await errorLines();
    expect(lines.map(({ rawData }) => Buffer.from(rawData, "base64").toString("utf8")).toSorted()).toEqual(
      texts.toSorted(),
    );
    expect(new Set(lines.map(({ errorCode }) => errorCode))).toEqual(
      new Set(["Lambda.ProcessingFailedStatus"]),
    );
    const backup = await contentOf("raw/detections/");
    for (const text of texts) expect(backup).toContain(text);
  });

  test("is counted, and logged in the words that the alarm counts", () => {
    const logged = stack.local.cloud.events
      .matching(({ name }) => name === "log")
      .map(({ detail }) => String(detail["line"]));
    expect(logged.filter((line) => line.includes("record not transformed"))).toHaveLength(texts.length);
    const counts = logged
      .filter((line) => line.includes("RecordsQuarantined"))
      .map((line) => (JSON.parse(line) as { RecordsQuarantined: number }).RecordsQuarantined);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(texts.length);
  });

  test("is named by doctor, with count, first reason and what to do", async () => {
    const { exitCode, stdout } = await doorstep(["doctor"]);
    expect(exitCode).toBe(1);
    const bucket = stack.journey.outputs.LakeBucketName;
    expect(stdout).toContain(
      `  ✗ ${texts.length} records in 1 object under s3://${bucket}/${ERRORS.slice(0, -1)}; the first: `,
    );
    expect(stdout).toContain(
      "→ its bytes are kept: correct what publishes it, or run `npx doorstep redrive` after",
    );
  });

  test("goes back by a redrive, and stays with its reason as long as it cannot be read", async () => {
    expect(await redrive("--from", "detection-errors")).toMatchObject({
      exitCode: 0,
      paths: [{ redriven: texts.length, left: [] }],
    });
    await stack.flushFirehose();
    const { exitCode, paths } = await redrive("--from", "detection-errors");
    expect(exitCode).toBe(1);
    const reasons = paths[0]!.left.map(({ reason }) => /\((.*)\)$/.exec(reason)?.[1] ?? reason);
    expect(reasons.toSorted()).toEqual(UNREADABLE_FORMS.map(([, , reason]) => reason).toSorted());
    expect(await errorLines()).toHaveLength(texts.length);
  });
});

test("a completion notification is the sessions' alone: the stream of detections drops it", async () => {
  expect(await contentOf("raw/sessions/")).toBe(END);
  const { rows } = await stack.journey.query("SELECT count(*) FROM session_records WHERE source = 'engine'");
  expect(rows).toEqual([["1"]]);
});
