import type { Call } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import type { Cloud } from "../cloud.ts";
import type { Fauxqs } from "../fauxqs.ts";
import { deleteAccess, isForSubResource } from "./accesses.ts";
import { putBucketVersioning, versioningXml } from "./bucket-versioning.ts";
import { deleteObject, deleteObjects } from "./delete-objects.ts";
import { noSuchBucket } from "./errors.ts";
import { listObjects, listObjectsV2, listObjectVersions } from "./lists.ts";

type Operation = () => Promise<void>;

/**
 * The operation of a request that fauxqs does not have as S3 has it: versioning, lists and deletes; nothing for any other.
 * The call is authorised, but for the objects of DeleteObjects.
 */
export function ownOperation(
  cloud: Cloud,
  { hasBucket, versions }: Fauxqs["objects"],
  call: Call,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Operation | undefined {
  const { request, response, caller, requestId } = call;
  const query = call.url.searchParams;
  const respond = (status: number, xml: string, headers: Record<string, string> = {}): void => {
    const type = xml === "" ? {} : { "content-type": "application/xml" };
    response.writeHead(status, { "x-amz-request-id": requestId, ...type, ...headers }).end(xml);
  };
  const run =
    (operate: () => Promise<void> | void): Operation =>
    async () => {
      if (!hasBucket(bucket)) throw noSuchBucket();
      // Reading a body to its end compares it with what was signed; these have none.
      if (request.method === "GET" || request.method === "DELETE") await readBody(call.body, 0);
      await operate();
    };
  const list = { bucket, query, accountId: cloud.accountId };

  if (bucket === "") return undefined;
  if (key !== "") {
    if (request.method !== "DELETE" || query.has("uploadId") || query.has("tagging")) return undefined;
    return run(() => {
      const versionId = query.get("versionId") ?? undefined;
      const deleted = deleteObject(versions, bucket, key, versionId);
      respond(204, "", {
        ...(deleted.versionId !== undefined && { "x-amz-version-id": deleted.versionId }),
        ...(deleted.isDeleteMarker && { "x-amz-delete-marker": "true" }),
      });
    });
  }
  switch (request.method) {
    case "GET":
      if (query.has("versioning")) return run(() => respond(200, versioningXml(versions, bucket)));
      if (query.has("versions")) return run(() => respond(200, listObjectVersions(versions, list)));
      if (isForSubResource(query)) return undefined;
      if (query.get("list-type") === "2") return run(() => respond(200, listObjectsV2(versions, list)));
      return run(() => respond(200, listObjects(versions, list)));
    case "PUT":
      if (!query.has("versioning")) return undefined;
      return run(async () => {
        await putBucketVersioning(call, versions, bucket);
        respond(200, "");
      });
    case "POST":
      if (!query.has("delete")) return undefined;
      return run(async () => {
        const xml = await deleteObjects(call, versions, bucket, (one) => {
          const { action, resource } = deleteAccess(cloud.partition, bucket, one);
          cloud.access.authorise(caller, action, resource);
        });
        respond(200, xml);
      });
  }
  return undefined;
}
