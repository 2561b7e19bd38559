import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  type ListObjectVersionsCommandInput,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { emptyBucket } from "../../../tools/empty-buckets.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { ownersRole } from "../template-parts.ts";

const template = {
  Resources: {
    Photos: {
      Type: "AWS::S3::Bucket",
      Properties: { BucketName: "photos", VersioningConfiguration: { Status: "Enabled" } },
    },
    CurrentOnly: ownersRole("current-only", ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"]),
    Versions: ownersRole("versions", [
      "s3:GetObjectVersion",
      "s3:DeleteObjectVersion",
      "s3:ListBucketVersions",
      "s3:GetBucketVersioning",
      "s3:PutBucketVersioning",
    ]),
  },
};

let dataFolder: string;
let local: TestCloud;
let s3: S3Client;
const start = async (): Promise<void> => {
  local = await startTestCloud({ template, dataFolder });
  s3 = local.client(S3Client);
};
beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "doorstep-versions-"));
  await start();
});
afterAll(async () => {
  await local.stop();
  rmSync(dataFolder, { recursive: true });
});

let Bucket = "";
let buckets = 0;
const setStatus = async (Status: "Enabled" | "Suspended") =>
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
beforeEach(async () => {
  Bucket = `bucket-${++buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
});

const put = async (Key: string, Body: string) =>
  (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
const read = async (Key: string, VersionId?: string): Promise<string> => {
  const output = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return await output.Body!.transformToString();
};
const remove = async (Key: string, VersionId?: string) => {
  const { $metadata: _, ...output } = await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  return output;
};
/** The versions and delete markers of a page, each as `key id`, with `latest` for the newest of its key. */
const list = async (input: Partial<ListObjectVersionsCommandInput> = {}) => {
  const output = await s3.send(new ListObjectVersionsCommand({ Bucket, ...input }));
  const named = (all: typeof output.DeleteMarkers = []) =>
    all.map(({ Key, VersionId, IsLatest }) => `${Key} ${VersionId}${IsLatest ? " latest" : ""}`);
  return { ...output, versions: named(output.Versions), markers: named(output.DeleteMarkers) };
};
/** The error of a call: its name and status, and the headers about versions. */
const refused = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof S3ServiceException)) throw error;
  const headers = error.$response?.headers ?? {};
  return [
    error.name,
    error.$metadata.httpStatusCode,
    headers["x-amz-delete-marker"],
    headers["x-amz-version-id"],
  ];
};

test("a bucket has no versioning at first, and the status that is set, by the template as well", async () => {
  const status = async (bucket: string) =>
    (await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status;
  expect([await status(Bucket), await status("photos")]).toEqual([undefined, "Enabled"]);
  await setStatus("Suspended");
  expect(await status(Bucket)).toBe("Suspended");
  expect(await refused(setStatus("On" as "Enabled"))).toEqual([
    "IllegalVersioningConfigurationException",
    400,
    undefined,
    undefined,
  ]);
  await expect(status("nowhere")).rejects.toMatchObject({ name: "NoSuchBucket" });
});

test("a bucket without versioning returns no version ids, and lists its objects as null versions", async () => {
  expect(await put("k", "one")).toBeUndefined();
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).VersionId).toBeUndefined();
  expect((await list()).versions).toEqual(["k null latest"]);
  expect(await read("k", "null")).toBe("one");
  expect(await remove("k")).toEqual({});
  expect((await list()).versions).toEqual([]);
});

test("every write of an object is a version of its own, which is read by its id, after a restart as well", async () => {
  await put("k", "before versioning");
  await setStatus("Enabled");
  const one = await put("k", "one");
  const two = (await s3.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/k` })))
    .VersionId;
  expect(one).toMatch(/^[A-Za-z0-9._]{32}$/);
  expect(new Set([one, two, "null"]).size).toBe(3);
  const Key = "k";
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const { ETag } = await s3.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "in parts" }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const parts = (
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }))
  ).VersionId;
  await local.stop();
  await start();
  expect((await list()).versions).toEqual([`k ${parts} latest`, `k ${two}`, `k ${one}`, "k null"]);
  const bodies = await Promise.all([undefined, parts, two, one, "null"].map((id) => read("k", id)));
  expect(bodies).toEqual(["in parts", "in parts", "one", "one", "before versioning"]);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId: one }));
  expect([head.VersionId, head.ContentLength]).toEqual([one, 3]);
  expect((await s3.send(new GetObjectCommand({ Bucket, Key }))).VersionId).toBe(parts);
  const range = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId: "null", Range: "bytes=0-5" }));
  expect(await range.Body!.transformToString()).toBe("before");
  const attributes = await s3.send(
    new GetObjectAttributesCommand({ Bucket, Key, VersionId: one, ObjectAttributes: ["ObjectSize"] }),
  );
  expect([attributes.ObjectSize, attributes.VersionId]).toEqual([3, one]);
});

