import { StreamedResponse } from "../../api/rest.ts";
import type { FragmentStore } from "../fragments/fragment-store.ts";
import type { Fragment } from "../fragments/fragment.ts";
import { getMediaChunk, getMediaErrorChunk } from "../get-media/chunk.ts";
import { sendMedia } from "../get-media/send-media.ts";
import { findStart, startSelector, type StartSelector } from "../get-media/start-selector.ts";
import { streamAction } from "../stream-action.ts";

/** The stored fragments, then each new one as it completes, until the client closes the connection. */
export const getMedia = streamAction(
  { StartSelector: startSelector },
  (stream, { StartSelector }, { cloud, state, requestId }) => {
    const store = state.fragments(stream);
    const connection = state.connections.open("GetMedia", stream.arn);
    return new StreamedResponse(async (call) => {
      await sendMedia(call, cloud, connection, async function* (signal) {
        for await (const chunk of chunks(store, StartSelector, signal)) {
          const sizeBytes = chunk.reduce((sum, part) => sum + part.length, 0);
          await state.quotas.admit("GetMedia fragments", requestId, 1, signal);
          await state.quotas.admit("GetMedia bytes", requestId, sizeBytes, signal);
          yield chunk;
        }
      });
      cloud.events.emit("kinesis-video", "get-media-ended", { streamName: stream.name });
    });
  },
);

async function* chunks(
  store: FragmentStore,
  selector: StartSelector,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array[]> {
  const start = findStart(selector, store.list());
  if (!start) return yield getMediaErrorChunk();
  let { after, matches } = start;
  for (let fragment; (fragment = await store.next(after, signal)); after = fragment.number) {
    if (!matches(fragment)) continue;
    matches = () => true;
    yield await chunk(store, fragment);
  }
}

/** Empty for a fragment that has left the buffer meanwhile. */
async function chunk(store: FragmentStore, fragment: Fragment): Promise<Uint8Array[]> {
  const media = await store.media(fragment);
  if (!media) return [];
  return getMediaChunk(fragment, media, store.list().at(-1)?.serverTimestampMs ?? fragment.serverTimestampMs);
}
