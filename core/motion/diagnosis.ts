import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { motionStart } from "../../schemas/motion.ts";
import { deriveKey, formatSecret, MAX_ID_LENGTH, SIGNATURE, signaturesOf, TOLERANCE_MS } from "../webhook.ts";
import type { Diagnosis } from "./refusal.ts";
import { deriveToken, splitBasic, type Carrier, type KeyVersions } from "./credential.ts";

/** A body that is longer is not tried in other forms, so that a refusal stays cheap. */
const MAX_TRIED_BYTES = 16 * 1024;
/** A longer body is described by its length and hash. */
const MAX_SHOWN_BYTES = 256;
/** Longer than any id of a person's choice, and as long as a token or the base64 of a key. */
const KEY_LIKE = /[A-Za-z0-9+/_-]{40,}={0,2}|\S*whsec_\S*/g;

/** What a request is checked against. */
interface Known extends KeyVersions {
  readonly masterSecret: string;
  readonly cameraId: string;
}

/** Why a request carries nothing that can be a credential, whatever the camera's key is. */
export function diagnoseForm(cameraId: string, carrier: Carrier, rawBody: Buffer, nowMs: number): Diagnosis {
  const { header, queryToken } = carrier;
  const [id, timestamp, signature] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header);
  if (signature)
    return { ...ofSignedForm(id, timestamp, signature), ...signedParts(id, timestamp, rawBody, nowMs) };
  const authorization = header("authorization");
  if (authorization !== undefined) return ofAuthorization(cameraId, authorization);
  if (queryToken !== undefined) return { check: "token", reason: tokenProblem(queryToken) };
  if (id !== undefined || timestamp !== undefined)
    return {
      check: "webhook-signature",
      reason:
        "the header is missing; a signed request has webhook-id, webhook-timestamp and webhook-signature",
      ...signedParts(id, timestamp, rawBody, nowMs),
    };
  return {
    check: "credential",
    reason:
      "the request has no credential; sign it (webhook-id, webhook-timestamp, webhook-signature), or send the camera's token as Authorization: Bearer, as the password of Basic, or as ?token=",
  };
}

function ofSignedForm(id: string | undefined, timestamp: string | undefined, signature: string): Diagnosis {
  if (!id)
    return { check: "webhook-id", reason: "the header is missing; expected a new id for each request" };
  if (id.length > MAX_ID_LENGTH)
    return {
      check: "webhook-id",
      reason: `the id has ${id.length} characters; expected at most ${MAX_ID_LENGTH}`,
    };
  if (!/^\d{1,12}$/.test(timestamp ?? ""))
    return { check: "webhook-timestamp", reason: timestampProblem(timestamp) };
  return { check: "webhook-signature", reason: signatureProblem(signature) };
}

function timestampProblem(timestamp: string | undefined): string {
  if (!timestamp) return "the header is missing; expected Unix time in seconds";
  if (/^\d{13}$/.test(timestamp)) return "the time is in milliseconds; expected Unix time in seconds";
  if (/^\d+\.\d+$/.test(timestamp)) return "the time has a fraction; expected whole seconds of Unix time";
  if (Number.isFinite(Date.parse(timestamp))) return "the time is a date; expected Unix time in seconds";
  return "the header is no time; expected Unix time in seconds, such as 1764500000";
}

const EXPECTED_SIGNATURE = "expected v1 and, after a comma, the base64 of the 32 bytes of HMAC-SHA256";

function signatureProblem(signature: string): string {
  const value = signature.replace(/^(v\d\w?[,=]|sha256=)/, "");
  const problem = /^[0-9a-f]{64}$/i.test(value)
    ? "the signature is hexadecimal"
    : /^[\w-]{43}=?$/.test(value) && /[_-]/.test(value)
      ? "the signature is base64url, with - and _ instead of + and /"
      : signature.startsWith("v1a,")
        ? "the signature is asymmetric, of version v1a"
        : /^[A-Za-z0-9+/]{43}=$/.test(value)
          ? "the version before the signature is missing or another one"
          : "no part of the header is a signature";
  return `${problem}; ${EXPECTED_SIGNATURE}`;
}

function ofAuthorization(cameraId: string, authorization: string): Diagnosis {
  const refuse = (reason: string): Diagnosis => ({ check: "authorization", reason });
  const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return refuse(tokenProblem(value));
    case "basic": {
      const { user, password } = splitBasic(value);
      return refuse(
        user === cameraId
          ? tokenProblem(password)
          : "the user is not the camera's id of the address; expected the camera's id as user and its token as password",
      );
    }
    case "digest":
      return refuse("Digest is not supported; expected Basic with the camera's id and token, or Bearer");
    default:
      return refuse("expected Bearer and the token, or Basic with the camera's id and token");
  }
}

function tokenProblem(token: string): string {
  if (token.startsWith("whsec_"))
    return "this is the secret that signs requests, not the token; the camera's credentials have both";
  const problem =
    token.length === 43 ? "has other characters than a token's" : `has ${token.length} characters`;
  return `the token ${problem}; expected the 43 characters of the camera's token`;
}

/**
 * Why a credential of a plausible form is not the camera's. Every likely mistake is tried, whichever was made, so that the
 * time of the response reveals nothing.
 */
