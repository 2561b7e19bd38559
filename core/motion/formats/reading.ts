/** What a motion request reports. The two motion addresses of the API are named after the first two. */
export type MotionKind = "began" | "ended" | "none";
export type Address = Exclude<MotionKind, "none">;

/** What one document of a request's body says. */
export interface Reading {
  readonly kind: MotionKind;
  /** When, by the device's clock, epoch milliseconds; absent where the device does not say it in a form that names the zone. */
  readonly at?: number | undefined;
  /** Why it is of this kind, for logs and responses; of the body, it has short words only. */
  readonly reason: string;
}

/** How a `generic` camera's bodies are read; see `formats/generic.ts`. */
export interface FieldRules {
  readonly motionBegan?: string | undefined;
  readonly motionEnded?: string | undefined;
  readonly motionTime?: string | undefined;
}

/**
 * Reads one document: a body, or a part of a multipart body.
 * @param address to which motion address the request was sent; it decides where the document does not
 * @throws UnreadableBody for a document that is not of the reader's format
 */
export type Reader = (document: string, address: Address, rules: FieldRules) => Reading;

/** A body that is not what was expected. The message continues "the body …". */
export class UnreadableBody extends Error {
  override readonly name = "UnreadableBody";
}

const MAX_WORD_LENGTH = 40;

/** A word of a body in a form that is safe in logs. */
export const safeWord = (word: string): string =>
  word.replaceAll(/[^\w.:/-]+/g, "_").slice(0, MAX_WORD_LENGTH) || "none";

/**
 * A time of ISO 8601 with its zone, also as `+0100`; undefined for anything else. A time without a zone is the device's
 * wall clock, which cannot be placed.
 */
export function zonedTime(text: string | undefined): number | undefined {
  const [, date, zone] =
    /^\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)\s*$/i.exec(text ?? "") ?? [];
  if (date === undefined || zone === undefined) return undefined;
  const ms = Date.parse(date + zone.replace(/^([+-]\d\d):?(\d\d)$/, "$1:$2"));
  return Number.isFinite(ms) ? ms : undefined;
}
