import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  clip,
  create,
  describeIt,
  folder,
  LABELS,
  start,
  stream,
  emitted,
  useFrontDoor,
} from "./front-door.ts";
import { roleArn, STREAM_ARN, TOPIC_ARN } from "./stack.ts";

useFrontDoor();

describe("a session that fails after its start makes the processor FAILED with the reason", () => {
  const failure = async (): Promise<string | undefined> => {
    await start();
    await emitted("session-failed");
    const { Status, StatusMessage } = await describeIt();
    expect(Status).toBe("FAILED");
    return StatusMessage;
  };

  test.each([
    ["nobody", /^Access denied to Role: .*the role does not exist$/],
    [
      "other-trust",
      /^Access denied to Role: .*because no role trust policy allows the sts:AssumeRole action$/,
    ],
    ["no-video", /^Access denied to Kinesis Video: .* kinesisvideo:GetDataEndpoint /],
    [
      "no-evidence",
      /^Access denied to S3: .* s3:PutObject on resource: arn:aws:s3:::evidence\/labels\/front-door\//,
    ],
    ["no-topic", new RegExp(`^Access denied to SNS: .* sns:Publish on resource: ${TOPIC_ARN}`)],
  ])("with the role %s", async (role, message) => {
    stream.add(...clip.fragments);
    await create({ RoleArn: roleArn(role) });
    expect(await failure()).toMatch(message);
  });

  test("on a stream that does not exist", async () => {
    await create({ Input: { KinesisVideoStream: { Arn: STREAM_ARN.replace("front-door", "garage") } } });
    expect(await failure()).toMatch(/^Stream garage doesn't exist/);
  });

  test("on a bucket that does not exist", async () => {
    stream.add(...clip.fragments);
    await create({ Output: { S3Destination: { Bucket: "evidence-of-nobody" } }, RoleArn: roleArn("full") });
    expect(await failure()).toMatch(/^Access denied to S3: |^S3 returned NoSuchBucket: /);
  });

  test("on video that is not H.264", async () => {
    const header = Buffer.from(clip.header);
    header.write("V_MPEG4/ISO/ASP", header.indexOf("V_MPEG4/ISO/AVC"));
    stream.header = header;
    stream.add(...clip.fragments);
    await create();
    expect(await failure()).toBe(
      "The stream has video in codec V_MPEG4/ISO/ASP; expected H.264 (V_MPEG4/ISO/AVC)",
    );
  });

  test("on an error that Kinesis Video sends inside the stream", async () => {
    const [first] = clip.fragments;
    stream.add({ ...first!, tags: [{ name: "AWS_KINESISVIDEO_ERROR_CODE", value: "4500" }] });
    await create();
    expect(await failure()).toBe("Kinesis Video ended the stream with error 4500");
  });

  test("on an invalid labels file", async () => {
    writeFileSync(
      join(folder, "front-door.labels.json"),
      '{"tracks":[{"name":"CAT","confidence":1,"keyframes":[]}]}',
    );
    stream.add(...clip.fragments);
    await create();
    expect(await failure()).toContain(
      "front-door.labels.json: tracks[0].name: expected one of PERSON, PET, PACKAGE",
    );
  });

  test("and can be started again once the cause is fixed", async () => {
    stream.add(...clip.fragments);
    rmSync(join(folder, "front-door.labels.json"));
    writeFileSync(join(folder, "front-door.labels.json"), "{");
    await create();
    expect(await failure()).toContain("front-door.labels.json is not JSON");
    writeFileSync(join(folder, "front-door.labels.json"), JSON.stringify(LABELS));
    const sessionId = await start();
    expect((await describeIt()).StatusMessage).toBeUndefined();
    await emitted("session-completed", (detail) => detail["sessionId"] === sessionId);
  });
});

test("a session whose role may not publish its completion notification leaves the processor STOPPED, without an error", async () => {
  writeFileSync(join(folder, "front-door.labels.json"), JSON.stringify({ tracks: [] }));
  stream.add(...clip.fragments);
  await create({ RoleArn: roleArn("no-topic") });
  const sessionId = await start();
  const { detail } = await emitted("session-end-unpublished");
  expect(detail).toMatchObject({ sessionId, error: expect.stringMatching(/^Access denied to SNS: /) });
  const { Status, StatusMessage } = await describeIt();
  expect([Status, StatusMessage]).toEqual(["STOPPED", undefined]);
});
