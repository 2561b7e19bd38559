import { DAY_MS } from "../../../base/durations.ts";
import type { AlertDelivery } from "../../../schemas/alert-message.ts";
import type { AlertTarget } from "../../../schemas/alert-target.ts";
import { linkKey } from "../keys.ts";
import { evidenceKeyOf, mediaToken, snoozeToken } from "../links.ts";
import type { AlertLinks } from "./message.ts";

/** How long after its alert a link works. */
const LINKS_WORK_FOR_MS = DAY_MS;

/**
 * The links of an alert: to its pictures, if it has any and the target may have them, and to its snooze.
 * @param apiUrl address of the stack's HTTP API
 */
export function linksOf(
  { detail }: AlertDelivery,
  { pictures }: Pick<AlertTarget, "pictures">,
  secret: string,
  apiUrl: string,
): AlertLinks {
  const { cameraId, rules, raisedAt, picture } = detail;
  const key = linkKey(secret);
  const expiresAtMs = Date.parse(raisedAt) + LINKS_WORK_FOR_MS;
  const pictureAt = (uri: string | undefined): string | undefined => {
    const objectKey = uri === undefined ? undefined : evidenceKeyOf(uri);
    return objectKey && `${apiUrl}/media/${mediaToken(key, { cameraId, objectKey, expiresAtMs })}`;
  };
  const frame = pictures ? pictureAt(picture?.frameUri) : undefined;
  const crop = pictures ? pictureAt(picture?.cropUri) : undefined;
  return {
    ...(frame !== undefined && { frame }),
    ...(crop !== undefined && { crop }),
    snooze: `${apiUrl}/snooze/${snoozeToken(key, { cameraId, ruleIds: rules, expiresAtMs })}`,
  };
}
