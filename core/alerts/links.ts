/**
 * Tokens of the links in alerts: what a link may do and until when, signed, so that nothing is stored for it. A token is a
 * payload in base64url, a dot, and the payload's HMAC-SHA256 in base64url. Its kind is part of what is signed.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { EVIDENCE_PREFIX } from "../../schemas/images.ts";

/** Longer text is no token: an object's key has at most 1024 bytes (documented: S3, object key names). */
const MAX_TOKEN_LENGTH = 1600;
/** A link snoozes one of so many rules; more would make it too long for an SMS. */
const MAX_RULES = 10;
/** The signature is 32 bytes. */
const TOKEN_FORM = /^[\w-]+\.[\w-]{43}$/;
const RADIX = 36;

/** Shows a picture of a camera. */
export interface MediaLink {
  readonly cameraId: string;
  /** Key of the evidence bucket. */
  readonly objectKey: string;
  readonly expiresAtMs: number;
}

/** Snoozes a camera, or one of the rules that raised its alert. */
export interface SnoozeLink {
  readonly cameraId: string;
  readonly ruleIds: readonly string[];
  readonly expiresAtMs: number;
}

export type ReadLink<T> =
  ({ readonly kind: "valid" } & T) | { readonly kind: "expired" } | { readonly kind: "invalid" };

/** Whether a text can be a token, whatever the key is: nothing needs to be read for one that cannot. */
export const hasTokenForm = (text: string): boolean =>
  text.length <= MAX_TOKEN_LENGTH && TOKEN_FORM.test(text);

/** The key of an object of evidence from its `s3://` address; undefined for what no link may show. */
export function evidenceKeyOf(uri: string): string | undefined {
  const key = /^s3:\/\/[^/]+\/(.+)$/s.exec(uri)?.[1];
  return key !== undefined && isEvidence(key) ? key : undefined;
}

/** @throws RangeError for a key that is not below `evidence/`, or too long for one of S3 */
export function mediaToken(key: Uint8Array, { cameraId, objectKey, expiresAtMs }: MediaLink): string {
  const token = signed(key, "media", [expiresAtMs.toString(RADIX), cameraId, objectKey]);
  if (isEvidence(objectKey) && token.length <= MAX_TOKEN_LENGTH) return token;
  throw new RangeError(`no link can show the object ${objectKey}`);
}

export function readMediaToken(key: Uint8Array, token: string, nowMs: number): ReadLink<MediaLink> {
  const fields = readFields(key, "media", token, nowMs);
  if (!Array.isArray(fields)) return fields;
  const [expiresAt, cameraId, ...path] = fields as [string, string, ...string[]];
  const objectKey = path.join(SEPARATOR);
  if (!isEvidence(objectKey)) return { kind: "invalid" };
  return { kind: "valid", cameraId, objectKey, expiresAtMs: parseInt(expiresAt, RADIX) };
}

/** Of many rules, the token has the first {@link MAX_RULES}. */
export const snoozeToken = (key: Uint8Array, { cameraId, ruleIds, expiresAtMs }: SnoozeLink): string =>
  signed(key, "snooze", [expiresAtMs.toString(RADIX), cameraId, ...ruleIds.slice(0, MAX_RULES)]);

export function readSnoozeToken(key: Uint8Array, token: string, nowMs: number): ReadLink<SnoozeLink> {
  const fields = readFields(key, "snooze", token, nowMs);
  if (!Array.isArray(fields)) return fields;
  const [expiresAt, cameraId, ...ruleIds] = fields as [string, string, ...string[]];
  return { kind: "valid", cameraId, ruleIds, expiresAtMs: parseInt(expiresAt, RADIX) };
}

type Kind = "media" | "snooze";

/** Neither a time nor an id contains it. */
const SEPARATOR = "/";

function signed(key: Uint8Array, kind: Kind, fields: readonly string[]): string {
  const payload = Buffer.from(fields.join(SEPARATOR)).toString("base64url");
  return `${payload}.${signatureOf(key, kind, payload)}`;
}

const signatureOf = (key: Uint8Array, kind: Kind, payload: string): string =>
  createHmac("sha256", key).update(`${kind}.${payload}`).digest("base64url");

/** The fields of a token that is signed and not expired, of which the first is its expiry. */
function readFields(
  key: Uint8Array,
  kind: Kind,
  token: string,
  nowMs: number,
): string[] | { readonly kind: "expired" | "invalid" } {
  if (!hasTokenForm(token)) return { kind: "invalid" };
  const [payload, signature] = token.split(".") as [string, string];
  // As text: several texts are the same bytes in base64url.
  const isSigned = isEqual(signature, signatureOf(key, kind, payload));
  if (!isSigned) return { kind: "invalid" };
  const fields = Buffer.from(payload, "base64url").toString("utf8").split(SEPARATOR);
  return nowMs < parseInt(fields[0]!, RADIX) ? fields : { kind: "expired" };
}

/** In constant time. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const isEvidence = (objectKey: string): boolean => objectKey.startsWith(`${EVIDENCE_PREFIX}/`);
