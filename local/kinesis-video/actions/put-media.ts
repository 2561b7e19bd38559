import { errorMessage } from "../../../base/errors.ts";
import type { ActionContext } from "../../api/action.ts";
import type { Call } from "../../api/api.ts";
import { StreamDeletedError, type Connection } from "../connections.ts";
import { Acks } from "../put-media/acks.ts";
import { endAnswer } from "../put-media/end-answer.ts";
import { PutMediaError } from "../put-media/put-media-error.ts";
import { FragmentReceiver } from "../put-media/receive-fragments.ts";
import { readPutMediaHeaders } from "../put-media/request.ts";
import { watchedBody } from "../put-media/watched-body.ts";
import type { KinesisVideo } from "../state.ts";

/** Documented: PutMedia error 4003, service quotas. */
const MAX_CONNECTION_MS = 45 * 60_000;

/** PutMedia: takes Matroska in for as long as it comes and acknowledges each fragment on the way. */
export async function putMedia(call: Call, { cloud, state }: ActionContext<KinesisVideo>): Promise<void> {
  const { reference, startMs } = readPutMediaHeaders(call.request.headers);
  cloud.access.authorise(call.caller, "kinesisvideo:PutMedia", state.streams.arnOf(reference));
  const stream = state.streams.find(reference);
  state.quotas.request("PutMedia", stream.arn);
  const connection = state.connections.open("PutMedia", stream.arn);
  const deadline = cloud.clock.after(MAX_CONNECTION_MS, () =>
    connection.end(new PutMediaError("MAX_CONNECTION_DURATION_REACHED", "the connection is 45 minutes old")),
  );

  const pass = async (media: "PutMedia bytes" | "PutMedia fragments", count: number): Promise<void> => {
    await state.quotas.pass(media, stream.arn, count, connection.signal);
    connection.signal.throwIfAborted();
  };
  const acks = new Acks(call.response, call.requestId);
  const receiver = new FragmentReceiver({
    store: state.fragments(stream),
    startMs,
    admit: () => pass("PutMedia fragments", 1),
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

  let silent = false;
  try {
    const body = watchedBody(call.body[Symbol.asyncIterator](), {
      clock: cloud.clock,
      signal: connection.signal,
      onIdle: () => acks.idle(),
      onSilence: () => (silent = true),
    });
    await receiver.receive(heldBack(body, (sizeBytes) => pass("PutMedia bytes", sizeBytes)));
  } catch (cause) {
    const error = refusal(cause, connection);
    const { arriving } = receiver;
    cloud.events.emit("kinesis-video", "put-media-error", {
      streamName: stream.name,
      errorId: error.id,
      errorCode: error.code,
      message: error.message,
      ...(arriving && { fragmentTimecode: arriving.timecode, fragmentNumber: arriving.number }),
    });
    // Data that silence cut off is no fault of what was sent: the request is only closed (documented: PutMedia).
    if (!silent || error.code !== "INVALID_MKV_DATA") acks.error(error, arriving);
  } finally {
    deadline.cancel();
    connection.close();
    endAnswer(call.request, call.response, cloud.clock);
  }
}

/** The body as fast as its bytes may pass. */
async function* heldBack(
  body: AsyncIterable<Uint8Array>,
  pass: (sizeBytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    await pass(chunk.length);
    yield chunk;
  }
}

function refusal(cause: unknown, { signal }: Connection): PutMediaError {
  if (cause instanceof PutMediaError) return cause;
  if (cause instanceof StreamDeletedError) return new PutMediaError("STREAM_NOT_ACTIVE", cause.message);
  const message = signal.aborted ? errorMessage(signal.reason) : `the body broke off: ${errorMessage(cause)}`;
  return new PutMediaError("STREAM_READ_ERROR", message, cause);
}
