import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from "node:crypto";
import { canonicalRequest, type SignableRequest } from "./canonical-request.ts";
import { SignatureError } from "./errors.ts";

/** The signature of a request, as the request states it. */
export interface Signature {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  /** `YYYYMMDD`, with the two below the credential scope, for which the signing key is derived. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly signedAt: string;
  readonly signedAtMs: number;
  /** How long a presigned URL is valid. */
  readonly expiresInSeconds?: number;
  readonly isPresigned: boolean;
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const TERMINATOR = "aws4_request";
/** SHA-256 of nothing, in hexadecimal. */
export const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/** Documented: S3 API reference, authenticating requests with query parameters. */
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;
const MINUTE_MS = 60_000;
/** Observed in AWS's message "… - 5 min."; S3 allows 15 (documented: S3 API reference, RequestTimeTooSkewed). */
const skewMinutes = (service: string): number => (service === "s3" ? 15 : 5);

/**
 * Reads the signature from the `Authorization` header or from a presigned URL's query (documented: IAM user guide,
 * "Elements of an AWS API request signature"). Messages are those of AWS (observed).
 * @throws SignatureError unsigned, signature version 2, incomplete, incomplete link, wrong signature (for a date beside its scope)
 */
export function readSignature(request: SignableRequest): Signature {
  const query = new URLSearchParams(request.target.split(/\?(.*)/s)[1]);
  const [authorization] = request.headers["authorization"] ?? [];
  if (authorization?.startsWith("AWS ") || query.has("AWSAccessKeyId"))
    throw new SignatureError(
      "signature version 2",
      `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`,
      'boto3 presigns with it if its Config has signature_version="s3v4".',
    );
  if (authorization !== undefined) return readHeader(authorization, request.headers);
  if (query.has("X-Amz-Signature") || query.has("X-Amz-Credential")) return readQuery(query);
  throw new SignatureError(
    "unsigned",
    "Missing Authentication Token.",
    "Sign the request: use an AWS SDK or the CLI with AWS_ENDPOINT_URL set to this address, " +
      "AWS_ACCESS_KEY_ID=local and AWS_SECRET_ACCESS_KEY=local.",
  );
}

function readHeader(authorization: string, headers: SignableRequest["headers"]): Signature {
  if (!authorization.startsWith(`${ALGORITHM} `))
    throw new SignatureError("incomplete", `Unsupported AWS 'algorithm': expected ${ALGORITHM}.`);
  const fields = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(",")
      .map((field) => field.trim().split(/=(.*)/s) as [string, string]),
  );
  const missing = ["Credential", "SignedHeaders", "Signature"].filter((name) => !fields.get(name));
  if (missing.length > 0)
    throw new SignatureError(
      "incomplete",
      missing.map((name) => `Authorization header requires '${name}' parameter.`).join(" "),
    );
  const signedAt = headers["x-amz-date"]?.[0] ?? isoDate(headers["date"]?.[0]);
  if (signedAt === undefined)
    throw new SignatureError(
      "incomplete",
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  return {
    ...readScope(fields.get("Credential")!, signedAt),
    sessionToken: headers["x-amz-security-token"]?.[0],
    isPresigned: false,
    signedHeaders: fields.get("SignedHeaders")!.split(";"),
    signature: fields.get("Signature")!,
  };
}

function readQuery(query: URLSearchParams): Signature {
  const required = (name: string): string => {
    const value = query.get(name);
    if (!value)
      throw new SignatureError("incomplete link", `AWS query-string parameters must include '${name}'.`);
    return value;
  };
  const algorithm = required("X-Amz-Algorithm");
  if (algorithm !== ALGORITHM)
    throw new SignatureError("incomplete link", `Unsupported AWS 'algorithm': '${algorithm}'.`);
  const expires = required("X-Amz-Expires");
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > MAX_EXPIRES_SECONDS)
    throw new SignatureError(
      "incomplete link",
      `X-Amz-Expires is ${expires}; expected 1..${MAX_EXPIRES_SECONDS}`,
    );
  return {
    ...readScope(required("X-Amz-Credential"), required("X-Amz-Date")),
    sessionToken: query.get("X-Amz-Security-Token") ?? undefined,
    expiresInSeconds: Number(expires),
    isPresigned: true,
    signedHeaders: required("X-Amz-SignedHeaders").split(";"),
    signature: required("X-Amz-Signature"),
  };
}

