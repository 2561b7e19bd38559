import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../iam/access.ts";

/** A request on the AWS endpoint whose caller is known. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly caller: Principal;
  readonly requestId: string;
}

/** One AWS API as the endpoint serves it. */
export interface Api {
  /** The service in the credential scope of the signature, which routes the request here, e.g. `firehose`. */
  readonly signingName: string;
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

/**
 * Reads a whole request body. One that is too large is left where it is, so that the refusal still reaches its sender.
 * @throws BodyTooLargeError when it has more than `maxBytes`
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new BodyTooLargeError(`the request body is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
