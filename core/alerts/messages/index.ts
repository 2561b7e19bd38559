import type { TargetFormat } from "../../../schemas/alert-target.ts";
import type { WebhookMessage } from "../../../schemas/webhook.ts";
import { signingKeys } from "../keys.ts";
import { homeAssistant } from "./home-assistant.ts";
import type { MessageContent, TopicMessage } from "./message.ts";
import { ntfy } from "./ntfy.ts";
import { slack } from "./slack.ts";
import { sns } from "./sns.ts";
import { standard } from "./standard.ts";

export type AlertMessage =
  | ({ readonly via: "webhook" } & WebhookMessage)
  | ({ readonly via: "topic" } & TopicMessage)
  | { readonly via: "nothing"; readonly reason: string };

/** Formats whose receivers cannot replace what they have: each message of theirs is another one to read. */
const CANNOT_REPLACE: readonly TargetFormat[] = ["slack", "sns"];

/**
 * The message about an alert for a target, in the target's format. A silent one is not sent where it would be read as another
 * alert.
 * @param secret the stack's secret of alerts
 * @throws Error naming what the target's settings lack
 */
export function messageFor(content: MessageContent, secret: string, nowMs: number): AlertMessage {
  const { target, delivery } = content;
  const { format } = target;
  if (delivery.detail.silent && CANNOT_REPLACE.includes(format))
    return { via: "nothing", reason: `a silent change, and ${format} cannot replace a message` };
  switch (format) {
    case "standard":
      return { via: "webhook", ...standard(content, signingKeys(secret, target, nowMs), nowMs) };
    case "home-assistant":
      return { via: "webhook", ...homeAssistant(content) };
    case "ntfy":
      return { via: "webhook", ...ntfy(content) };
    case "slack":
      return { via: "webhook", ...slack(content) };
    case "sns":
      return { via: "topic", ...sns(content) };
  }
}
