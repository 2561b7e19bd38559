import type { IncomingMessage } from "node:http";

/** A request body as a stream; to be read once. */
export type Body = AsyncIterable<Buffer>;

/** A request body that is larger than its reader allows. */
export class BodyTooLargeError extends RangeError {
  override readonly name = "BodyTooLargeError";
}

/** The body of a request; the connection stays open when reading stops early. */
export const streamOf = (request: IncomingMessage): Body =>
  request.iterator({ destroyOnReturn: false }) as Body;

/**
 * Reads a whole request body. The rest of one that is too large stays unread, so that the response still reaches its sender.
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
