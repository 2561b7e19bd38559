import type { Protocol } from "../api/protocols.ts";
import { AwsError } from "../errors.ts";
import { AWS_MANAGED_POLICIES } from "./managed-policies.ts";

/** Protocols grouped by their names for these errors. */
type Family = "json" | "rest-json" | "query" | "s3";

export const roleNotFound = (name: string): AwsError =>
  new AwsError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);

/** Documented: the errors of each action in the IAM API reference; the messages are observed (moto's tests). */
export const roleExists = (name: string): AwsError =>
  new AwsError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409);

export const rolePolicyNotFound = (name: string): AwsError =>
  new AwsError("NoSuchEntity", `The role policy with name ${name} cannot be found.`, 404);

export const policyNotFound = (arn: string): AwsError =>
  new AwsError(
    "NoSuchEntity",
    `Policy ${arn} does not exist or is not attachable. The local cloud has the managed policies of the template and, of AWS's, ${AWS_MANAGED_POLICIES.join(", ")}; put other statements with PutRolePolicy.`,
    404,
  );

export const policyNotAttached = (arn: string): AwsError =>
  new AwsError("NoSuchEntity", `Policy ${arn} was not found.`, 404);

export const deleteConflict = (message: string): AwsError => new AwsError("DeleteConflict", message, 409);

export const malformedPolicy = (message: string): AwsError =>
  new AwsError("MalformedPolicyDocument", message);

export const quotaExceeded = (quota: string, limit: number): AwsError =>
  new AwsError("LimitExceeded", `Cannot exceed quota for ${quota}: ${limit}`, 409);

export const inlinePoliciesTooLarge = (role: string, limit: number): AwsError =>
  new AwsError("LimitExceeded", `Maximum policy size of ${limit} bytes exceeded for role ${role}`, 409);

export const accessDenied = (code: "AccessDenied" | "AccessDeniedException", message: string): AwsError =>
  new AwsError(code, message, 403);

/** Documented: S3 API reference, "Error responses". */
export const invalidContentHash = (): AwsError =>
  new AwsError(
    "InvalidArgument",
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
  );

export const contentHashMissing = (): AwsError =>
  new AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");

export const contentHashMismatch = (): AwsError =>
  new AwsError(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );

/** Why a call's signature is not accepted. */
export type Reason =
  | "unsigned"
  | "signature version 2"
  | "incomplete"
  | "incomplete link"
  | "unknown key"
  | "wrong token"
  | "expired token"
  | "wrong signature"
  | "header left unsigned"
  | "clock skew"
  | "expired link";

type Refusal = readonly [code: string, status: number];

/**
 * Error codes and HTTP statuses. Documented: "Common Errors" of each service's API reference for the Query names,
 * DynamoDB's "Error handling" for the JSON names, and "Error responses" of the S3 API reference. Observed, in reports
 * against the SDKs: REST-JSON services use the JSON names and 403. Unconfirmed: that every JSON service uses 400.
 */
const REFUSALS: Readonly<Record<Reason, Readonly<Record<Family, Refusal>>>> = {
  unsigned: {
    json: ["MissingAuthenticationTokenException", 400],
    "rest-json": ["MissingAuthenticationToken", 403],
    query: ["MissingAuthenticationToken", 403],
    s3: ["AccessDenied", 403],
  },
  "signature version 2": {
    json: ["IncompleteSignatureException", 400],
    "rest-json": ["IncompleteSignatureException", 403],
    query: ["IncompleteSignature", 400],
    s3: ["InvalidRequest", 400],
  },
  incomplete: {
    json: ["IncompleteSignatureException", 400],
    "rest-json": ["IncompleteSignatureException", 403],
    query: ["IncompleteSignature", 400],
    s3: ["AuthorizationHeaderMalformed", 400],
  },
  "incomplete link": {
    json: ["IncompleteSignatureException", 400],
    "rest-json": ["IncompleteSignatureException", 403],
    query: ["IncompleteSignature", 400],
    s3: ["AuthorizationQueryParametersError", 400],
  },
  "unknown key": {
    json: ["UnrecognizedClientException", 400],
    "rest-json": ["UnrecognizedClientException", 403],
    query: ["InvalidClientTokenId", 403],
    s3: ["InvalidAccessKeyId", 403],
  },
  "wrong token": {
    json: ["UnrecognizedClientException", 400],
    "rest-json": ["UnrecognizedClientException", 403],
    query: ["InvalidClientTokenId", 403],
    s3: ["InvalidToken", 400],
  },
  "expired token": {
    json: ["ExpiredTokenException", 400],
    "rest-json": ["ExpiredTokenException", 403],
    query: ["ExpiredToken", 403],
    s3: ["ExpiredToken", 400],
  },
  "wrong signature": {
    json: ["InvalidSignatureException", 400],
    "rest-json": ["InvalidSignatureException", 403],
    query: ["SignatureDoesNotMatch", 403],
    s3: ["SignatureDoesNotMatch", 403],
  },
  "header left unsigned": {
    json: ["InvalidSignatureException", 400],
    "rest-json": ["InvalidSignatureException", 403],
    query: ["SignatureDoesNotMatch", 403],
    s3: ["AccessDenied", 403],
  },
  "clock skew": {
    json: ["InvalidSignatureException", 400],
    "rest-json": ["InvalidSignatureException", 403],
    query: ["SignatureDoesNotMatch", 403],
    s3: ["RequestTimeTooSkewed", 403],
  },
  "expired link": {
    json: ["InvalidSignatureException", 400],
    "rest-json": ["InvalidSignatureException", 403],
    query: ["SignatureDoesNotMatch", 403],
    s3: ["AccessDenied", 403],
  },
};

/** S3's own messages (documented: S3 API reference, error responses). */
const S3_MESSAGES: Readonly<Partial<Record<Reason, string>>> = {
  "unknown key": "The AWS Access Key Id you provided does not exist in our records.",
  "wrong token": "The provided token is malformed or otherwise not valid.",
  "expired token": "The provided token has expired.",
  "clock skew": "The difference between the request time and the server's time is too large.",
  "header left unsigned": "There were headers present in the request which were not signed",
  "expired link": "Request has expired",
};

/** A signature that is not accepted; `asRefusal` translates it for the caller's protocol. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
  readonly reason: Reason;
  /** What to do about it here, in addition to AWS's message. */
  readonly advice: string;

  /** @param message of the services other than S3 */
  constructor(reason: Reason, message: string, advice = "") {
    super(message);
    this.reason = reason;
    this.advice = advice;
  }
}

/** The error that AWS returns in this protocol, with what to do about it here. */
export function asRefusal({ reason, message, advice }: SignatureError, protocol: Protocol): AwsError {
  const [code, status] = REFUSALS[reason][familyOf(protocol)];
  const text = (protocol === "s3" && S3_MESSAGES[reason]) || message;
  return new AwsError(code, advice ? `${text} ${advice}` : text, status);
}

const familyOf = (protocol: Protocol): Family =>
  protocol === "json-1.0" || protocol === "json-1.1" ? "json" : protocol;
