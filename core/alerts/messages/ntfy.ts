import type { Severity } from "../../../schemas/severity.ts";
import type { WebhookMessage } from "../../../schemas/webhook.ts";
import { jsonMessage, urlOf, type MessageContent } from "./message.ts";
import { textOf, titleOf } from "./words.ts";

/** Documented (ntfy, message priority): 3 is the default, 4 and 5 are urgent, and 2 makes no sound. */
const PRIORITIES: Readonly<Record<Severity, number>> = { info: 3, warning: 4, critical: 5 };
const SILENT = 2;
/** Emoji short codes that ntfy shows before the title. */
const TAGS: Readonly<Record<string, string>> = {
  PERSON: "bust_in_silhouette",
  PET: "paw_prints",
  PACKAGE: "package",
};
/** Observed (ntfy 2.16): a sequence id has at most 64 letters, digits, dashes and underscores. */
const MAX_SEQUENCE_ID_LENGTH = 64;

/**
 * A message to ntfy (documented: ntfy, publish as JSON), which is posted to the server's root. The topic is the last part of
 * the target's path. A revision replaces the one before where server and app are new enough (observed: ntfy 2.16, Android
 * 1.22; older ones ignore the sequence id and show a message of its own).
 * @throws Error if the URL has no topic
 */
export function ntfy({ delivery, target, links, persons }: MessageContent): WebhookMessage {
  const { alertId, severity, silent, labels, cameraId } = delivery.detail;
  const url = new URL(urlOf(target));
  const [, root = "", topic] = /^(.*\/)([\w-]+)\/?$/.exec(url.pathname) ?? [];
  if (topic === undefined)
    throw new Error(`the URL of the target ${target.targetId} has no topic, e.g. https://ntfy.sh/my-topic`);
  url.pathname = root;
  const picture = links.crop ?? links.frame;
  return jsonMessage(
    url.href,
    {
      topic,
      title: titleOf(delivery, persons),
      message: textOf(delivery, persons),
      priority: silent ? SILENT : PRIORITIES[severity],
      tags: labels.flatMap(({ name }) => TAGS[name] ?? []),
      sequence_id: alertId.slice(-MAX_SEQUENCE_ID_LENGTH),
      ...(links.frame !== undefined && { click: links.frame }),
      ...(picture !== undefined && { attach: picture, filename: `${cameraId}.jpg` }),
      ...(links.snooze !== undefined && {
        actions: [{ action: "http", label: "Snooze", url: links.snooze, method: "POST", clear: true }],
      }),
    },
    target,
  );
}
