import { mkdtempSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { DeleteObjectsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { systemClock } from "../../../base/clock.ts";
import { Events } from "../../../local/events.ts";
import { requestWith } from "../../../local/api/in-process.ts";
import { startFauxqs, type Fauxqs } from "../../../local/fauxqs.ts";
import { startTestCloud } from "../cloud.ts";

let folder: string;
let fauxqs: Fauxqs;
/** The storage without the endpoint and its checks. */
const server = createServer(
  (received, response) =>
    void buffer(received).then((body) => fauxqs.respond(requestWith(received, body), response)),
);
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  folder = mkdtempSync(join(tmpdir(), "doorstep-storage-"));
  fauxqs = await startFauxqs({
    dataFolder: join(folder, "data"),
    region: "us-east-1",
    events: new Events(systemClock),
  });
  expect((await send("PUT", "/photos")).status).toBe(200);
});
afterAll(async () => {
  server.close().closeAllConnections();
  await fauxqs.stop();
  rmSync(folder, { recursive: true });
});

async function send(method: string, path: string, headers: Record<string, string> = {}, body = "x") {
  return await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    request({ port, method, path, headers: { host: "localhost", ...headers } })
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
