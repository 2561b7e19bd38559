import type { Call } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import { invalidVersioning } from "./errors.ts";
import type { ObjectVersions } from "./object-versions.ts";
import { parseS3Xml, s3Xml } from "./xml.ts";

const MAX_BODY_BYTES = 64 * 1024;

/** GetBucketVersioning. A bucket that never had versioning has no status. */
export const versioningXml = (versions: ObjectVersions, bucket: string): string =>
  s3Xml("VersioningConfiguration", [{ Status: versions.status(bucket) }]);

/** PutBucketVersioning. */
export async function putBucketVersioning(
  call: Pick<Call, "body">,
  versions: ObjectVersions,
  bucket: string,
): Promise<void> {
  const body = (await readBody(call.body, MAX_BODY_BYTES)).toString("utf8");
  const { Status, MfaDelete } = parseS3Xml(body, "VersioningConfiguration");
  if ((Status !== "Enabled" && Status !== "Suspended") || MfaDelete === "Enabled") throw invalidVersioning();
  versions.setStatus(bucket, Status);
}
