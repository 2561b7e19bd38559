import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { readBody, streamOf, type Body } from "../api/body.ts";
import { AwsError } from "../errors.ts";
import { EMPTY_HASH, type Signature } from "./signature.ts";

/** A request's body, and what stands for it in the signature. */
export interface Payload {
  readonly hash: string;
  /** To be read once; what was signed of it is checked by the time that it ends. */
  readonly body: Body;
}

/** More than any service takes but S3 and PutMedia, which are not held in memory. */
const MAX_HELD_BODY_BYTES = 32 * 1024 * 1024;

const HASH = /^[0-9a-f]{64}$/;
/** Documented: S3 API reference, "Authenticating Requests: Using the Authorization Header". */
const UNHASHED = /^(UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)$/;

/**
 * Finds what the signature says of the body.
 *
 * - S3: what `x-amz-content-sha256` says (documented); a presigned URL leaves the body unsigned unless it says otherwise.
 *   Signatures of single chunks (`STREAMING-AWS4-…`) are not checked.
 * - PutMedia, whose body has no end yet: SHA-256 of nothing (observed: producer-c), or what the header says (observed:
 *   the Java producer sends `UNSIGNED-PAYLOAD`).
 * - Every other call: SHA-256 of the body (documented), which is read here.
 * @throws AwsError of S3's for a header that is missing or is none of these
 * @throws BodyTooLargeError
 */
export async function payloadOf(
  request: IncomingMessage,
  url: URL,
  { service, isPresigned }: Signature,
  leavesBodyUnsigned: boolean,
): Promise<Payload> {
  const stream = streamOf(request);
  const declared = request.headersDistinct["x-amz-content-sha256"]?.[0];
  if (leavesBodyUnsigned) return { hash: declared ?? EMPTY_HASH, body: stream };
  if (service === "s3") {
    const hash =
      declared ?? (isPresigned ? (url.searchParams.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD") : "");
    if (UNHASHED.test(hash)) return { hash, body: stream };
    if (HASH.test(hash)) return { hash, body: checked(stream, hash) };
    throw hash
      ? new AwsError(
          "InvalidArgument",
          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
        )
      : new AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  const whole = await readBody(stream, MAX_HELD_BODY_BYTES);
  return { hash: sha256(whole), body: only(whole) };
}

const sha256 = (bytes: Buffer): string =>
  bytes.length === 0 ? EMPTY_HASH : createHash("sha256").update(bytes).digest("hex");

async function* only(whole: Buffer): AsyncGenerator<Buffer> {
  yield whole;
}

/** The body, whose last chunk comes only once all of it is known to be what was signed, so that no other is stored. */
async function* checked(body: Body, signedHash: string): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let last: Buffer | undefined;
  for await (const chunk of body) {
    hash.update(chunk);
    if (last) yield last;
    last = chunk;
  }
  if (hash.digest("hex") !== signedHash)
    throw new AwsError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  if (last) yield last;
}
