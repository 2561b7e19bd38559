import { tooManyTags } from "../errors.ts";
import { MAX_STREAM_TAGS, tags } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";

/** Adds tags, or replaces the values of existing ones. */
export const tagStream = streamAction({ Tags: tags }, (stream, request, { state }) => {
  const all = { ...stream.tags, ...request.Tags };
  const count = Object.keys(all).length;
  if (count > MAX_STREAM_TAGS) throw tooManyTags(count, MAX_STREAM_TAGS);
  state.streams.setTags(stream, all);
  return {};
});
