import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { namesOneStream, streamReference } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";
import type { StreamReference } from "../streams.ts";

/** ListTagsForStream: all on one page. */
export const listTagsForStream: Action<KinesisVideo, StreamReference, unknown> = {
  input: v.pipe(v.object(streamReference), namesOneStream()),
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state }) => ({ Tags: state.streams.find(request).tags }),
};
