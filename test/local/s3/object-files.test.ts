import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { keyPath } from "../../../local/s3/object-path.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

let dataFolder: string;
let local: TestCloud;
let s3: S3Client;

const start = async (): Promise<void> => {
  local = await startTestCloud({ dataFolder });
  s3 = local.client(S3Client);
};
/** Changes files as a kill or a broken disk would, between two runs. */
const restartAfter = async (change: () => void): Promise<void> => {
  await local.stop();
  change();
  await start();
};

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "doorstep-objects-"));
  await start();
});
let bucket = "";
let buckets = 0;
beforeEach(async () => {
  bucket = `bucket-${++buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(async () => {
  await local.stop();
  rmSync(dataFolder, { recursive: true });
});

const file = (path: string): string => join(dataFolder, "s3", "buckets", bucket, path);
const put = async (Key: string, Body: string) =>
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, Metadata: { body: Body } }));
const read = async (Key: string): Promise<string> => {
  const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  const text = await Body!.transformToString();
  expect(Metadata).toEqual({ body: text });
  return text;
};
const keys = async (): Promise<Set<string | undefined>> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return new Set(Contents.map(({ Key }) => Key));
};
const setAside = (): object[] =>
  local.cloud.events.matching(({ name }) => name === "set-aside").map(({ detail }) => detail);

const key = fc
  .array(
    fc.constantFrom(
      "a",
      "/",
      ".data",
      ".meta.json",
      ".new",
      ".broken",
      "%",
      "%2e",
      "~",
      "\u0001",
      "é",
      "l".repeat(250),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));

test("no two keys share a file, and none is a folder of another", () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      const files = (it: string) =>
        [".data", ".meta.json", ".data.new", ".meta.json.new"].map((end) => keyPath(it) + end);
      const names = keyPath(one).split("/");
      expect(names.every((name) => name !== "" && Buffer.byteLength(name) <= 240)).toBe(true);
      if (one === other) return;
      for (const path of files(one))
        expect(files(other).filter((its) => its === path || its.startsWith(`${path}/`))).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test("keys that file systems would confuse or refuse are objects of their own, after a restart as well", async () => {
  const paths = ["a/b", "a//b", "/a/b", "a/b/", "a/b//", "x", "x.data", "x.data/y", "x.meta.json"];
  const odd = ["x.meta.json/y", "x.new", "x.data.new/y", "é/ü", "50%/<b>", "\u0001/\u001f", "a%2fb"];
  const parts = ["k", "é", "/", "\u0001"].map((one) => one.repeat(1024 / Buffer.byteLength(one)));
  const all = [...paths, ...odd, ...parts, `${"d".repeat(256)}/f`];
  for (const [index, one] of all.entries()) await put(one, `body ${index}`);
  await restartAfter(() => undefined);
  expect(await keys()).toEqual(new Set(all));
  for (const [index, one] of all.entries()) expect(await read(one)).toBe(`body ${index}`);
  for (const one of all) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: one }));
  expect([await keys(), readdirSync(file("objects"))]).toEqual([new Set(), []]);
  expect(setAside()).toEqual([]);
});

test("a key of more than 1,024 bytes is too long", async () => {
  const error = { name: "KeyTooLongError", $metadata: { httpStatusCode: 400 } };
  await expect(put("k".repeat(1025), "x")).rejects.toMatchObject(error);
  await expect(put("é".repeat(513), "x")).rejects.toMatchObject(error);
});

test("an object that an earlier version stored under the path of another key moves to its own", async () => {
  await put("a//b", "kept");
  await restartAfter(() => {
    renameSync(file("objects/a/%/b.data"), file("objects/a/b.data"));
    renameSync(file("objects/a/%/b.meta.json"), file("objects/a/b.meta.json"));
  });
  await put("a/b", "other");
  expect([await read("a//b"), await read("a/b")]).toEqual(["kept", "other"]);
});

/** The files of an object `k` with the body "old" or "new". */
interface Files {
  readonly data: string;
  readonly meta: string;
}

const files = (): Files => ({
  data: readFileSync(file("objects/k.data"), "utf8"),
  meta: readFileSync(file("objects/k.meta.json"), "utf8"),
});

test.each<[string, string, (next: Files) => void]>([
  ["while the bytes are written", "old", () => writeFileSync(file("objects/k.data.new"), "n")],
  [
    "while the metadata is written",
    "old",
    ({ data, meta }) => {
      writeFileSync(file("objects/k.data.new"), data);
      writeFileSync(file("objects/k.meta.json.new"), meta.slice(0, 9));
    },
  ],
  [
    "before both take their places",
    "old",
    ({ data, meta }) => {
      writeFileSync(file("objects/k.data.new"), data);
      writeFileSync(file("objects/k.meta.json.new"), meta);
    },
  ],
  [
    "between the two renames",
    "the next",
    ({ data, meta }) => {
      writeFileSync(file("objects/k.data"), data);
      writeFileSync(file("objects/k.meta.json.new"), meta);
    },
  ],
])("a kill %s leaves the %s object whole", async (_when, expected, kill) => {
  await put("k", "the next");
  const next = files();
  await put("k", "old");
  await restartAfter(() => kill(next));
  expect([await read("k"), await keys()]).toEqual([expected, new Set(["k"])]);
  expect(readdirSync(file("objects"))).toEqual(["k.data", "k.meta.json"]);
});

test.each<[string, string, () => void]>([
  ["empty", "it is empty", () => truncateSync(file("objects/f/k.meta.json"))],
  ["not JSON", "it is not JSON", () => writeFileSync(file("objects/f/k.meta.json"), '{"key":')],
  ["of no object", "it has no key or no etag", () => writeFileSync(file("objects/f/k.meta.json"), "{}")],
  ["without bytes", "the object has no bytes", () => rmSync(file("objects/f/k.data"))],
  [
    "of other bytes",
    "the object has 2 bytes instead of 6",
    () => writeFileSync(file("objects/f/k.data"), "no"),
  ],
])(
  "metadata that is %s is set aside by name, and the cloud boots with all other objects",
  async (_what, reason, change) => {
    await put("f/k", "broken");
    await put("f/other", "whole");
    await restartAfter(change);
    const broken = { file: file("objects/f/k.meta.json"), reason, renamedTo: "k.meta.json.broken" };
    expect([setAside(), await keys()]).toEqual([[broken], new Set(["f/other"])]);
    await put("f/k", "anew");
    await restartAfter(() => undefined);
    expect([setAside(), await read("f/k"), await read("f/other")]).toEqual([[], "anew", "whole"]);
  },
);

test("a broken description of a bucket is set aside, and its objects stay", async () => {
  await put("k", "kept");
  await restartAfter(() => truncateSync(file(".bucket.json")));
  expect(setAside()).toEqual([
    { file: file(".bucket.json"), reason: "it is empty", renamedTo: ".bucket.json.broken" },
  ]);
  expect(await read("k")).toBe("kept");
});

test("a broken description of an upload is set aside with its upload", async () => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "k" }));
  const description = join(dataFolder, "s3", "_multipart", UploadId!, ".upload.json");
  await restartAfter(() => truncateSync(description));
  expect(setAside()).toEqual([
    { file: description, reason: "it is empty", renamedTo: ".upload.json.broken" },
  ]);
});
