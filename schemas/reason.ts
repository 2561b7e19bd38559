import type { BaseIssue } from "valibot";

const MAX_SHOWN_CHARACTERS = 40;

/**
 * A value as an error message may show it: numbers and short words as they are, anything else by its kind. Text with a
 * slash may be an image's address, so it is never shown.
 */
export function describeValue(value: unknown): string {
  if (typeof value === "string") {
    const isShown = value.length <= MAX_SHOWN_CHARACTERS && !/[/\\]/.test(value);
    return isShown ? JSON.stringify(value) : `text of ${value.length} characters`;
  }
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** `labels[0].boundingBox.left is 1.7; expected 0..1`: the place of the first issue, then its message. */
export function reasonOf([issue]: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]]): string {
  let path = "";
  for (const { key } of issue.path ?? []) {
    path += typeof key === "number" ? `[${key}]` : `${path && "."}${String(key)}`;
  }
  const problem = issue.path?.at(-1)?.origin === "key" ? "is missing" : issue.message;
  return `${path || "the notification"} ${problem}`;
}
