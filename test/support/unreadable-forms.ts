import { example, exampleText } from "./notifications.ts";

const text = exampleText("label-detected.json");
const typed = (eventNamespace: unknown): string =>
  JSON.stringify({ ...example("label-detected.json"), eventNamespace });
const { eventNamespace: _type, ...withoutType } = example("label-detected.json");

/** Forms of a notification that no filter policy on the body matches, each with the reader's reason. */
export const UNREADABLE_FORMS: readonly (readonly [form: string, text: string, reason: string])[] = [
  [
    "a body with a byte order mark",
    `\uFEFF${text}`,
    "the record begins with a byte order mark; expected exactly one notification",
  ],
  [
    "a notification in SNS's envelope",
    JSON.stringify({ Type: "Notification", MessageId: "m-1", Message: text }),
    "the record is an SNS envelope; set RawMessageDelivery: true on the topic's Firehose subscription",
  ],
  ["a notification without a type", JSON.stringify(withoutType), "eventNamespace is missing"],
  [
    "a type in lower case",
    typed({ type: "label_detected" }),
    'eventNamespace.type is text of 14 characters; expected "LABEL_DETECTED"',
  ],
  [
    "a type that is text",
    typed("LABEL_DETECTED"),
    "eventNamespace is text of 14 characters; expected an object",
  ],
  [
    "two documents in one body",
    `${JSON.stringify(JSON.parse(text))}\n${text}`,
    `the record has more after its first JSON document, at character ${JSON.stringify(JSON.parse(text)).length + 1}; expected exactly one notification`,
  ],
  [
    "an array of notifications",
    `[${text},${text}]`,
    "the record is not a JSON object; expected exactly one notification",
  ],
  [
    "a type that is new",
    typed({ type: "FACE_RECOGNISED" }),
    'eventNamespace.type is text of 15 characters; expected "LABEL_DETECTED"',
  ],
  [
    "text that is not JSON",
    "motion at the door",
    "the record is not JSON; expected exactly one notification",
  ],
];
