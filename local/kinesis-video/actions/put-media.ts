import { MINUTE_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import type { ActionContext } from "../../api/action.ts";
import type { Call } from "../../api/api.ts";
import { StreamDeletedError, type Connection } from "../connections.ts";
import { Acks } from "../put-media/acks.ts";
import { endResponse } from "../put-media/end-response.ts";
import { FragmentReceiver } from "../put-media/fragment-receiver.ts";
import { readPutMediaHeaders } from "../put-media/headers.ts";
import { PutMediaError } from "../put-media/put-media-error.ts";
import { watchedBody } from "../put-media/watched-body.ts";
import type { KinesisVideo } from "../state.ts";

/** Documented: PutMedia error 4003, service quotas. */
const MAX_CONNECTION_MS = 45 * MINUTE_MS;

/** Reads Matroska for as long as it arrives, and acknowledges each fragment meanwhile. */
export async function putMedia(call: Call, { cloud, state }: ActionContext<KinesisVideo>): Promise<void> {
  const { reference, startMs } = readPutMediaHeaders(call.request.headers);
  cloud.access.authorise(call.caller, "kinesisvideo:PutMedia", state.streams.arnOf(reference));
  const stream = state.streams.find(reference);
  state.quotas.request("PutMedia", stream.arn);
  const connection = state.connections.open("PutMedia", stream.arn);
  const deadline = cloud.clock.after(MAX_CONNECTION_MS, () =>
    connection.end(new PutMediaError("MAX_CONNECTION_DURATION_REACHED", "the connection is 45 minutes old")),
  );

  const admit = async (media: "PutMedia bytes" | "PutMedia fragments", count: number): Promise<void> => {
    await state.quotas.admit(media, stream.arn, count, connection.signal);
    connection.signal.throwIfAborted();
  };
  const acks = new Acks(call.response, call.requestId);
  const receiver = new FragmentReceiver({
    store: state.fragments(stream),
    startMs,
    admit: () => admit("PutMedia fragments", 1),
    now: () => cloud.clock.now(),
    retains: () => (state.streams.get(stream.name)?.retentionHours ?? 0) > 0,
    onEvent: (event, fragment) => acks.fragment(event, fragment),
    onStored: ({ number, producerTimestampMs, lengthMs, sizeBytes }) =>
      cloud.events.emit("kinesis-video", "fragment-stored", {
        streamName: stream.name,
        fragmentNumber: number,
        producerMs: producerTimestampMs,
        lengthMs,
        sizeBytes,
      }),
  });

  let isSilent = false;
  try {
    const body = watchedBody(call.body[Symbol.asyncIterator](), {
      clock: cloud.clock,
      signal: connection.signal,
      onIdle: () => acks.idle(),
      onSilence: () => (isSilent = true),
    });
    await receiver.receive(throttled(body, (sizeBytes) => admit("PutMedia bytes", sizeBytes)));
  } catch (cause) {
    const error = asPutMediaError(cause, connection);
    const { arriving } = receiver;
    cloud.events.emit("kinesis-video", "put-media-error", {
      streamName: stream.name,
      errorId: error.id,
      errorCode: error.code,
      message: error.message,
      ...(arriving && { fragmentTimecode: arriving.timecode, fragmentNumber: arriving.number }),
    });
    // Data that ends in silence is not invalid: the request is only closed (documented: PutMedia).
    if (!isSilent || error.code !== "INVALID_MKV_DATA") acks.error(error, arriving);
  } finally {
    deadline.cancel();
    connection.close();
    endResponse(call.request, call.response, cloud.clock);
  }
}

/** The body, at the rate at which its bytes are admitted. */
async function* throttled(
  body: AsyncIterable<Uint8Array>,
  admit: (sizeBytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    await admit(chunk.length);
    yield chunk;
  }
}

function asPutMediaError(cause: unknown, { signal }: Connection): PutMediaError {
  if (cause instanceof PutMediaError) return cause;
  if (cause instanceof StreamDeletedError) return new PutMediaError("STREAM_NOT_ACTIVE", cause.message);
  const message = signal.aborted ? errorMessage(signal.reason) : `the body broke off: ${errorMessage(cause)}`;
  return new PutMediaError("STREAM_READ_ERROR", message, cause);
}
