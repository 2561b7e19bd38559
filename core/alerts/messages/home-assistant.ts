import type { WebhookMessage } from "../../../schemas/webhook.ts";
import { jsonMessage, urlOf, type MessageContent } from "./message.ts";
import { standardBody } from "./standard.ts";

/** The standard body, unsigned: Home Assistant verifies no signature, and the id in a webhook's URL is its secret. */
export const homeAssistant = (content: MessageContent): WebhookMessage =>
  jsonMessage(urlOf(content.target), standardBody(content), content.target);
