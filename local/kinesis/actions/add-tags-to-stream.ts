import { tags } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { addTags } from "../tags.ts";

export const addTagsToStream = streamAction({ Tags: tags }, (stream, { Tags }, { state }) => {
  addTags(state, stream, Tags);
  return {};
});
