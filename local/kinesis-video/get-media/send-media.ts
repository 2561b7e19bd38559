import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorMessage } from "../../../base/errors.ts";
import type { Call } from "../../api/api.ts";
import type { Cloud } from "../../cloud.ts";
import type { Connection } from "../connections.ts";

/** How long a client may take to read the rest after the connection is ended from this side. */
const LINGER_MS = 2_000;
const CLIENT_GONE = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"]);

/** Whether sending failed only because the client closed the connection. */
export const isClientGone = (error: unknown): boolean =>
  CLIENT_GONE.has((error as NodeJS.ErrnoException).code ?? "");

/**
 * Responds with media at the rate at which the client reads it, until `chunks` ends or the client closes the connection;
 * then closes it from this side, too. The signal of `chunks` aborts when either side ends. An error of `chunks` is emitted
 * as an event and cuts the response off.
 */
export async function sendMedia(
  { response, requestId }: Call,
  cloud: Cloud,
  connection: Connection,
  chunks: (signal: AbortSignal) => AsyncIterable<readonly Uint8Array[]>,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // A client that does not read would otherwise keep an ended connection open forever.
  connection.signal.addEventListener("abort", () => {
    const cut = cloud.clock.after(LINGER_MS, () => response.destroy());
    response.once("close", () => cut.cancel());
  });
  // AWS's content type is unconfirmed; the payload is Matroska (documented).
  response.writeHead(200, { "content-type": "video/x-matroska", "x-amzn-requestid": requestId });
  response.flushHeaders();
  try {
    const signal = AbortSignal.any([connection.signal, gone.signal]);
    await pipeline(Readable.from(partsOf(chunks(signal)), { objectMode: false }), response);
  } catch (error) {
    if (!isClientGone(error))
      cloud.events.emit("kinesis-video", "media-fault", { error: errorMessage(error) });
  } finally {
    connection.close();
  }
}

/** The parts of chunks. A client that closes the connection throws into this generator, which `yield*` of an array does not take. */
async function* partsOf(chunks: AsyncIterable<readonly Uint8Array[]>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) for (const part of chunk) yield part;
}
