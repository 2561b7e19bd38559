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

/** A local-only call; what it returns, or resolves to, is answered as JSON. */
export type Control = (body: unknown, url: URL) => unknown;

/**
 * Reads a whole request body.
 * @throws RangeError when it has more than `maxBytes`
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new RangeError(`the request body is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
