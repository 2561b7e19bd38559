import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { MAX_STREAM_TAGS, namesOneStream, streamReference, tags } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

const input = v.pipe(v.object({ ...streamReference, Tags: tags }), namesOneStream());

/** TagStream: adds tags, or new values to those that are there. */
export const tagStream: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state }) => {
    const stream = state.streams.find(request);
    const all = { ...stream.tags, ...request.Tags };
    if (Object.keys(all).length > MAX_STREAM_TAGS)
      throw new AwsError(
        "TagsPerResourceExceededLimitException",
        `The stream would have ${Object.keys(all).length} tags; at most ${MAX_STREAM_TAGS}.`,
      );
    state.streams.setTags(stream, all);
    return {};
  },
};