test("a copy reads the version that it names, and returns both ids", async () => {
  await setStatus("Enabled");
  const one = await put("from ü", "one");
  await put("from ü", "two");
  const CopySource = `${Bucket}/${encodeURIComponent("from ü")}?versionId=${one}`;
  const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource }));
  expect([copy.CopySourceVersionId, await read("to"), await read("to", copy.VersionId)]).toEqual([
    one,
    "one",
    "one",
  ]);
  const marker = (await remove("from ü")).VersionId;
  const again = (versionId?: string) =>
    s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: "to",
        CopySource: `${Bucket}/${encodeURIComponent("from ü")}${versionId ? `?versionId=${versionId}` : ""}`,
      }),
    );
  expect(await refused(again())).toEqual(["NoSuchKey", 404, undefined, undefined]);
  expect(await refused(again(marker))).toEqual(["InvalidRequest", 400, undefined, undefined]);
});

test("a delete inserts a delete marker, and deleting that brings the object back", async () => {
  await setStatus("Enabled");
  const one = await put("k", "one");
  const marker = await remove("k");
  expect(marker).toEqual({ DeleteMarker: true, VersionId: expect.stringMatching(/^[A-Za-z0-9._]{32}$/) });
  const id = marker.VersionId;
  expect(await refused(read("k"))).toEqual(["NoSuchKey", 404, "true", id]);
  const head = s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
  expect(await refused(head)).toEqual(["NotFound", 404, "true", id]);
  expect(await refused(read("k", id))).toEqual(["MethodNotAllowed", 405, "true", id]);
  expect(await read("k", one)).toBe("one");
  expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
  expect(await list()).toMatchObject({ versions: [`k ${one}`], markers: [`k ${id} latest`] });
  expect(await remove("k", id)).toEqual({ DeleteMarker: true, VersionId: id });
  expect(await read("k")).toBe("one");
  expect(await remove("k", one)).toEqual({ VersionId: one });
  expect(await list()).toMatchObject({ versions: [], markers: [] });
});

test("a delete of a key that does not exist inserts a delete marker, too", async () => {
  await setStatus("Enabled");
  const { VersionId } = await remove("nothing");
  expect(await list()).toMatchObject({ versions: [], markers: [`nothing ${VersionId} latest`] });
});

test("the version before is current again after the newest one is deleted", async () => {
  await setStatus("Enabled");
  const [one, two] = [await put("k", "one"), await put("k", "two")];
  expect(await remove("k", two)).toEqual({ VersionId: two });
  expect([await read("k"), (await list()).versions]).toEqual(["one", [`k ${one} latest`]]);
});

test("a version that does not exist is 404, an id that S3 cannot have issued is refused", async () => {
  await setStatus("Enabled");
  const gone = await put("k", "one");
  await remove("k", gone);
  await put("k", "two");
  expect(await refused(read("k", gone))).toEqual(["NoSuchVersion", 404, undefined, undefined]);
  expect(await refused(read("k", "null"))).toEqual(["NoSuchVersion", 404, undefined, undefined]);
  expect(await refused(read("k", "1"))).toEqual(["InvalidArgument", 400, undefined, undefined]);
  expect(await remove("k", gone)).toEqual({ VersionId: gone });
  expect(await refused(remove("k", "1"))).toEqual(["InvalidArgument", 400, undefined, undefined]);
  expect(await read("k")).toBe("two");
});

