import { describe, expect, test } from "@jest/globals";
import { accessesOf, bucketAndKey, deleteAccess } from "../../../local/s3/accesses.ts";

const accesses = (method: string, url: string, headers: Record<string, string> = {}) =>
  accessesOf({ method, url, headers }, new URL(`http://h${url}`).searchParams, "aws").map(
    ({ action, resource }) => `${action} ${resource}`,
  );

test("a list of objects has the condition key s3:prefix if it has a prefix", () => {
  const contexts = (url: string) =>
    accessesOf({ method: "GET", url, headers: {} }, new URL(`http://h${url}`).searchParams, "aws").map(
      ({ context }) => context,
    );
  expect(contexts("/photos?versions&prefix=a%2F")).toEqual([{ "s3:prefix": "a/" }]);
  expect(contexts("/photos?list-type=2&prefix=")).toEqual([{ "s3:prefix": "" }]);
  expect(contexts("/photos?list-type=2")).toEqual([undefined]);
});

describe("an S3 request requires", () => {
  test.each([
    ["GET", "/", "s3:ListAllMyBuckets *"],
    ["HEAD", "/photos", "s3:ListBucket arn:aws:s3:::photos"],
    ["GET", "/photos?list-type=2", "s3:ListBucket arn:aws:s3:::photos"],
    ["PUT", "/photos", "s3:CreateBucket arn:aws:s3:::photos"],
    ["DELETE", "/photos/", "s3:DeleteBucket arn:aws:s3:::photos"],
    ["GET", "/photos?location", "s3:GetBucketLocation arn:aws:s3:::photos"],
    ["GET", "/photos?uploads", "s3:ListBucketMultipartUploads arn:aws:s3:::photos"],
    ["GET", "/photos?versions", "s3:ListBucketVersions arn:aws:s3:::photos"],
    ["PUT", "/photos?policy", "s3:PutBucketPolicy arn:aws:s3:::photos"],
    ["DELETE", "/photos?lifecycle", "s3:PutLifecycleConfiguration arn:aws:s3:::photos"],
    ["GET", "/photos?versioning", "s3:GetBucketVersioning arn:aws:s3:::photos"],
    ["PUT", "/photos?versioning", "s3:PutBucketVersioning arn:aws:s3:::photos"],
    ["GET", "/photos/a/b%20c.jpg", "s3:GetObject arn:aws:s3:::photos/a/b c.jpg"],
    ["HEAD", "/photos/a", "s3:GetObject arn:aws:s3:::photos/a"],
    ["PUT", "/photos/a?x-id=PutObject", "s3:PutObject arn:aws:s3:::photos/a"],
    ["DELETE", "/photos/a", "s3:DeleteObject arn:aws:s3:::photos/a"],
    ["GET", "/photos/a?versionId=3", "s3:GetObjectVersion arn:aws:s3:::photos/a"],
    ["HEAD", "/photos/a?versionId=3", "s3:GetObjectVersion arn:aws:s3:::photos/a"],
    ["DELETE", "/photos/a?versionId=3", "s3:DeleteObjectVersion arn:aws:s3:::photos/a"],
    ["GET", "/photos/a?tagging&versionId=3", "s3:GetObjectVersionTagging arn:aws:s3:::photos/a"],
    ["POST", "/photos/a?uploads", "s3:PutObject arn:aws:s3:::photos/a"],
    ["PUT", "/photos/a?uploadId=1&partNumber=2", "s3:PutObject arn:aws:s3:::photos/a"],
    ["POST", "/photos/a?uploadId=1", "s3:PutObject arn:aws:s3:::photos/a"],
    ["DELETE", "/photos/a?uploadId=1", "s3:AbortMultipartUpload arn:aws:s3:::photos/a"],
    ["GET", "/photos/a?uploadId=1", "s3:ListMultipartUploadParts arn:aws:s3:::photos/a"],
    ["GET", "/photos/a?tagging", "s3:GetObjectTagging arn:aws:s3:::photos/a"],
    ["PUT", "/photos/a?acl", "s3:PutObjectAcl arn:aws:s3:::photos/a"],
  ])("%s %s: %s", (method, url, expected) => {
    expect(accesses(method, url)).toEqual([expected]);
  });

  test.each([
    ["films/x%20y", "s3:GetObject"],
    ["/films/x%20y", "s3:GetObject"],
    ["films/x%20y?versionId=3", "s3:GetObjectVersion"],
  ])("to read the source %s of a copy as well", (source, action) => {
    expect(accesses("PUT", "/photos/a", { "x-amz-copy-source": source })).toEqual([
      "s3:PutObject arn:aws:s3:::photos/a",
      `${action} arn:aws:s3:::films/x y`,
    ]);
  });

  test("nothing by its address to delete several objects: each one is authorised by itself", () => {
    expect(accesses("POST", "/photos?delete")).toEqual([]);
    expect(deleteAccess("aws", "photos", { key: "a", versionId: undefined })).toEqual({
      action: "s3:DeleteObject",
      resource: "arn:aws:s3:::photos/a",
    });
    expect(deleteAccess("aws", "photos", { key: "a", versionId: "3" }).action).toBe("s3:DeleteObjectVersion");
  });
});

test.each([
  "/photos/../films/a",
  "/photos/a/%2e%2e/b",
  "/photos/a%2F..%2Fb",
  "/photos/./a",
  "/..",
  "/photos/..",
])("%s would leave its folder, and is refused", (path) => {
  expect(() => bucketAndKey(path)).toThrow(expect.objectContaining({ code: "InvalidArgument" }));
});

test("dots inside names are kept, and so are slashes", () => {
  expect(bucketAndKey("/photos/a..b/...//c.")).toEqual({ bucket: "photos", key: "a..b/...//c." });
});

test("a path that is not percent-encoded text is refused", () => {
  expect(() => bucketAndKey("/photos/%zz")).toThrow(expect.objectContaining({ code: "InvalidURI" }));
});
