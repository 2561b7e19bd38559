import type { AlertDelivery, AlertDetail } from "../../../schemas/alert-message.ts";
import type { WebhookMessage } from "../../../schemas/webhook.ts";
import type { ShownPerson } from "../names.ts";
import { signedHeaders } from "../../webhook.ts";
import { jsonMessage, urlOf, type AlertLinks, type MessageContent } from "./message.ts";
import { textOf, titleOf } from "./words.ts";

/** The body of a Standard Webhook about an alert. */
export interface StandardBody {
  readonly type: AlertDelivery["type"];
  /** When the alert changed. */
  readonly timestamp: string;
  readonly data: Omit<AlertDetail, "picture" | "persons"> & {
    /** Absent if no face was seen. */
    readonly persons?: readonly ShownPerson[];
    readonly title: string;
    readonly text: string;
    readonly links: AlertLinks;
  };
}

/** The alert as it stands, without addresses in S3, which are of no use without credentials. */
export function standardBody({
  delivery,
  links,
  persons,
}: Pick<MessageContent, "delivery" | "links" | "persons">): StandardBody {
  const { type, atMs, detail } = delivery;
  const { picture: _, persons: __, ...data } = detail;
  return {
    type,
    timestamp: new Date(atMs).toISOString(),
    data: {
      ...data,
      ...(persons.length > 0 && { persons }),
      title: titleOf(delivery, persons),
      text: textOf(delivery, persons),
      links,
    },
  };
}

/**
 * A Standard Webhook. Its id is the same at every attempt, and that of the event on the bus.
 * @param keys see `signingKeys`
 */
export function standard(content: MessageContent, keys: readonly Buffer[], nowMs: number): WebhookMessage {
  const { delivery, target } = content;
  const { url, headers, body } = jsonMessage(urlOf(target), standardBody(content), target);
  return { url, body, headers: { ...headers, ...signedHeaders(keys, delivery.detail.eventId, nowMs, body) } };
}
