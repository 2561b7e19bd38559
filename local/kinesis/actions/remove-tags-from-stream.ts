import * as v from "valibot";
import { tagKey } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { removeTags } from "../tags.ts";

export const removeTagsFromStream = streamAction(
  { TagKeys: v.pipe(v.array(tagKey), v.minLength(1)) },
  (stream, { TagKeys }, { state }) => {
    removeTags(state, stream, TagKeys);
    return {};
  },
);
