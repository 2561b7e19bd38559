import * as v from "valibot";
import type { ActionContext } from "../../api/action.ts";
import type { Call } from "../../api/api.ts";
import type { Fragment, FragmentStore } from "../fragment-store.ts";
import { getMediaChunk, getMediaErrorChunk } from "../get-media/chunk.ts";
import { readInput, sendMedia } from "../get-media/media-route.ts";
import { findStart, startSelector, type StartSelector } from "../get-media/start-selector.ts";
import { namesOneStream, streamReference } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

const input = v.pipe(v.object({ ...streamReference, StartSelector: startSelector }), namesOneStream());

/** GetMedia: the fragments that there are, then each new one as it completes, until the client goes. */
export async function getMedia(call: Call, { cloud, state }: ActionContext<KinesisVideo>): Promise<void> {
  const request = await readInput(call, input);
  cloud.access.authorise(call.caller, "kinesisvideo:GetMedia", state.streams.arnOf(request));
  const stream = state.streams.find(request);
  state.quotas.request("GetMedia", stream.arn);
  const store = state.fragments(stream);
  const connection = state.connections.open("GetMedia", stream.arn);
  await sendMedia(call, cloud, connection, async function* (signal) {
    for await (const chunk of chunks(store, request.StartSelector, signal)) {
      const sizeBytes = chunk.reduce((sum, part) => sum + part.length, 0);
      await state.quotas.pass("GetMedia fragments", call.requestId, 1, signal);
      await state.quotas.pass("GetMedia bytes", call.requestId, sizeBytes, signal);
      yield* chunk;
    }
  });
  cloud.events.emit("kinesis-video", "get-media-ended", { streamName: stream.name });
}

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

/** A fragment that left the buffer meanwhile is passed over. */
async function chunk(store: FragmentStore, fragment: Fragment): Promise<Uint8Array[]> {
  const media = await store.media(fragment);
  if (!media) return [];
  return getMediaChunk(fragment, media, store.list().at(-1)?.serverTimestampMs ?? fragment.serverTimestampMs);
}