export function diagnoseProof(known: Known, carrier: Carrier, rawBody: Buffer, nowMs: number): Diagnosis {
  const { header } = carrier;
  const [id, timestamp, signature] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header);
  if (signature) {
    const parts = signedParts(id, timestamp, rawBody, nowMs);
    return { ...ofSignature(known, { id: id!, timestamp: timestamp!, signature, rawBody }, parts), ...parts };
  }
  const authorization = header("authorization");
  const given = authorization === undefined ? carrier.queryToken! : tokenIn(authorization);
  const { masterSecret, cameraId, keyVersion } = known;
  const isRevoked = isEqual(given, deriveToken(masterSecret, cameraId, keyVersion - 1));
  return {
    check: authorization === undefined ? "token" : "authorization",
    reason:
      isRevoked && keyVersion > 1
        ? `the token is of key version ${keyVersion - 1}, which was replaced; the camera's key version is ${keyVersion}`
        : `the token is not this camera's; compare it with npx doorstep camera show ${cameraId} --credentials`,
  };
}

const tokenIn = (authorization: string): string => {
  const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
  return scheme.toLowerCase() === "basic" ? splitBasic(value).password : value;
};

interface Signed {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly rawBody: Buffer;
}

function ofSignature(
  { masterSecret, cameraId, keyVersion }: Known,
  signed: Signed,
  { clockSkewMs = 0 }: Pick<Diagnosis, "clockSkewMs">,
): Pick<Diagnosis, "check" | "reason"> {
  const key = deriveKey(masterSecret, cameraId, keyVersion);
  const secret = formatSecret(key);
  const keys: [key: Buffer, mistake: string | undefined][] = [
    [key, undefined],
    [Buffer.from(secret), "the key is the secret's text; decode the base64 after its prefix to 32 bytes"],
    [Buffer.from(secret.slice(secret.indexOf("_") + 1)), "the key is base64; decode it to 32 bytes"],
    [
      deriveKey(masterSecret, cameraId, keyVersion - 1),
      keyVersion > 1 ? `the key is of version ${keyVersion - 1}, which was replaced` : undefined,
    ],
  ];
  const found = keys.flatMap(([one, ofKey], index) =>
    textsOf(signed).flatMap(([text, ofText]) => {
      const isIt = signs(one, text, signed.signature);
      const isKnownVersion = index < 3 || keyVersion > 1;
      return isIt && isKnownVersion ? [[ofKey, ofText].filter((mistake) => mistake !== undefined)] : [];
    }),
  );
  const [mistakes] = found.toSorted((a, b) => a.length - b.length);
  if (mistakes === undefined)
    return {
      check: "webhook-signature",
      reason: `the signature does not fit this camera's key and the text that it must cover; compare that text with what the camera signs, and the secret with npx doorstep camera show ${cameraId} --credentials`,
    };
  if (mistakes.length > 0) return { check: "webhook-signature", reason: mistakes.join("; ") };
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  return {
    check: "webhook-timestamp",
    reason: `the signature is right, but the camera's clock is ${seconds} s ${clockSkewMs > 0 ? "behind" : "ahead"}; at most ${TOLERANCE_MS / 1000} s are accepted, so set its clock by NTP`,
  };
}

/** The text that a signature must cover, and what firmware signs by mistake. */
function textsOf({
  id,
  timestamp,
  rawBody,
}: Signed): [text: readonly (string | Buffer)[], mistake: string | undefined][] {
  const head = `${id}.${timestamp}.`;
  const right: [(string | Buffer)[], undefined] = [[head, rawBody], undefined];
  if (rawBody.length > MAX_TRIED_BYTES) return [right];
  const body = rawBody.toString("utf8");
  return [
    right,
    [[rawBody], "the signature covers the body alone; expected id.timestamp.body"],
    [[`${timestamp}.`, rawBody], "the signature covers timestamp.body; expected id.timestamp.body"],
    [[`${timestamp}.${id}.`, rawBody], "the signature covers timestamp.id.body; expected id.timestamp.body"],
    [[head], "the signature covers an empty body; sign the bytes that are sent"],
    [[head, body.trimEnd()], "the signature covers the body without the space or line break at its end"],
    [[head, `${body}\n`], "the signature covers the body with a line break that was not sent"],
    [[head, compact(body)], "the signature covers the body in another form; sign the bytes that are sent"],
  ];
}

function compact(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}

function signs(key: Buffer, text: readonly (string | Buffer)[], signature: string): boolean {
  const hmac = createHmac("sha256", key);
  for (const part of text) hmac.update(part);
  const expected = hmac.digest("base64");
  return signaturesOf(signature)
    .filter((one) => SIGNATURE.test(one))
    .map((one) => isEqual(one.slice(3), expected))
    .includes(true);
}

function signedParts(
  id: string | undefined,
  timestamp: string | undefined,
  rawBody: Buffer,
  nowMs: number,
): Pick<Diagnosis, "signedText" | "clockSkewMs"> {
  if (!id || !timestamp || id.length > MAX_ID_LENGTH || !/^\d{1,12}$/.test(timestamp)) return {};
  return {
    signedText: `${withoutKeys(id)}.${timestamp}.${shown(rawBody)}`,
    clockSkewMs: nowMs - Number(timestamp) * 1000,
  };
}

/** A body with the fields of a motion request alone, and a description of any other: a device's may show its surroundings. */
function shown(rawBody: Buffer): string {
  const body = rawBody.toString("utf8");
  if (rawBody.length === 0) return "";
  if (rawBody.length <= MAX_SHOWN_BYTES && isMotion(body)) return withoutKeys(body);
  const hash = createHash("sha256").update(rawBody).digest("hex");
  return `<body of ${rawBody.length} bytes, SHA-256 ${hash.slice(0, 16)}…>`;
}

function isMotion(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    return Object.entries(value).every(
      ([name, one]) => Object.hasOwn(motionStart.entries, name) && typeof one !== "object",
    );
  } catch {
    return false;
  }
}

/** Text without what may be a key or a token. */
const withoutKeys = (text: string): string => text.replaceAll(KEY_LIKE, "<not shown: it may be a key>");

const isEqual = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
