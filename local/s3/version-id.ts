import { secureBytes } from "../../base/random.ts";

/** The id of a version that was stored while the bucket had no versioning, or while it was suspended. */
export const NULL_VERSION = "null";

const SEQUENCE_DIGITS = 9;
const FORM = /^[0-9a-z]{9}[A-Za-z0-9._]{23}$/;

/**
 * A new version id: 32 characters, of letters, digits, "." and "_" (observed). It begins with the version's place in the
 * order of all writes, so that a listing goes on after a version that was deleted meanwhile.
 */
export const newVersionId = (sequence: number): string =>
  sequence.toString(36).padStart(SEQUENCE_DIGITS, "0") +
  secureBytes(18).toString("base64url").slice(0, 23).replaceAll("-", ".");

export const isVersionId = (text: string): boolean => text === NULL_VERSION || FORM.test(text);

/** The place in the order of writes that an id begins with. */
export const sequenceOfId = (versionId: string): number =>
  Number.parseInt(versionId.slice(0, SEQUENCE_DIGITS), 36);
