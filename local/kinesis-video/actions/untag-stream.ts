import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { MAX_STREAM_TAGS, namesOneStream, streamReference, tagKey } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

const input = v.pipe(
  v.object({
    ...streamReference,
    TagKeyList: v.pipe(v.array(tagKey), v.minLength(1), v.maxLength(MAX_STREAM_TAGS)),
  }),
  namesOneStream(),
);

/** UntagStream: a key that the stream has no tag of is passed over (documented). */
export const untagStream: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state }) => {
    const stream = state.streams.find(request);
    const left = Object.entries(stream.tags).filter(([key]) => !request.TagKeyList.includes(key));
    state.streams.setTags(stream, Object.fromEntries(left));
    return {};
  },
};
