/** An alert in English: its title, and a text of one or two sentences. */
import type { AlertDelivery, AlertDetail } from "../../../schemas/alert-message.ts";

const AND = new Intl.ListFormat("en-GB", { type: "conjunction" });

const PACKAGE_TITLES = {
  left: "package left at",
  "still-there": "package still at",
  gone: "package gone from",
} as const;

const PACKAGE_SENTENCES = {
  left: "A package was left, as seen at",
  "still-there": "The package was still there at",
  gone: "The package was no longer there at",
} as const;

/** E.g. `Person and package at front-door`. */
export function titleOf({ type, detail }: AlertDelivery): string {
  const title = plainTitle(detail);
  if (type === "AlertTest") return `Test alert: ${title}`;
  return type === "AlertEnded" ? `${capitalised(title)} (ended)` : capitalised(title);
}

/** E.g. `Detected at 2026-11-30 14:02:03 UTC: person (97 %).` */
export function textOf({ type, detail }: AlertDelivery): string {
  if (type === "AlertTest") return "This is a test of the target. No camera has detected anything.";
  const { labels, package: news, endedAt } = detail;
  return [
    labels.length > 0 &&
      `Detected at ${time(labels[0]!.detectedAt)}: ${labels.map(withConfidence).join(", ")}.`,
    news && `${PACKAGE_SENTENCES[news.state]} ${time(news.at)}.`,
    endedAt !== undefined && `Over since ${time(endedAt)}.`,
  ]
    .filter((sentence) => typeof sentence === "string")
    .join(" ");
}

/** What happened last: something was detected, or a look at the video showed what became of a package. */
function plainTitle({ cameraId, labels, package: news }: AlertDetail): string {
  if (news && labels.every(({ detectedAt }) => detectedAt <= news.at))
    return `${PACKAGE_TITLES[news.state]} ${cameraId}`;
  const names = labels.map(({ name }) => nameOf(name));
  return `${names.length > 0 ? AND.format(names) : "motion"} at ${cameraId}`;
}

const withConfidence = ({ name, confidence }: AlertDetail["labels"][number]): string =>
  confidence === null ? nameOf(name) : `${nameOf(name)} (${Math.floor(confidence)} %)`;

/** Labels are in capitals. */
const nameOf = (label: string): string => label.toLowerCase().replaceAll("_", " ");

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `2026-11-30T14:02:03.123Z` without what people don't read. */
const time = (isoTime: string): string => `${isoTime.slice(0, 10)} ${isoTime.slice(11, 19)} UTC`;
