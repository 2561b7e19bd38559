import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync, existsSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { DeleteObjectsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { systemClock } from "../../../base/clock.ts";
import { Events } from "../../../local/events.ts";
import { startFauxqs, type Fauxqs } from "../../../local/fauxqs.ts";
import { startTestCloud } from "../cloud.ts";

let folder: string;
let fauxqs: Fauxqs;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-storage-"));
  fauxqs = await startFauxqs({
    dataFolder: join(folder, "data"),
    region: "us-east-1",
    events: new Events(systemClock),
  });
  expect((await send("PUT", "/photos")).status).toBe(200);
});
afterAll(async () => {
  await fauxqs.stop();
  rmSync(folder, { recursive: true });
});

/** Sends a request to the storage itself, past the endpoint and its checks. */
async function send(method: string, path: string, headers: Record<string, string> = {}, body = "x") {
  return await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    request({ socketPath: fauxqs.socketPath, method, path, headers: { host: "localhost", ...headers } })
      .once("response", (response) => {
        text(response).then((it) => resolve({ status: response.statusCode, text: it }), reject);
      })
      .once("error", reject)
      .end(body);
  });
}

const files = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".data"));

test.each([
  ["PUT", "/photos/..%2F..%2F..%2Fx", {}],
  ["PUT", "/photos/a%2F..%2F..%2F..%2Fx", {}],
  ["PUT", "/photos/%2e%2e%2Fx", {}],
  ["PUT", "/photos/.%2Fx", {}],
  ["POST", "/photos/..%2Fx?uploads", {}],
])(
  "the storage itself refuses a key that leaves its bucket's folder: %s %s",
  async (method, path, headers) => {
    const { status, text: body } = await send(method, path, headers);
    expect([status, body]).toEqual([400, expect.stringContaining("<Code>InvalidArgument</Code>")]);
    expect(files()).toEqual([]);
  },
);

test("only this user can reach the storage's socket", () => {
  expect(statSync(dirname(fauxqs.socketPath)).mode & 0o777).toBe(0o700);
});

test("a list of objects to delete deletes no file outside their bucket", async () => {
  const template = {
    Resources: { Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "photos" } } },
  };
  const local = await startTestCloud({ template });
  const outside = join(local.cloud.dataFolder, "s3", "x.data");
  writeFileSync(outside, "kept");
  const Objects = [{ Key: "../../../x" }];
  await expect(
    local.client(S3Client).send(new DeleteObjectsCommand({ Bucket: "photos", Delete: { Objects } })),
  ).rejects.toMatchObject({ name: "InvalidArgument" });
  expect(existsSync(outside)).toBe(true);
  await local.stop();
});
