import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { nameIn, streamArn, tagKey } from "../inputs.ts";
import type { KinesisState } from "../state.ts";
import { removeTags } from "../tags.ts";

const input = v.object({ ResourceARN: streamArn, TagKeys: v.pipe(v.array(tagKey), v.minLength(1)) });

export const untagResource: Action<KinesisState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ ResourceARN }) => ResourceARN,
  run: ({ ResourceARN, TagKeys }, { state }) => {
    removeTags(state, state.find(nameIn(ResourceARN)), TagKeys);
    return {};
  },
};
