/** An alert in English: its title, and a text of one or two sentences. */
import type { AlertDelivery, AlertDetail } from "../../../schemas/alert-message.ts";
import { PERSON } from "../match.ts";
import type { ShownPerson } from "../names.ts";

/** How many persons a message names. */
const MAX_NAMED = 5;

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

/** E.g. `Person and package at front-door`, or `Anna and package at front-door`. */
export function titleOf({ type, detail }: AlertDelivery, persons: readonly ShownPerson[] = []): string {
  const title = plainTitle(detail, namesOf(persons));
  if (type === "AlertTest") return `Test alert: ${title}`;
  return type === "AlertEnded" ? `${capitalised(title)} (ended)` : capitalised(title);
}

/** E.g. `Detected at 2026-11-30 14:02:03 UTC: person (97 %). Faces: Anna and unknown person.` */
export function textOf({ type, detail }: AlertDelivery, persons: readonly ShownPerson[] = []): string {
  if (type === "AlertTest") return "This is a test of the target. No camera has detected anything.";
  const { labels, package: news, endedAt } = detail;
  return [
    labels.length > 0 &&
      `Detected at ${time(labels[0]!.detectedAt)}: ${labels.map(withConfidence).join(", ")}.`,
    persons.length > 0 && `Faces: ${AND.format(namesOf(persons))}.`,
    news && `${PACKAGE_SENTENCES[news.state]} ${time(news.at)}.`,
    endedAt !== undefined && `Over since ${time(endedAt)}.`,
  ]
    .filter((sentence) => typeof sentence === "string")
    .join(" ");
}

/** What happened last: something was detected, or a look at the video showed what became of a package. */
function plainTitle({ cameraId, labels, package: news }: AlertDetail, persons: readonly string[]): string {
  if (news && labels.every(({ detectedAt }) => detectedAt <= news.at))
    return `${PACKAGE_TITLES[news.state]} ${cameraId}`;
  const names = labels.flatMap(({ name }) =>
    name === PERSON && persons.length > 0 ? persons : [nameOf(name)],
  );
  return `${names.length > 0 ? AND.format(names) : "motion"} at ${cameraId}`;
}

function namesOf(persons: readonly ShownPerson[]): string[] {
  const names = persons.map(({ name }) => name ?? "unknown person");
  const more = names.length - MAX_NAMED;
  return more > 0 ? [...names.slice(0, MAX_NAMED), `${more} more`] : names;
}

const withConfidence = ({ name, confidence }: AlertDetail["labels"][number]): string =>
  confidence === null ? nameOf(name) : `${nameOf(name)} (${Math.floor(confidence)} %)`;

/** Labels are in capitals. */
const nameOf = (label: string): string => label.toLowerCase().replaceAll("_", " ");

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `2026-11-30T14:02:03.123Z` without what people don't read. */
const time = (isoTime: string): string => `${isoTime.slice(0, 10)} ${isoTime.slice(11, 19)} UTC`;
