import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { errorMessage } from "../../../base/errors.ts";
import { explain } from "../../api/action.ts";
import type { Call } from "../../api/api.ts";
import { readBody } from "../../api/body.ts";
import type { Cloud } from "../../cloud.ts";
import { AwsError } from "../../errors.ts";
import type { Connection } from "../connections.ts";

const MAX_REQUEST_BYTES = 256 * 1024;
/** How long a client may take to read the rest once the connection is ended from this side. */
const LINGER_MS = 2_000;
const CLIENT_GONE = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"]);

/** Whether sending failed only because the client went away. */
export const isClientGone = (error: unknown): boolean =>
  CLIENT_GONE.has((error as NodeJS.ErrnoException).code ?? "");

/**
 * Reads the JSON request of a call that is answered with media.
 * @throws AwsError SerializationException, InvalidArgumentException
 */
export async function readInput<T>(call: Call, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const body = (await readBody(call.body, MAX_REQUEST_BYTES)).toString("utf8");
  let input: unknown;
  try {
    input = JSON.parse(body || "{}");
  } catch (error) {
    throw new AwsError("SerializationException", `the request body is not JSON: ${errorMessage(error)}`);
  }
  const parsed = v.safeParse(schema, input);
  if (!parsed.success) throw new AwsError("InvalidArgumentException", explain(parsed.issues));
  return parsed.output;
}

/**
 * Answers with media as fast as the client takes it, until `chunks` ends or the client goes; then closes the
 * connection. `chunks` is given a signal that aborts when either side ends; its own failure is told and cuts the
 * answer off.
 */
export async function sendMedia(
  { response, requestId }: Call,
  cloud: Cloud,
  connection: Connection,
  chunks: (signal: AbortSignal) => AsyncGenerator<Uint8Array>,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // A client that does not read would keep an ended connection open for ever.
  connection.signal.addEventListener("abort", () => {
    const cut = cloud.clock.after(LINGER_MS, () => response.destroy());
    response.once("close", () => cut.cancel());
  });
  // The content type that AWS gives is unconfirmed; the payload is Matroska (documented).
  response.writeHead(200, { "content-type": "video/x-matroska", "x-amzn-requestid": requestId });
  response.flushHeaders();
  try {
    const signal = AbortSignal.any([connection.signal, gone.signal]);
    await pipeline(Readable.from(chunks(signal), { objectMode: false }), response);
  } catch (error) {
    if (!isClientGone(error))
      cloud.events.emit("kinesis-video", "media-fault", { error: errorMessage(error) });
  } finally {
    connection.close();
  }
}
