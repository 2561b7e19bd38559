import type { Call } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import { codeIn } from "../api/protocols.ts";
import { AwsError } from "../errors.ts";
import { dotInPath, emptyVersionId, invalidVersionId, keyTooLong, malformedXml } from "./errors.ts";
import { idOf, type ObjectVersions } from "./object-versions.ts";
import { isUnsafe } from "./safe-storage.ts";
import { isVersionId } from "./version-id.ts";
import { parseS3Xml, s3Xml } from "./xml.ts";

/** A thousand of the longest keys, escaped. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Documented: DeleteObjects. */
const MAX_OBJECTS = 1000;

/** What a delete did: it created a delete marker, deleted one, or neither. */
interface Deleted {
  readonly versionId?: string;
  readonly isDeleteMarker: boolean;
}

/** Deletes an object, or one of its versions. It succeeds if there is none (documented: DeleteObject). */
export function deleteObject(
  versions: ObjectVersions,
  bucket: string,
  key: string,
  versionId: string | undefined,
): Deleted {
  if (versionId === undefined) {
    const marker = versions.delete(bucket, key);
    return marker ? { versionId: idOf(marker), isDeleteMarker: true } : { isDeleteMarker: false };
  }
  if (versionId === "") throw emptyVersionId();
  if (!isVersionId(versionId)) throw invalidVersionId();
  const version = versions.deleteVersion(bucket, key, versionId);
  return { versionId, isDeleteMarker: version?.isDeleteMarker ?? false };
}

/** One object of a DeleteObjects request. */
interface ObjectToDelete {
  readonly key: string;
  readonly versionId: string | undefined;
}

/**
 * DeleteObjects: each object is authorised and deleted by itself, and what fails is in the response with its reason.
 * @param authorise throws an AwsError for an object that the caller may not delete
 */
export async function deleteObjects(
  call: Pick<Call, "body">,
  versions: ObjectVersions,
  bucket: string,
  authorise: (one: ObjectToDelete) => void,
): Promise<string> {
  const { objects, isQuiet } = requestOf((await readBody(call.body, MAX_BODY_BYTES)).toString("utf8"));
  const parts = objects.map((one) => {
    const named = { Key: one.key, VersionId: one.versionId };
    try {
      authorise(one);
      const { versionId, isDeleteMarker } = deleteObject(versions, bucket, one.key, one.versionId);
      if (isQuiet) return {};
      const marker = isDeleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
      return { Deleted: { ...withoutUndefined(named), ...marker } };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { Error: { ...withoutUndefined(named), Code: codeIn("s3", error), Message: error.message } };
    }
  });
  return s3Xml("DeleteResult", parts);
}

function requestOf(body: string): { objects: ObjectToDelete[]; isQuiet: boolean } {
  const { Object: sent = [], Quiet } = parseS3Xml(body, "Delete");
  const objects = [sent].flat().map((one): ObjectToDelete => {
    const { Key: key, VersionId: versionId } = (one ?? {}) as Record<string, unknown>;
    if (typeof key !== "string" || key === "") throw malformedXml();
    if (versionId !== undefined && typeof versionId !== "string") throw malformedXml();
    if (isUnsafe(key)) throw dotInPath(key);
    if (Buffer.byteLength(key) > 1024) throw keyTooLong();
    return { key, versionId };
  });
  if (objects.length === 0 || objects.length > MAX_OBJECTS) throw malformedXml();
  return { objects, isQuiet: Quiet === "true" };
}

const withoutUndefined = (one: object): object =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
