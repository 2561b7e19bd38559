import * as v from "valibot";
import { StreamedResponse } from "../../api/rest.ts";
import { resourceNotFound } from "../errors.ts";
import type { FragmentStore } from "../fragments/fragment-store.ts";
import { fragmentListChunk, fragmentListErrorChunk } from "../get-media/chunk.ts";
import { sendMedia } from "../get-media/send-media.ts";
import { fragmentNumber } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { requireRetention } from "../streams.ts";

/** Documented: service quotas, GetMediaForFragmentList. */
const MAX_FRAGMENTS = 1000;

/** The requested fragments, in the order of the list; the response ends at one that does not exist. */
export const getMediaForFragmentList = streamAction(
  { Fragments: v.pipe(v.array(fragmentNumber), v.minLength(1), v.maxLength(MAX_FRAGMENTS)) },
  (stream, { Fragments }, { cloud, state }) => {
    requireRetention(stream, resourceNotFound);
    state.quotas.points("fragmentMedia", stream.arn, Fragments.length);
    const connection = state.connections.open("GetMediaForFragmentList", stream.arn);
    return new StreamedResponse((call) =>
      sendMedia(call, cloud, connection, (signal) => chunks(state.fragments(stream), Fragments, signal)),
    );
  },
);

async function* chunks(
  store: FragmentStore,
  numbers: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array[]> {
  for (const number of numbers) {
    if (signal.aborted) return;
    const fragment = store.get(number);
    const media = fragment && (await store.media(fragment));
    if (!media) return yield fragmentListErrorChunk(number);
    yield fragmentListChunk(fragment, media);
  }
}
