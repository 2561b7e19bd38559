import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { putObject } from "../../../local/s3/put-object.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

let local: TestCloud;
let s3: S3Client;

beforeAll(async () => {
  local = await startTestCloud();
  s3 = local.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: "large" }));
});
afterAll(() => local.stop());

test("an object that is larger than one request allows is put in parts and reads as one", async () => {
  const Body = Buffer.alloc(12 * 1024 * 1024, "doorstep ");
  await putObject(s3, { Bucket: "large", Key: "whole", Body }, new AbortController().signal);
  const { Body: read, ContentLength } = await s3.send(
    new GetObjectCommand({ Bucket: "large", Key: "whole" }),
  );
  expect(ContentLength).toBe(12_582_912);
  expect(Buffer.from(await read!.transformToByteArray()).equals(Body)).toBe(true);
});

test("nothing is put after an abort", async () => {
  const Body = Buffer.alloc(12 * 1024 * 1024);
  const put = putObject(s3, { Bucket: "large", Key: "called-off", Body }, AbortSignal.abort());
  await expect(put).rejects.toMatchObject({ name: "AbortError" });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "large" }));
  expect(Contents.map(({ Key }) => Key)).not.toContain("called-off");
});
