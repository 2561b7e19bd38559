import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** How far a webhook's time may be off, either way: the Standard Webhooks reference library's tolerance. */
export const TOLERANCE_MS = 300_000;
const KEY_BYTES = 32;
const SECRET_PREFIX = "whsec_";
export const MAX_ID_LENGTH = 128;
/** More signatures than a rotation needs are not compared. */
const MAX_SIGNATURES = 8;
/** A signature of version 1: the base64 of 32 bytes. */
export const SIGNATURE = /^v1,[A-Za-z0-9+/]{43}=$/;

/** The three headers of a Standard Webhook, as received. */
export interface WebhookHeaders {
  readonly id: string | undefined;
  /** Unix time in seconds. */
  readonly timestamp: string | undefined;
  /** Signatures separated by spaces, each `v1,<base64>`. */
  readonly signature: string | undefined;
}

type Verification =
  | { readonly ok: true; readonly id: string; readonly sentMs: number }
  | { readonly ok: false; readonly reason: RefusalReason };

type RefusalReason = "unsigned" | "stale" | "wrong-signature";

/** A key for one purpose: HKDF-SHA256 of a secret, 32 bytes. The keys of two purposes say nothing of each other. */
export const keyFor = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "", purpose, KEY_BYTES));

/**
 * A camera's signing key, of its id and key version. Nothing is stored per camera, and a higher key version makes the older
 * credential worthless.
 */
export const deriveKey = (masterSecret: string, cameraId: string, keyVersion: number): Buffer =>
  keyFor(masterSecret, `doorstep webhook ${cameraId} ${keyVersion}`);

/** A key in the form that Standard Webhooks libraries take: `whsec_<base64>`. */
export const formatSecret = (key: Buffer): string => SECRET_PREFIX + key.toString("base64");

/** The `webhook-signature` of a body: `v1,<base64 HMAC-SHA256 over id.timestamp.body>` (Standard Webhooks specification). */
export function sign(key: Buffer, id: string, timestamp: string, rawBody: string | Buffer): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(rawBody).digest("base64")}`;
}

/**
 * The headers of a Standard Webhook that is sent now.
 * @param keys one, or several while they are rotated; the receiver accepts a webhook that one of them signed
 * @param id without a full stop, which separates it from what follows in the signed text
 */
export function signedHeaders(
  keys: readonly Buffer[],
  id: string,
  nowMs: number,
  rawBody: string,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": keys.map((key) => sign(key, id, timestamp, rawBody)).join(" "),
  };
}

/** Headers of a signed webhook, whatever its signature is worth. */
const isSigned = (headers: WebhookHeaders): headers is { [Name in keyof WebhookHeaders]: string } => {
  const { id, timestamp, signature } = headers;
  return Boolean(id && id.length <= MAX_ID_LENGTH && signature) && /^\d{1,12}$/.test(timestamp ?? "");
};

/** Whether a webhook with these headers can be valid for some key. Any other is refused without deriving one. */
export const isWellFormed = (headers: WebhookHeaders): boolean =>
  isSigned(headers) && signaturesOf(headers.signature).some((one) => SIGNATURE.test(one));

/** The signatures of a header that are compared. */
export const signaturesOf = (header: string): string[] => header.split(" ", MAX_SIGNATURES);

/**
 * Whether a webhook was signed with the key and is fresh. Signatures are compared in constant time.
 * @param rawBody the body's bytes as received
 */
export function verify(
  headers: WebhookHeaders,
  rawBody: string | Buffer,
  key: Buffer,
  nowMs: number,
): Verification {
  if (!isSigned(headers)) return { ok: false, reason: "unsigned" };
  const { id, timestamp, signature } = headers;
  const expected = Buffer.from(sign(key, id, timestamp, rawBody));
  const given = signaturesOf(signature).map((one) => Buffer.from(one));
  const matches = given.filter((one) => one.length === expected.length && timingSafeEqual(one, expected));
  if (matches.length === 0) return { ok: false, reason: "wrong-signature" };
  const sentMs = Number(timestamp) * 1000;
  return Math.abs(nowMs - sentMs) <= TOLERANCE_MS ? { ok: true, id, sentMs } : { ok: false, reason: "stale" };
}
