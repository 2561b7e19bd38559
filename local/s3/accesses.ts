import type { IncomingMessage } from "node:http";
import { dotInPath, invalidUri, keyTooLong } from "./errors.ts";
import { isUnsafe } from "./safe-storage.ts";

/** Documented: S3, naming objects. */
const MAX_KEY_BYTES = 1024;

/** An IAM action on a resource. */
interface ResourceAccess {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * The bucket and key of a request path, `/bucket/some/key?query`; both empty for the list of buckets.
 * @throws AwsError for a path that is not percent-encoded text, that leads out of its bucket's folder, or that is too long
 */
export function bucketAndKey(requestPath: string): { bucket: string; key: string } {
  const [path = ""] = requestPath.split("?");
  const [bucket = "", ...rest] = decode(path).slice(1).split("/");
  if ([bucket, ...rest].some(isUnsafe)) throw dotInPath(path);
  const key = rest.join("/");
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw keyTooLong();
  return { bucket, key };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidUri();
  }
}

const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  HEAD: "s3:ListBucket",
  GET: "s3:ListBucket",
  PUT: "s3:CreateBucket",
  DELETE: "s3:DeleteBucket",
};

/** Whether a request is for a part of a bucket other than its list of objects. */
export const isForSubResource = (query: URLSearchParams): boolean =>
  Object.keys(BUCKET_SUB_RESOURCES).some((one) => query.has(one));

/** The actions for GET, PUT and DELETE of a bucket's sub-resources, by the query parameter that names one. */
const BUCKET_SUB_RESOURCES: Readonly<Record<string, readonly [string, string?, string?]>> = {
  location: ["s3:GetBucketLocation"],
  uploads: ["s3:ListBucketMultipartUploads"],
  versions: ["s3:ListBucketVersions"],
  versioning: ["s3:GetBucketVersioning", "s3:PutBucketVersioning"],
  policy: ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
  lifecycle: ["s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration", "s3:PutLifecycleConfiguration"],
  tagging: ["s3:GetBucketTagging", "s3:PutBucketTagging", "s3:PutBucketTagging"],
  cors: ["s3:GetBucketCORS", "s3:PutBucketCORS", "s3:PutBucketCORS"],
  acl: ["s3:GetBucketAcl", "s3:PutBucketAcl"],
};

const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  HEAD: "s3:GetObject",
  GET: "s3:GetObject",
  PUT: "s3:PutObject",
  POST: "s3:PutObject",
  DELETE: "s3:DeleteObject",
};

/** The actions on a version, instead of those on the current object. */
const VERSION_ACTIONS: Readonly<Record<string, string>> = {
  "s3:GetObject": "s3:GetObjectVersion",
  "s3:DeleteObject": "s3:DeleteObjectVersion",
  "s3:GetObjectTagging": "s3:GetObjectVersionTagging",
  "s3:GetObjectAcl": "s3:GetObjectVersionAcl",
};

const OBJECT_SUB_RESOURCES: typeof BUCKET_SUB_RESOURCES = {
  uploadId: ["s3:ListMultipartUploadParts", "s3:PutObject", "s3:AbortMultipartUpload"],
  tagging: ["s3:GetObjectTagging", "s3:PutObjectTagging", "s3:DeleteObjectTagging"],
  acl: ["s3:GetObjectAcl", "s3:PutObjectAcl"],
};

/**
 * The permissions that an S3 request requires, by the actions in the Service Authorization Reference (documented).
 * What deletes several objects in one call requires is not known from its address: `deleteAccess` has it, for each object.
 * @throws AwsError as `bucketAndKey` does
 */
export function accessesOf(
  { method = "GET", url = "/", headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  query: URLSearchParams,
  partition: string,
): ResourceAccess[] {
  const { bucket, key } = bucketAndKey(url);
  const bucketArn = `arn:${partition}:s3:::${bucket}`;
  if (!bucket) return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
  if (!key) {
    if (method === "POST")
      return query.has("delete") ? [] : [{ action: "s3:PutObject", resource: `${bucketArn}/*` }];
    const action = subResourceAction(BUCKET_SUB_RESOURCES, query, method);
    const prefix = query.get("prefix");
    return [
      {
        action: action ?? BUCKET_ACTIONS[method] ?? "s3:ListBucket",
        resource: bucketArn,
        ...(prefix !== null && { context: { "s3:prefix": prefix } }),
      },
    ];
  }
  const action =
    subResourceAction(OBJECT_SUB_RESOURCES, query, method) ?? OBJECT_ACTIONS[method] ?? "s3:GetObject";
  const access = {
    action: (query.has("versionId") && VERSION_ACTIONS[action]) || action,
    resource: `${bucketArn}/${key}`,
  };
  const source = headers["x-amz-copy-source"];
  if (!source) return [access];
  const copied = bucketAndKey(String(source).replace(/^(?!\/)/, "/"));
  const copiedArn = `arn:${partition}:s3:::${copied.bucket}/${copied.key}`;
  const isVersion = String(source).includes("?versionId=");
  return [access, { action: isVersion ? "s3:GetObjectVersion" : "s3:GetObject", resource: copiedArn }];
}

/** The permission to delete an object, or one of its versions. */
export const deleteAccess = (
  partition: string,
  bucket: string,
  { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
): ResourceAccess => ({
  action: versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion",
  resource: `arn:${partition}:s3:::${bucket}/${key}`,
});

function subResourceAction(
  subResources: typeof BUCKET_SUB_RESOURCES,
  query: URLSearchParams,
  method: string,
): string | undefined {
  const name = Object.keys(subResources).find((one) => query.has(one));
  return name && subResources[name]![["GET", "PUT", "DELETE"].indexOf(method)];
}
