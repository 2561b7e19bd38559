import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { isNativeError } from "node:util/types";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { systemClock, type Clock } from "../base/clock.ts";
import { readAcks } from "./acks.ts";
import type { Ack } from "./acks.ts";
import { ackError, PutMediaError } from "./put-media-error.ts";

export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type PutMediaTarget = {
  /** The data endpoint for PUT_MEDIA, http or https, without a path. */
  endpoint: string;
  region: string;
  credentials: AwsCredentials;
  streamName: string;
  /** Epoch milliseconds. With RELATIVE timecodes, the time that cluster time 0 stands for. */
  producerStartMs: number;
  timecodeType: "ABSOLUTE" | "RELATIVE";
};

type PutMediaOptions = PutMediaTarget & {
  /**
   * Matroska. It is read only as fast as the service accepts it; a chunk's memory may be reused once the next is read.
   */
  body: AsyncIterable<Uint8Array>;
  onAck?: (ack: Ack) => void;
  /** Fails when nothing was sent or received for this long, default 60 s. */
  idleTimeoutMs?: number;
  clock?: Clock;
};

/** What the service acknowledged. Fragments are persisted only in a stream with data retention. */
type PutMediaSummary = {
  receivedFragments: number;
  persistedFragments: number;
  lastReceivedFragmentNumber?: string;
  lastPersistedFragmentNumber?: string;
};

const userAgent = "doorstep-uploader";
const defaultIdleTimeoutMs = 60_000;
const maxErrorBodyBytes = 65_536;

/** Headers that other AWS calls leave unsigned, but PutMedia's producers sign (observed: producer-c, AwsV4Signer.c). */
const signedConnectionHeaders = new Set(["connection", "transfer-encoding", "user-agent"]);

/**
 * Returns the headers of a PutMedia request, signed with Signature Version 4 over an empty payload (observed: producer-c):
 * the body is unknown when the request begins.
 */
export async function signedPutMediaHeaders(
  target: PutMediaTarget,
  now: Date,
): Promise<Record<string, string>> {
  const { endpoint, region, credentials, streamName, producerStartMs, timecodeType } = target;
  const { protocol, host, hostname } = new URL(endpoint);
  const signer = new SignatureV4({
    service: "kinesisvideo",
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: "POST",
      protocol,
      hostname,
      path: "/putMedia",
      headers: {
        connection: "keep-alive",
        host,
        "transfer-encoding": "chunked",
        "user-agent": userAgent,
        "x-amzn-fragment-acknowledgment-required": "1",
        "x-amzn-fragment-timecode-type": timecodeType,
        "x-amzn-producer-start-timestamp": (producerStartMs / 1000).toFixed(3),
        "x-amzn-stream-name": streamName,
      },
    },
    { signingDate: now, signableHeaders: signedConnectionHeaders },
  );
  return signed.headers;
}

/**
 * Sends Matroska to a Kinesis video stream and reads its acknowledgements until the response ends.
 * @throws PutMediaError for an ERROR acknowledgement, an HTTP error, or a connection that ends too early; the body's own
 * errors as they are
 */
export async function putMedia(options: PutMediaOptions): Promise<PutMediaSummary> {
  const url = new URL("/putMedia", options.endpoint);
  const { clock = systemClock, idleTimeoutMs: timeout = defaultIdleTimeoutMs } = options;
  const headers: OutgoingHttpHeaders = await signedPutMediaHeaders(options, new Date(clock.now()));
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, { method: "POST", headers, timeout });
  let failure: unknown;
  request.once("timeout", () => {
    failure = new PutMediaError("IDLE_TIMEOUT", `PutMedia: nothing sent or received for ${timeout} ms`);
    request.destroy();
  });
  const summary = readResponse(request, options.onAck);
  sendBody(request, options.body).catch((error: unknown) => {
    failure ??= error;
    request.destroy();
  });
  try {
    return await summary;
  } catch (error) {
    throw failure ?? (isSystemError(error) ? connectionError(url, error) : error);
  } finally {
    request.destroy();
  }
}

/**
 * Sends the body, each chunk when the operating system has taken the one before. A closed connection is not an error here:
 * the response has the reason. @throws the body's own errors
 */
async function sendBody(request: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  let wake = () => {};
  request.once("close", () => wake());
  for await (const chunk of body) {
    if (request.destroyed) return;
    const { promise: taken, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    request.write(chunk, () => resolve());
    await taken;
  }
  request.end();
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return isNativeError(error) && "code" in error && !(error instanceof PutMediaError);
}

function connectionError(url: URL, cause: NodeJS.ErrnoException): PutMediaError {
  const code = cause.code === "ECONNRESET" ? "CONNECTION_CLOSED" : "CONNECTION_FAILED";
  return new PutMediaError(code, `PutMedia: no response from ${url.host}: ${cause.message} (${cause.code})`, {
    cause,
  });
}

async function readResponse(request: ClientRequest, onAck?: (ack: Ack) => void): Promise<PutMediaSummary> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve).on("error", reject);
  });
  if (response.statusCode !== 200) throw await httpError(response);
  const summary: PutMediaSummary = { receivedFragments: 0, persistedFragments: 0 };
  for await (const ack of readAcks(response)) {
    onAck?.(ack);
    if (ack.eventType === "ERROR") throw ackError(ack);
    if (ack.eventType === "RECEIVED") {
      summary.receivedFragments++;
      summary.lastReceivedFragmentNumber = ack.fragmentNumber;
    } else if (ack.eventType === "PERSISTED") {
      summary.persistedFragments++;
      summary.lastPersistedFragmentNumber = ack.fragmentNumber;
    }
  }
  if (!request.writableEnded)
    throw new PutMediaError(
      "CONNECTION_CLOSED",
      "PutMedia: the service ended the connection before all was sent",
    );
  return summary;
}

/** Error names are in a header (documented as `x-amz-ErrorType`, read by the SDKs as `x-amzn-ErrorType`). */
async function httpError(response: IncomingMessage): Promise<PutMediaError> {
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > maxErrorBodyBytes) break;
  }
  const header = response.headers["x-amzn-errortype"] ?? response.headers["x-amz-errortype"];
  const code = String(header ?? "UnknownError").split(":")[0]!;
  const httpStatus = response.statusCode ?? 0;
  return new PutMediaError(code, `PutMedia: ${messageOf(text)} (${code}, HTTP ${httpStatus})`, {
    httpStatus,
  });
}

function messageOf(body: string): string {
  try {
    const { Message, message } = JSON.parse(body) as { Message?: string; message?: string };
    return Message ?? message ?? "the service returned no message";
  } catch {
    return body.trim().slice(0, 200) || "the service returned no message";
  }
}
