import * as v from "valibot";
import { MAX_STREAM_TAGS, tagKey, whole } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { tagList } from "../tags.ts";

export const listTagsForStream = streamAction(
  {
    ExclusiveStartTagKey: v.optional(tagKey),
    Limit: v.optional(whole(1, MAX_STREAM_TAGS), MAX_STREAM_TAGS),
  },
  (stream, { ExclusiveStartTagKey: after = "", Limit }) => {
    const left = tagList(stream).filter(({ Key }) => Key > after);
    return { Tags: left.slice(0, Limit), HasMoreTags: left.length > Limit };
  },
);