/** `<access key>/<date>/<region>/<service>/aws4_request`, whose date must be that of the signature. */
function readScope(
  credential: string,
  signedAt: string,
): Pick<Signature, "accessKeyId" | "date" | "region" | "service" | "signedAt" | "signedAtMs"> {
  const parts = credential.split("/");
  const [date = "", region = "", service = "", terminator = ""] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join("/");
  if (!accessKeyId || !date || !region || !service)
    throw new SignatureError(
      "incomplete",
      `Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'.`,
    );
  if (terminator !== TERMINATOR)
    throw new SignatureError(
      "incomplete",
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'.`,
    );
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt) ?? [];
  if (!year)
    throw new SignatureError(
      "incomplete",
      `Date must be in ISO-8601 'basic format'. Got '${signedAt}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  if (!signedAt.startsWith(`${date}T`))
    throw new SignatureError(
      "wrong signature",
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
        `'${date}' != '${signedAt.slice(0, 8)}', from '${signedAt}'.`,
    );
  const signedAtMs = Date.UTC(+year, +month! - 1, +day!, +hour!, +minute!, +second!);
  return { accessKeyId, date, region, service, signedAt, signedAtMs };
}

/** The times that count as now: one, unless a test has turned the local cloud's clock forward. */
interface SigningTime {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/**
 * Refuses a signature that is too old, dated in the future, or whose presigned URL has expired.
 * @throws SignatureError clock skew, expired link
 */
export function checkTime(signature: Signature, { earliestMs, latestMs }: SigningTime): void {
  const { service, signedAt, signedAtMs, expiresInSeconds } = signature;
  const minutes = skewMinutes(service);
  const skewMs = minutes * MINUTE_MS;
  if (signedAtMs > latestMs + skewMs)
    throw new SignatureError(
      "clock skew",
      `Signature not yet current: ${signedAt} is still later than ${basic(latestMs + skewMs)} (${basic(latestMs)} + ${minutes} min.)`,
    );
  if (expiresInSeconds === undefined) {
    if (signedAtMs < earliestMs - skewMs)
      throw new SignatureError(
        "clock skew",
        `Signature expired: ${signedAt} is now earlier than ${basic(earliestMs - skewMs)} (${basic(earliestMs)} - ${minutes} min.)`,
      );
  } else if (signedAtMs + expiresInSeconds * 1000 < earliestMs)
    throw new SignatureError(
      "expired link",
      `Signature expired: ${signedAt} is now earlier than ${basic(earliestMs - expiresInSeconds * 1000)} (${basic(earliestMs)} - ${expiresInSeconds} s)`,
    );
}

/**
 * Whether the request was signed with this key and not changed since (documented: IAM user guide, "Create a signed AWS
 * API request"). Signatures are compared in constant time.
 * @param payloadHash of the body: its SHA-256 in hexadecimal, or a keyword such as `UNSIGNED-PAYLOAD`
 */
export function isAuthentic(
  request: SignableRequest,
  signature: Signature,
  payloadHash: string,
  signingKey: KeyObject,
): boolean {
  const { signedAt, date, region, service } = signature;
  const hash = createHash("sha256").update(canonicalRequest(request, signature, payloadHash), "latin1");
  const scope = `${date}/${region}/${service}/${TERMINATOR}`;
  const toSign = [ALGORITHM, signedAt, scope, hash.digest("hex")].join("\n");
  const expected = createHmac("sha256", signingKey).update(toSign).digest();
  const given = Buffer.from(signature.signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** `20150830T123600Z` */
const basic = (timeMs: number): string => new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");

function isoDate(httpDate: string | undefined): string | undefined {
  const timeMs = Date.parse(httpDate ?? "");
  return Number.isNaN(timeMs) ? undefined : basic(timeMs);
}

const MAX_KEPT_KEYS = 256;

/** Derives signing keys and caches the latest: one costs four HMACs and is valid for a day. */
export class SigningKeys {
  readonly #kept = new Map<string, KeyObject>();

  get(
    secretAccessKey: string,
    { date, region, service }: Pick<Signature, "date" | "region" | "service">,
  ): KeyObject {
    const name = JSON.stringify([secretAccessKey, date, region, service]);
    const kept = this.#kept.get(name);
    if (kept) return kept;
    let bytes = Buffer.from(`AWS4${secretAccessKey}`);
    for (const part of [date, region, service, TERMINATOR])
      bytes = createHmac("sha256", bytes).update(part).digest();
    // Node takes six times as long with the bytes.
    const key = createSecretKey(bytes);
    if (this.#kept.size >= MAX_KEPT_KEYS) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(name, key);
    return key;
  }
}
