import * as v from "valibot";
import { streamAction } from "../stream-action.ts";

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

/** The local cloud's one endpoint serves every API. */
export const getDataEndpoint = streamAction(
  { APIName: v.picklist(API_NAMES) },
  (_stream, _request, { cloud }) => ({ DataEndpoint: cloud.endpoint }),
);