test("while versioning is suspended, a write or a delete replaces the null version alone", async () => {
  await put("k", "first null");
  await setStatus("Enabled");
  const one = await put("k", "one");
  await setStatus("Suspended");
  expect(await put("k", "second null")).toBe("null");
  expect((await list()).versions).toEqual(["k null latest", `k ${one}`]);
  expect([await read("k"), await read("k", "null")]).toEqual(["second null", "second null"]);
  expect(await remove("k")).toEqual({ DeleteMarker: true, VersionId: "null" });
  expect(await list()).toMatchObject({ versions: [`k ${one}`], markers: ["k null latest"] });
  expect(await put("k", "third null")).toBe("null");
  expect(await list()).toMatchObject({ versions: ["k null latest", `k ${one}`], markers: [] });
});

test("several objects and versions are deleted in one call, with an answer for each", async () => {
  await setStatus("Enabled");
  const one = await put("a", "one");
  const gone = await put("gone", "x");
  await remove("gone", gone);
  const marker = (await remove("m")).VersionId;
  const send = async (Quiet: boolean, Objects: { Key: string; VersionId?: string | undefined }[]) =>
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet } }));
  const { Deleted = [], Errors } = await send(false, [
    { Key: "a" },
    { Key: "a", VersionId: one },
    { Key: "m", VersionId: marker },
    { Key: "gone", VersionId: gone },
    { Key: "a", VersionId: "1" },
  ]);
  const created = Deleted[0]!.DeleteMarkerVersionId;
  expect(Deleted).toEqual([
    { Key: "a", DeleteMarker: true, DeleteMarkerVersionId: created },
    { Key: "a", VersionId: one },
    { Key: "m", VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
    { Key: "gone", VersionId: gone },
  ]);
  expect(Errors).toEqual([
    { Key: "a", VersionId: "1", Code: "InvalidArgument", Message: "Invalid version id specified" },
  ]);
  expect((await list()).markers).toEqual([`a ${created} latest`]);
  const quiet = await send(true, [{ Key: "a", VersionId: created }]);
  expect([quiet.Deleted, quiet.Errors]).toEqual([undefined, undefined]);
  await expect(send(false, [])).rejects.toMatchObject({ name: "MalformedXML" });
});

describe("ListObjectVersions", () => {
  test("lists keys in the order of their UTF-8 bytes and versions from the newest, in pages that go on after deletes", async () => {
    await setStatus("Enabled");
    const expected: string[] = [];
    for (const key of ["A", "a-b", "a/b", "b", "\uffee", "😀"]) {
      const [one, two] = [await put(key, "1"), await put(key, "2")];
      expected.push(`${key} ${two} latest`, `${key} ${one}`);
    }
    expect((await list()).versions).toEqual(expected);
    const listed: string[] = [];
    let page: Awaited<ReturnType<typeof list>> | undefined;
    do {
      const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page ?? {};
      page = await list({ MaxKeys: 3, KeyMarker, VersionIdMarker });
      listed.push(...page.versions);
      for (const { Key, VersionId } of page.Versions!) await remove(Key!, VersionId);
    } while (page.IsTruncated);
    // The older version of a key is the newest one once the page before is deleted.
    expect(listed.map((one) => one.replace(" latest", ""))).toEqual(
      expected.map((one) => one.replace(" latest", "")),
    );
    expect((await list()).versions).toEqual([]);
  });

  test("groups keys by a delimiter, below a prefix and after a marker", async () => {
    await setStatus("Enabled");
    for (const key of ["dt=1/x", "dt=1/y", "dt=2/x", "dt=2/x", "z"]) await put(key, "1");
    const grouped = await list({ Delimiter: "/", MaxKeys: 2 });
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: "dt=1/" }, { Prefix: "dt=2/" }]);
    expect([grouped.IsTruncated, grouped.NextKeyMarker, grouped.NextVersionIdMarker]).toEqual([
      true,
      "dt=2/",
      undefined,
    ]);
    const rest = await list({ Delimiter: "/", KeyMarker: "dt=2/" });
    expect([rest.CommonPrefixes, rest.versions.length]).toEqual([undefined, 1]);
    expect((await list({ Prefix: "dt=2/" })).versions.length).toBe(2);
    expect((await list({ KeyMarker: "dt=1/y" })).versions.length).toBe(3);
  });

  test.each([
    [{ VersionIdMarker: "null" }, "A version-id marker cannot be specified without a key marker."],
    [{ KeyMarker: "a", VersionIdMarker: "1" }, "Invalid version id specified"],
    [{ MaxKeys: -1 }, "Provided max-keys not an integer or within integer range"],
  ])("refuses %j: %s", async (input, message) => {
    await expect(list(input)).rejects.toMatchObject({ name: "InvalidArgument", message });
  });
});

