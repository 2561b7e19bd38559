import type { BaseIssue } from "valibot";

const MAX_SHOWN_CHARACTERS = 40;
const LIST = new Intl.ListFormat("en-GB");

/**
 * A value as a log line may show it: numbers as they are, anything else by its kind, and text by its length. What a
 * notification says of a household never reaches a log.
 */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return `text of ${value.length} character${value.length === 1 ? "" : "s"}`;
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/**
 * A value as a message to its own sender may show it: short words as they are. Text with a slash may be an image's
 * address, so it is never shown.
 */
const quoteValue = (value: unknown): string =>
  typeof value === "string" && value.length <= MAX_SHOWN_CHARACTERS && !/[/\\]/.test(value)
    ? JSON.stringify(value)
    : describeValue(value);

/** Valibot's names of types, in words. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  Object: "an object",
  Array: "an array",
};

/** What was expected where the issue is, e.g. `expected 0..1`: the schema's own message, never valibot's. */
export function expectationOf({ message, expected }: BaseIssue<unknown>): string {
  // Valibot's own messages begin so, the schemas' never do.
  if (!message.startsWith("Invalid ")) return message;
  const words = (expected ?? "another value").replaceAll(/[()]/g, "").replaceAll(" | ", " or ");
  return `expected ${TYPES[words] ?? words}`;
}

/**
 * An issue in words: its place, the value and what was expected. `labels[0].boundingBox.left is 1.7; expected 0..1`,
 * `when is not a known field; expected only at, maxDurationSeconds and motion`.
 * @param options.subject the input as a whole, e.g. `the body`
 * @param options.fields the fields that the input may have
 * @param options.describe how the value is shown; by default short words as they are, for the input's own sender
 */
export function explainIssue(
  issue: BaseIssue<unknown>,
  {
    subject,
    fields,
    describe = quoteValue,
  }: {
    readonly subject: string;
    readonly fields?: readonly string[];
    readonly describe?: (value: unknown) => string;
  },
): string {
  let path = "";
  for (const { key } of issue.path ?? []) {
    path += typeof key === "number" ? `[${key}]` : `${path && "."}${String(key)}`;
  }
  const place = path || subject;
  if (issue.expected === "never") {
    const only = fields && issue.path?.length === 1 ? `; expected only ${LIST.format(fields)}` : "";
    return `${place} is not a known field${only}`;
  }
  const isOfKey = issue.path?.at(-1)?.origin === "key";
  if (isOfKey && issue.input === undefined) return `${place} is missing`;
  const expectation = expectationOf(issue);
  if (/^(?:is|holds|reaches) /.test(expectation)) return `${place} ${expectation}`;
  return expectation.startsWith("expected ") && !isOfKey
    ? `${place} is ${describe(issue.input)}; ${expectation}`
    : `${place}: ${expectation}`;
}

/** Why a notification is invalid, without its content: its first issue. */
export const reasonOf = ([issue]: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]]): string =>
  issue.expected === "never"
    ? "the notification has an unknown field"
    : explainIssue(issue, { subject: "the notification", describe: describeValue });
