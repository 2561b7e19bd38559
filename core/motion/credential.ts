import { createHash, timingSafeEqual } from "node:crypto";
import type { MotionRequest } from "./admission.ts";
import { deriveKey, isWellFormed, keyFor, verify, type WebhookHeaders } from "../webhook.ts";

/** 32 bytes in base64url. */
const TOKEN_FORM = /^[\w-]{43}$/;
/** More than the base64 of a camera's id of 63 characters, a colon and a token. */
const MAX_BASIC_LENGTH = 256;

/** What a request authenticates with; `none` also for text that cannot be a credential, whatever the camera's key is. */
export type Credential =
  | { readonly kind: "signature"; readonly headers: WebhookHeaders }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "none" };

/** The parts of a request that may carry a credential; a header's name is lower case. */
export interface Carrier {
  readonly header: (name: string) => string | undefined;
  /** The query's `token`. */
  readonly queryToken: string | undefined;
}

/**
 * A camera's token, for firmware that cannot sign: HKDF-SHA256 of the master secret, so that it reveals nothing of
 * the signing key. The same token is a bearer token, a Basic password and the query's `token`.
 */
export function deriveToken(masterSecret: string, cameraId: string, keyVersion: number): string {
  const info = `doorstep token ${cameraId} ${keyVersion}`;
  return keyFor(masterSecret, info).toString("base64url");
}

/**
 * The credential of a request: a signature before a header, a header before the query. Only its form is checked, so that
 * a request without a plausible credential is refused before anything is read.
 */
export function readCredential(cameraId: string, { header, queryToken }: Carrier): Credential {
  const headers: WebhookHeaders = {
    id: header("webhook-id"),
    timestamp: header("webhook-timestamp"),
    signature: header("webhook-signature"),
  };
  if (headers.signature) return isWellFormed(headers) ? { kind: "signature", headers } : { kind: "none" };
  const authorization = header("authorization");
  if (authorization !== undefined) return fromAuthorization(cameraId, authorization);
  return tokenOf(queryToken);
}

function fromAuthorization(cameraId: string, authorization: string): Credential {
  const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return tokenOf(value);
    case "basic": {
      if (value.length > MAX_BASIC_LENGTH) return { kind: "none" };
      const { user, password } = splitBasic(value);
      return user === cameraId ? tokenOf(password) : { kind: "none" };
    }
    default:
      return { kind: "none" };
  }
}

/** User and password of Basic; a camera's id has no colon (RFC 7617). */
export function splitBasic(value: string): { readonly user: string; readonly password: string } {
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

const tokenOf = (token: string | undefined): Credential =>
  token !== undefined && TOKEN_FORM.test(token) ? { kind: "token", token } : { kind: "none" };

export type Proof = { readonly ok: true; readonly request: MotionRequest } | { readonly ok: false };

/** The versions of a camera's key that are valid now. */
export interface KeyVersions {
  readonly keyVersion: number;
  readonly previousKeyUntilMs?: number | undefined;
}

/**
 * Whether a credential is a camera's, of its current key version or of the one before while that is still valid. Both are
 * always compared, in constant time, so the time of a response reveals nothing.
 */
export function prove(
  credential: Credential,
  rawBody: string | Buffer,
  cameraId: string,
  { keyVersion, previousKeyUntilMs }: KeyVersions,
  masterSecret: string,
  nowMs: number,
): Proof {
  const proofs = [keyVersion, keyVersion - 1].map((version) =>
    proveWith(credential, rawBody, cameraId, version, masterSecret, nowMs),
  );
  const isPreviousValid = keyVersion > 1 && previousKeyUntilMs !== undefined && nowMs < previousKeyUntilMs;
  const [current, previous] = proofs as [Proof, Proof];
  if (current.ok) return current;
  return isPreviousValid ? previous : { ok: false };
}

function proveWith(
  credential: Credential,
  rawBody: string | Buffer,
  cameraId: string,
  keyVersion: number,
  masterSecret: string,
  nowMs: number,
): Proof {
  if (credential.kind === "signature") {
    const key = deriveKey(masterSecret, cameraId, keyVersion);
    const verification = verify(credential.headers, rawBody, key, nowMs);
    if (!verification.ok) return { ok: false };
    const { id, sentMs } = verification;
    return { ok: true, request: { webhook: { id, sentMs } } };
  }
  const given = credential.kind === "token" ? credential.token : "";
  const isEqual = timingSafeEqual(digest(given), digest(deriveToken(masterSecret, cameraId, keyVersion)));
  return isEqual ? { ok: true, request: {} } : { ok: false };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
