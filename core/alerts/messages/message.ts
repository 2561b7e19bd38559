import type { AlertDelivery } from "../../../schemas/alert-message.ts";
import type { ShownPerson } from "../names.ts";
import type { AlertTarget } from "../../../schemas/alert-target.ts";
import type { WebhookMessage } from "../../../schemas/webhook.ts";

/** The links of an alert, as far as there are any. */
export interface AlertLinks {
  readonly frame?: string;
  readonly crop?: string;
  readonly snooze?: string;
}

/** What a message is written from. */
export interface MessageContent {
  readonly delivery: AlertDelivery;
  readonly target: AlertTarget;
  readonly links: AlertLinks;
  /** Whose faces were seen, with their names. */
  readonly persons: readonly ShownPerson[];
}

/** What is published to the topic of alerts. */
export interface TopicMessage {
  readonly subject: string;
  readonly text: string;
  /** Attributes by which subscriptions filter. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A JSON body, with the target's token if it has one. */
export function jsonMessage(url: string, body: object, { token }: AlertTarget): WebhookMessage {
  return {
    url,
    headers: {
      "content-type": "application/json",
      "user-agent": "Doorstep",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  };
}

/** @throws Error if the target has none */
export function urlOf({ targetId, url }: AlertTarget): string {
  if (url === undefined) throw new Error(`the target ${targetId} has no URL`);
  return url;
}
