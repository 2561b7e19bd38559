import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { namesOneStream, streamReference } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

const API_NAMES = [
  "PUT_MEDIA",
  "GET_MEDIA",
  "LIST_FRAGMENTS",
  "GET_MEDIA_FOR_FRAGMENT_LIST",
  "GET_HLS_STREAMING_SESSION_URL",
  "GET_DASH_STREAMING_SESSION_URL",
  "GET_CLIP",
  "GET_IMAGES",
] as const;

const input = v.pipe(v.object({ ...streamReference, APIName: v.picklist(API_NAMES) }), namesOneStream());

/** GetDataEndpoint: the local cloud's one endpoint serves every API. */
export const getDataEndpoint: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state, cloud }) => {
    state.streams.find(request);
    return { DataEndpoint: cloud.endpoint };
  },
};
