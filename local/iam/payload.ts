import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { readBody, streamOf, type Body } from "../api/body.ts";
import { contentHashMismatch, contentHashMissing, invalidContentHash } from "./errors.ts";
import { EMPTY_HASH, type Signature } from "./signature.ts";

/** A request's body, and its hash in the signature. */
export interface Payload {
  readonly hash: string;
  /** To be read once; it has been checked against the signature when it ends. */
  readonly body: Body;
}

/** More than any service accepts, except S3 and PutMedia, whose bodies are not held in memory. */
const MAX_HELD_BODY_BYTES = 32 * 1024 * 1024;

const HASH = /^[0-9a-f]{64}$/;
/** Documented: S3 API reference, "Authenticating Requests: Using the Authorization Header". */
const UNHASHED = /^(UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)$/;

/**
 * The hash that the signature covers, by service.
 *
 * - S3: the value of `x-amz-content-sha256` (documented); a presigned URL without one leaves the body unsigned.
 *   Signatures of single chunks (`STREAMING-AWS4-…`) are not checked.
 * - PutMedia, whose body has no end yet: SHA-256 of nothing (observed: producer-c), or the header's value (observed:
 *   the Java producer sends `UNSIGNED-PAYLOAD`).
 * - Every other call: SHA-256 of the body (documented), which is read here.
 * @throws AwsError InvalidArgument, InvalidRequest for a header of S3's that is not one of these or is missing
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
    throw hash ? invalidContentHash() : contentHashMissing();
  }
  const whole = await readBody(stream, MAX_HELD_BODY_BYTES);
  return { hash: sha256(whole), body: only(whole) };
}

const sha256 = (bytes: Buffer): string =>
  bytes.length === 0 ? EMPTY_HASH : createHash("sha256").update(bytes).digest("hex");

async function* only(whole: Buffer): AsyncGenerator<Buffer> {
  yield whole;
}

/** The body. Its last chunk is yielded only after the whole matches its signature, so that nothing else is stored. */
async function* checked(body: Body, signedHash: string): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let last: Buffer | undefined;
  for await (const chunk of body) {
    hash.update(chunk);
    if (last) yield last;
    last = chunk;
  }
  if (hash.digest("hex") !== signedHash) throw contentHashMismatch();
  if (last) yield last;
}
