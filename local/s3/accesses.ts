import type { IncomingMessage } from "node:http";

/** An IAM action on a resource. */
export interface ResourceAccess {
  readonly action: string;
  readonly resource: string;
}

/** `/bucket/some/key` as its parts; both empty for the list of buckets. */
export function bucketAndKey(pathname: string): { bucket: string; key: string } {
  const [, bucket = "", ...rest] = pathname.split("/");
  return { bucket: decodeURIComponent(bucket), key: rest.map(decodeURIComponent).join("/") };
}

const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  HEAD: "s3:ListBucket",
  GET: "s3:ListBucket",
  PUT: "s3:CreateBucket",
  DELETE: "s3:DeleteBucket",
  POST: "s3:DeleteObject",
};

const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  HEAD: "s3:GetObject",
  GET: "s3:GetObject",
  PUT: "s3:PutObject",
  POST: "s3:PutObject",
  DELETE: "s3:DeleteObject",
};

/**
 * What a request on S3 needs to be allowed, by the actions of S3 in the Service Authorization Reference (documented).
 * Covers the object and multipart calls; a bucket's sub-resources need the action named after them.
 */
export function accessesOf(
  request: Pick<IncomingMessage, "method" | "headers">,
  url: URL,
  partition: string,
): ResourceAccess[] {
  const { bucket, key } = bucketAndKey(url.pathname);
  const { method = "GET", headers } = request;
  const query = url.searchParams;
  const arn = `arn:${partition}:s3:::${bucket}`;
  if (!bucket) return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
  if (!key) {
    if (query.has("location")) return [{ action: "s3:GetBucketLocation", resource: arn }];
    if (query.has("uploads")) return [{ action: "s3:ListBucketMultipartUploads", resource: arn }];
    if (query.has("delete")) return [{ action: "s3:DeleteObject", resource: `${arn}/*` }];
    const verb = { GET: "Get", PUT: "Put", DELETE: "Delete" }[method];
    const configuration = ["policy", "lifecycle", "versioning", "tagging", "cors"].find((name) =>
      query.has(name),
    );
    if (verb && configuration)
      return [
        {
          action: `s3:${verb}Bucket${configuration[0]!.toUpperCase()}${configuration.slice(1)}`,
          resource: arn,
        },
      ];
    return [{ action: BUCKET_ACTIONS[method] ?? "s3:ListBucket", resource: arn }];
  }
  const object = `${arn}/${key}`;
  if (method === "DELETE" && query.has("uploadId"))
    return [{ action: "s3:AbortMultipartUpload", resource: object }];
  if (method === "GET" && query.has("uploadId"))
    return [{ action: "s3:ListMultipartUploadParts", resource: object }];
  const source = headers["x-amz-copy-source"];
  return [
    { action: OBJECT_ACTIONS[method] ?? "s3:GetObject", resource: object },
    ...(source
      ? [
          {
            action: "s3:GetObject",
            resource: `arn:${partition}:s3:::${decodeURIComponent(String(source)).replace(/^\//, "")}`,
          },
        ]
      : []),
  ];
}