describe("a listing of objects", () => {
  const keys = ["A", "a", "a-b", "a.b", "a/b", "a/c", "b\r\n<&>", "é", "\uffee", "😀"];
  beforeEach(async () => {
    for (const key of keys.toReversed()) await put(key, "1");
  });

  test("is in the order of the keys' UTF-8 bytes, in pages and after any key", async () => {
    const listed: (string | undefined)[] = [];
    for await (const { Contents = [], KeyCount } of paginateListObjectsV2(
      { client: s3, pageSize: 3 },
      { Bucket },
    )) {
      expect(KeyCount).toBe(Contents.length);
      listed.push(...Contents.map(({ Key }) => Key));
    }
    expect(listed).toEqual(keys);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, StartAfter: "a.b" }));
    expect(Contents.map(({ Key }) => Key)).toEqual(keys.slice(4));
  });

  test("goes on after a group at the end of a page", async () => {
    const first = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/", MaxKeys: 5 }));
    expect([first.Contents?.length, first.CommonPrefixes]).toEqual([4, [{ Prefix: "a/" }]]);
    const ContinuationToken = first.NextContinuationToken;
    const second = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/", ContinuationToken }));
    expect([second.Contents?.map(({ Key }) => Key), second.CommonPrefixes]).toEqual([
      keys.slice(6),
      undefined,
    ]);
    const oldForm = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 5 }));
    expect(oldForm.NextMarker).toBe("a/");
    await expect(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "?" }))).rejects.toMatchObject(
      { name: "InvalidArgument" },
    );
  });

  test("encodes keys for clients that ask for it", async () => {
    const { Contents = [], EncodingType } = await s3.send(
      new ListObjectsV2Command({ Bucket, EncodingType: "url", Prefix: "b" }),
    );
    expect([EncodingType, Contents.map(({ Key }) => decodeURIComponent(Key!))]).toEqual([
      "url",
      ["b\r\n<&>"],
    ]);
  });
});

test("a bucket that has versions cannot be deleted until it is emptied of all of them", async () => {
  await setStatus("Enabled");
  for (const key of ["a", "a", "b"]) await put(key, "x");
  await remove("b");
  await remove("a");
  const drop = () => s3.send(new DeleteBucketCommand({ Bucket }));
  await expect(drop()).rejects.toMatchObject({ name: "BucketNotEmpty" });
  expect(await emptyBucket(Bucket, s3)).toBe(5);
  await drop();
  await s3.send(new CreateBucketCommand({ Bucket }));
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
});

test("versions need permissions of their own", async () => {
  Bucket = "photos";
  const [one] = [await put("k", "one"), await put("k", "two")];
  const as = async (role: string) => new S3Client(await local.configOf(role));
  const [current, versions] = [await as("CurrentOnly"), await as("Versions")];
  const get = (client: S3Client, VersionId?: string) =>
    client.send(new GetObjectCommand({ Bucket, Key: "k", VersionId }));
  const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
  expect(await (await get(current)).Body!.transformToString()).toBe("two");
  await expect(get(current, one)).rejects.toMatchObject(denied);
  expect(await (await get(versions, one)).Body!.transformToString()).toBe("one");
  await expect(get(versions)).rejects.toMatchObject(denied);
  await expect(current.send(new ListObjectVersionsCommand({ Bucket }))).rejects.toMatchObject(denied);
  expect((await versions.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toHaveLength(2);
  await expect(current.send(new GetBucketVersioningCommand({ Bucket }))).rejects.toMatchObject(denied);
  expect((await versions.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
  const Objects = [{ Key: "k" }, { Key: "k", VersionId: one }];
  const { Deleted, Errors } = await current.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toMatchObject([{ Key: "k", DeleteMarker: true }]);
  expect(Errors).toMatchObject([{ Key: "k", VersionId: one, Code: "AccessDenied" }]);
  await versions.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: one }));
  for (const client of [current, versions]) client.destroy();
});
