import { Readable } from "node:stream";
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ServiceException,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { addressed, send, signerFor } from "../signed-call.ts";
import { ownersRole } from "../template-parts.ts";

const template = {
  Resources: {
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "photos" } },
    Reader: ownersRole("reader", ["s3:GetObject"]),
    Lister: ownersRole("lister", ["s3:GetObject", "s3:ListBucket"]),
  },
};

let local: TestCloud;
beforeAll(async () => {
  local = await startTestCloud({ template });
  await local.client(S3Client).send(new PutObjectCommand({ Bucket: "photos", Key: "a.txt", Body: "a" }));
});
afterAll(() => local.stop());

describe("S3", () => {
  test("requires the hash of the body", async () => {
    const call = (hash: string) =>
      send(local, "s3", "PUT", "/photos/b.txt", "b", { headers: { "x-amz-content-sha256": hash } });
    expect(await call("none")).toMatchObject({
      status: 400,
      text: expect.stringContaining("<Code>InvalidArgument</Code>"),
    });
  });

  test("requires every x-amz- header to be signed", async () => {
    const sent = { headers: { "x-amz-acl": "public-read" } };
    const { status, text } = await send(local, "s3", "PUT", "/photos/b.txt", "b", sent);
    expect(status).toBe(403);
    expect(text).toContain("<Code>AccessDenied</Code>");
    expect(text).toContain("There were headers present in the request which were not signed");
    expect(text).toContain("Add x-amz-acl to SignedHeaders.");
  });

  test.each([
    ["a header", "", { authorization: "AWS owner:c2lnbmF0dXJl" }],
    ["a link", "?AWSAccessKeyId=owner&Signature=c2lnbmF0dXJl&Expires=1790000000", {}],
  ])("refuses Signature Version 2 in %s", async (_where, query, headers) => {
    const response = await fetch(`${local.endpoint}/photos/a.txt${query}`, {
      headers: headers as Record<string, string>,
    });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining(
        "<Code>InvalidRequest</Code><Message>The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
      ),
    ]);
  });

  test("accepts a stream, whose payload the SDK does not sign, and names of any characters", async () => {
    const s3 = new S3Client({
      region: "us-east-1",
      endpoint: local.endpoint,
      credentials: { accessKeyId: "owner", secretAccessKey: "owner" },
    });
    const object = { Bucket: "photos", Key: "a b/ü+(1)!*'~&=.txt" };
    const Body = Readable.from([Buffer.from("one "), Buffer.from("two")]);
    await s3.send(new PutObjectCommand({ ...object, Body, ContentLength: 7, Metadata: { note: "a  b" } }));
    const { Body: kept } = await s3.send(new GetObjectCommand(object));
    expect(await kept!.transformToString()).toBe("one two");
    s3.destroy();
  });
});

describe("a presigned URL", () => {
  const presign = async (
    method: string,
    ageSeconds: number,
    expiresIn: number,
    { signer = signerFor("s3"), path = "/photos/a.txt" } = {},
  ): Promise<string> => {
    const { headers, ...where } = addressed(local);
    const signed = await signer.presign(
      {
        ...where,
        method,
        path,
        headers: { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      },
      { expiresIn, signingDate: new Date(Date.now() - ageSeconds * 1000) },
    );
    const query = new URLSearchParams(signed.query as Record<string, string>);
    return `${local.endpoint}${signed.path}?${query.toString()}`;
  };
  const open = async (url: string, init: RequestInit = {}): Promise<[number, string]> => {
    const response = await fetch(url, init);
    return [response.status, await response.text()];
  };

  test("gives access to its object until it expires", async () => {
    expect(await open(await presign("GET", 0, 60))).toEqual([200, "a"]);
    expect(await open(await presign("GET", 3000, 3600))).toEqual([200, "a"]);
    expect(await open(await presign("GET", 120, 60))).toEqual([
      403,
      expect.stringContaining("<Code>AccessDenied</Code><Message>Request has expired</Message>"),
    ]);
  });

  test("of a role's session carries its token, and expires on the local cloud's clock", async () => {
    const signer = signerFor("s3", (await local.configOf("Reader")).credentials);
    const link = await presign("GET", 0, 60, { signer });
    expect(new URL(link).searchParams.get("X-Amz-Security-Token")).not.toBeNull();
    expect(await open(link)).toEqual([200, "a"]);
    const missing = await presign("GET", 0, 60, { signer, path: "/photos/none.txt" });
    expect(await open(missing)).toEqual([403, expect.stringContaining("<Code>AccessDenied</Code>")]);
    local.clock.turn(62_000);
    expect(await open(link)).toEqual([
      403,
      expect.stringContaining("<Code>AccessDenied</Code><Message>Request has expired</Message>"),
    ]);
    // The owner's links are signed outside, with the machine's clock.
    expect(await open(await presign("GET", 0, 60))).toEqual([200, "a"]);
  });

  test("gives access to nothing else", async () => {
    const refused = [403, expect.stringContaining("<Code>SignatureDoesNotMatch</Code>")];
    const url = await presign("GET", 0, 60);
    expect(await open(url.replace("a.txt", "changed.txt"))).toEqual(refused);
    expect(await open(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))).toEqual(refused);
    expect(await open(`${url}&versionId=1`)).toEqual(refused);
    expect(await open(url, { method: "PUT", body: "x" })).toEqual(refused);
  });
});

describe("an object that does not exist", () => {
  const status = async (role: string, command: "head" | "get", Bucket = "photos"): Promise<unknown> => {
    const s3 = new S3Client(await local.configOf(role));
    const input = { Bucket, Key: "none" };
    const call =
      command === "head" ? s3.send(new HeadObjectCommand(input)) : s3.send(new GetObjectCommand(input));
    return await call
      .catch(({ name, $metadata }: S3ServiceException) => [$metadata.httpStatusCode, name])
      .finally(() => s3.destroy());
  };

  test("is 404 to a role that may list the bucket, and 403 to one that may not", async () => {
    expect(await status("Lister", "head")).toEqual([404, "NotFound"]);
    expect(await status("Lister", "get")).toEqual([404, "NoSuchKey"]);
    expect(await status("Reader", "head")).toEqual([403, expect.any(String)]);
    expect(await status("Reader", "get")).toEqual([403, "AccessDenied"]);
    expect(local.cloud.access.log.denials).toEqual([]);
  });

  test("is 404 where there is no such bucket", async () => {
    expect(await status("Reader", "get", "nothing")).toEqual([404, "NoSuchBucket"]);
  });
});
