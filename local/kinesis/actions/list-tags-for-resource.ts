import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { nameIn, streamArn } from "../inputs.ts";
import type { KinesisState } from "../state.ts";
import { tagList } from "../tags.ts";

const input = v.object({ ResourceARN: streamArn });

export const listTagsForResource: Action<KinesisState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ ResourceARN }) => ResourceARN,
  run: ({ ResourceARN }, { state }) => ({ Tags: tagList(state.find(nameIn(ResourceARN))) }),
};
