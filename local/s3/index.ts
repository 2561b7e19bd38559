import type { IncomingMessage } from "node:http";
import type { Api, Call } from "../api/api.ts";
import { BodyTooLargeError, readBody } from "../api/body.ts";
import { requestWith } from "../api/in-process.ts";
import type { Cloud } from "../cloud.ts";
import type { Fauxqs } from "../fauxqs.ts";
import type { Principal } from "../iam/principal.ts";
import type { Service } from "../service.ts";
import { accessesOf, bucketAndKey } from "./accesses.ts";
import { accessDenied, entityTooLarge } from "./errors.ts";
import { ownOperation } from "./operations.ts";
import { resourceTypes } from "./resources.ts";

/** fauxqs's own limit; S3's is 5 GB (documented). */
const MAX_BODY_MIB = 11;

/**
 * Amazon S3: fauxqs behind the endpoint, with versions, lists in S3's order, and every call authorised as S3's own IAM
 * actions.
 */
export const s3 = (fauxqs: Fauxqs): Service => ({
  name: "s3",
  start: (cloud) => ({ apis: [api(cloud, fauxqs)], resources: resourceTypes(cloud) }),
});

const api = (cloud: Cloud, fauxqs: Fauxqs): Api => ({
  signingName: "s3",
  actions: "fauxqs",
  protocol: "s3",
  handle: async (call) => {
    usePathStyle(call.request);
    const accesses = accessesOf(call.request, call.url.searchParams, cloud.partition);
    for (const { action, resource, context } of accesses)
      cloud.access.authorise(call.caller, action, resource, context);
    const [read] = accesses.filter(({ action }) => action === "s3:GetObject");
    const isRead = call.request.method === "GET" || call.request.method === "HEAD";
    if (isRead && read && hides(cloud, fauxqs, call.caller, read.resource)) throw accessDenied();
    const operation = ownOperation(cloud, fauxqs.objects, call, bucketAndKey(call.request.url ?? "/"));
    if (operation) await operation();
    else fauxqs.respond(requestWith(call.request, await bodyOf(call)), call.response);
  },
});

/** @throws AwsError when it is too large, or not what was signed */
async function bodyOf({ body }: Call): Promise<Buffer> {
  try {
    return await readBody(body, MAX_BODY_MIB * 1024 * 1024);
  } catch (error) {
    throw error instanceof BodyTooLargeError ? entityTooLarge(MAX_BODY_MIB) : error;
  }
}

/**
 * Whether the caller may not know that an object does not exist: without `s3:ListBucket`, GetObject and HeadObject get 403
 * instead of 404 (documented: S3 API reference, permissions of both).
 */
function hides(cloud: Cloud, fauxqs: Fauxqs, caller: Principal, objectArn: string): boolean {
  const [bucketArn = "", ...key] = objectArn.split("/");
  const bucket = bucketArn.split(":::")[1] ?? "";
  return (
    fauxqs.objects.hasBucket(bucket) &&
    !fauxqs.objects.hasObject(bucket, key.join("/")) &&
    !cloud.access.allows(caller, "s3:ListBucket", bucketArn)
  );
}

/**
 * Moves the bucket of a virtual-hosted-style request, `<bucket>.localhost`, to its path, where it is authorised: fauxqs
 * reads it from the host.
 */
function usePathStyle(request: IncomingMessage): void {
  const [, bucket, host] = /^([^:]+)\.(localhost(?::\d+)?)$/i.exec(request.headers.host ?? "") ?? [];
  if (bucket === undefined) return;
  request.url = `/${bucket}${request.url}`;
  request.headers.host = host!;
}
