import type { MessageContent, TopicMessage } from "./message.ts";
import { textOf, titleOf } from "./words.ts";

/** Documented (SNS, Publish): a subject has less than 100 characters and no line breaks. */
const MAX_SUBJECT_LENGTH = 99;

/** A message by e-mail or SMS: plain text with addresses. Subscriptions filter by the attribute `target`. */
export function sns({ delivery, target, links, persons }: MessageContent): TopicMessage {
  const title = titleOf(delivery, persons);
  const lines = [
    title,
    textOf(delivery, persons),
    links.frame !== undefined && `Picture: ${links.frame}`,
    links.snooze !== undefined && `Snooze: ${links.snooze}`,
  ];
  return {
    // A name may have characters of two units.
    subject: title.slice(0, MAX_SUBJECT_LENGTH).toWellFormed(),
    text: lines.filter((line) => typeof line === "string").join("\n"),
    attributes: { target: target.targetId },
  };
}
