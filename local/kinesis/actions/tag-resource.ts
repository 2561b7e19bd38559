import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { nameIn, streamArn, tags } from "../inputs.ts";
import type { KinesisState } from "../state.ts";
import { addTags } from "../tags.ts";

const input = v.object({ ResourceARN: streamArn, Tags: tags });

export const tagResource: Action<KinesisState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ ResourceARN }) => ResourceARN,
  run: ({ ResourceARN, Tags }, { state }) => {
    addTags(state, state.find(nameIn(ResourceARN)), Tags);
    return {};
  },
};
