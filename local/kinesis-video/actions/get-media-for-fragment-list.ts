import * as v from "valibot";
import type { ActionContext } from "../../api/action.ts";
import type { Call } from "../../api/api.ts";
import type { FragmentStore } from "../fragment-store.ts";
import { fragmentListChunk, fragmentListErrorChunk } from "../get-media/chunk.ts";
import { readInput, sendMedia } from "../get-media/media-route.ts";
import { fragmentNumber, namesOneStream, streamReference } from "../inputs.ts";
import { requireRetention } from "../retention.ts";
import type { KinesisVideo } from "../state.ts";

/** Documented: service quotas, GetMediaForFragmentList. */
const MAX_FRAGMENTS = 1000;

const input = v.pipe(
  v.object({
    ...streamReference,
    Fragments: v.pipe(v.array(fragmentNumber), v.minLength(1), v.maxLength(MAX_FRAGMENTS)),
  }),
  namesOneStream(),
);

/** GetMediaForFragmentList: the fragments asked for, in the order of the list; it ends at one that isn't there. */
export async function getMediaForFragmentList(
  call: Call,
  { cloud, state }: ActionContext<KinesisVideo>,
): Promise<void> {
  const request = await readInput(call, input);
  const arn = state.streams.arnOf(request);
  cloud.access.authorise(call.caller, "kinesisvideo:GetMediaForFragmentList", arn);
  const stream = state.streams.find(request);
  requireRetention(stream);
  state.quotas.points("fragmentMedia", stream.arn, request.Fragments.length);
  const connection = state.connections.open("GetMediaForFragmentList", stream.arn);
  await sendMedia(call, cloud, connection, (signal) =>
    chunks(state.fragments(stream), request.Fragments, signal),
  );
}

async function* chunks(
  store: FragmentStore,
  numbers: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const number of numbers) {
    if (signal.aborted) return;
    const fragment = store.get(number);
    const media = fragment && (await store.media(fragment));
    if (!media) return yield* fragmentListErrorChunk(number);
    yield* fragmentListChunk(fragment, media);
  }
}
