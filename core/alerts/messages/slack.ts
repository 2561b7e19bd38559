import type { WebhookMessage } from "../../../schemas/webhook.ts";
import { jsonMessage, urlOf, type MessageContent } from "./message.ts";
import { textOf, titleOf } from "./words.ts";

/** A message to an incoming webhook of Slack, or of what takes the same (documented: Slack, Block Kit). */
export function slack({ delivery, target, links, persons }: MessageContent): WebhookMessage {
  const title = titleOf(delivery, persons);
  const lines = [
    `*${escaped(title)}*`,
    escaped(textOf(delivery, persons)),
    [
      links.frame !== undefined && `<${links.frame}|Picture>`,
      links.snooze !== undefined && `<${links.snooze}|Snooze>`,
    ]
      .filter((link) => typeof link === "string")
      .join(" · "),
  ].filter((line) => line !== "");
  const picture = links.crop ?? links.frame;
  return jsonMessage(
    urlOf(target),
    {
      text: escaped(title),
      blocks: [
        { type: "section", text: { type: "mrkdwn", text: lines.join("\n") } },
        ...(picture === undefined ? [] : [{ type: "image", image_url: picture, alt_text: title }]),
      ],
    },
    target,
  );
}

/** Documented (Slack, formatting text): these three characters are escaped, and no others. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
