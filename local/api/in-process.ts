import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/**
 * A request with a body that was read and checked, for the request handler of a program in this process: a connection to it
 * would cost more than most calls, and could be found by others.
 */
export const requestWith = (
  { method, url, headers, socket }: IncomingMessage,
  body: Buffer,
): IncomingMessage =>
  Object.assign(Readable.from([body]), { method, url, headers, socket }) as unknown as IncomingMessage;
