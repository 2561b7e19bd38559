import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../iam/principal.ts";

/** A request body as it comes in; to be read once. */
export type Body = AsyncIterable<Buffer>;

/** A request on the AWS endpoint whose caller is known by its signature. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Reading it fails with an AwsError when it is not what was signed. */
  readonly body: Body;
  readonly caller: Principal;
  readonly requestId: string;
}

/** One AWS API as the endpoint serves it. */
export interface Api {
  /** The service in the credential scope of the signature, which routes the request here, e.g. `firehose`. */
  readonly signingName: string;
  /** Names of its actions, e.g. `PutRecord`; left out where a program behind the endpoint has its own. */
  readonly actions?: readonly string[];
  /** Whether the body of a call to this address is left out of its signature, as PutMedia's is. */
  readonly leavesBodyUnsigned?: (url: URL) => boolean;
  /** Authorises and answers the call, errors included. */
  handle(call: Call): Promise<void>;
}

/** Answers requests that carry no signature, errors included: the address itself gives access, by a token in it. */
export type PublicHandler = (exchange: Pick<Call, "request" | "response" | "url">) => Promise<void>;

/** A local-only call; what it returns, or resolves to, is answered as JSON. */
export type Control = (body: unknown, url: URL) => unknown;

/** A request body with more bytes than its reader takes. */
export class BodyTooLargeError extends RangeError {
  override readonly name = "BodyTooLargeError";
}

/** The body of a request; to stop reading it does not end the connection. */
export const streamOf = (request: IncomingMessage): Body =>
  request.iterator({ destroyOnReturn: false }) as Body;

/**
 * Reads a whole request body. One that is too large is left where it is, so that the refusal still reaches its sender.
 * @throws BodyTooLargeError when it has more than `maxBytes`
 */
export async function readBody(body: Body, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new BodyTooLargeError(`the request body is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
