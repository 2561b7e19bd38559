import * as v from "valibot";
import { MAX_STREAM_TAGS, tagKey } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";

/** Ignores a key that the stream has no tag of (documented). */
export const untagStream = streamAction(
  { TagKeyList: v.pipe(v.array(tagKey), v.minLength(1), v.maxLength(MAX_STREAM_TAGS)) },
  (stream, { TagKeyList }, { state }) => {
    const left = Object.entries(stream.tags).filter(([key]) => !TagKeyList.includes(key));
    state.streams.setTags(stream, Object.fromEntries(left));
    return {};
  },
);
