import * as v from "valibot";
import { EVIDENCE_PREFIX } from "../images.ts";
import { cameras, cameraView, settingsBody } from "./cameras.ts";
import { chains, chainsQuery, review, reviewBody } from "./chains.ts";
import { clipQuery } from "./clips.ts";
import { day, dayQuery } from "./day.ts";
import { flow, redriveBody, redrivePathParameter, redriveSummary } from "./flow.ts";
import { overview } from "./overview.ts";
import {
  estimate,
  execution,
  executionQuery,
  queryIdParameter,
  savedQueries,
  startedQuery,
  statementBody,
} from "./queries.ts";
import {
  MAX_DROPPED_BYTES,
  tryClip,
  tryClipQuery,
  tryLog,
  tryLogQuery,
  tryMotion,
  tryMotionBody,
} from "./tries.ts";
import { cameraIdParameter, chainId } from "./values.ts";

/** What a route returns: JSON by a schema, bytes of a media type, or events as they happen. */
type Answer =
  | { readonly kind: "json"; readonly schema: v.GenericSchema }
  | { readonly kind: "bytes"; readonly type: string }
  | { readonly kind: "events" };

/** What a route takes beside its parameters: JSON by a schema, or bytes. */
type Body =
  | { readonly kind: "json"; readonly schema: v.GenericSchema }
  | { readonly kind: "bytes"; readonly types: readonly string[]; readonly maxBytes: number };

/** A route of the console's read API. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Parameters are in braces; the last one may take the rest of the path: `{key+}`. */
  readonly path: `/api/${string}`;
  readonly summary: string;
  /** The schema of the parameters in the path, by their names. */
  readonly parameters?: Readonly<Record<string, v.GenericSchema<string, unknown>>>;
  /** The schema of the parameters after the question mark, of texts. */
  readonly query?: v.GenericSchema;
  readonly body?: Body;
  readonly answer: Answer;
}

const json = <const S extends v.GenericSchema>(schema: S) => ({ kind: "json", schema }) as const;
const bytes = <const T extends string>(type: T) => ({ kind: "bytes", type }) as const;

const camera = { cameraId: cameraIdParameter } as const;

/** A key has at most 1,024 bytes (documented: S3, object keys). */
const MAX_PICTURE_BYTES = 1024 - `${EVIDENCE_PREFIX}/`.length;

/** The key of a picture, without the evidence bucket's prefix. */
const pictureKey = v.pipe(
  v.string(),
  v.maxLength(MAX_PICTURE_BYTES),
  v.maxBytes(MAX_PICTURE_BYTES),
  v.check(
    (key) => key !== "" && key.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    "expected the key of a picture",
  ),
);

/** The one list of routes: the server, its OpenAPI document and its tests follow it. */
export const ROUTES = {
  overview: {
    method: "GET",
    path: "/api/overview",
    summary: "The stack, its cameras, and whether the lake has rows",
    answer: json(overview),
  },
  live: {
    method: "GET",
    path: "/api/live",
    summary: "Server-sent events: new files in the lake, and whether the cloud responds",
    answer: { kind: "events" },
  },
  listChains: {
    method: "GET",
    path: "/api/chains",
    summary: "Motions with what was detected in them, the latest first",
    query: chainsQuery,
    answer: json(chains),
  },
  reviewChain: {
    method: "PUT",
    path: "/api/chains/{chainId}/review",
    summary: "Mark a motion as reviewed, or as not reviewed",
    parameters: { chainId },
    body: json(reviewBody),
    answer: json(review),
  },
  getPicture: {
    method: "GET",
    path: "/api/pictures/{key+}",
    summary: "A picture of the evidence bucket",
    parameters: { key: pictureKey },
    answer: bytes("image/jpeg"),
  },
  getClip: {
    method: "GET",
    path: "/api/clips",
    summary: "The video of a camera between two times",
    query: clipQuery,
    answer: bytes("video/mp4"),
  },
  listCameras: {
    method: "GET",
    path: "/api/cameras",
    summary: "The registered cameras and their states",
    answer: json(cameras),
  },
  getCamera: {
    method: "GET",
    path: "/api/cameras/{cameraId}",
    summary: "A camera and its state",
    parameters: camera,
    answer: json(cameraView),
  },
  armCamera: {
    method: "POST",
    path: "/api/cameras/{cameraId}/arm",
    summary: "Analyse the camera's motion again",
    parameters: camera,
    answer: json(cameraView),
  },
  disarmCamera: {
    method: "POST",
    path: "/api/cameras/{cameraId}/disarm",
    summary: "Analyse no motion of the camera",
    parameters: camera,
    answer: json(cameraView),
  },
  changeSettings: {
    method: "PUT",
    path: "/api/cameras/{cameraId}/settings",
    summary: "Change the camera's schedule, time zone or regions",
    parameters: camera,
    body: json(settingsBody),
    answer: json(cameraView),
  },
  getDay: {
    method: "GET",
    path: "/api/cameras/{cameraId}/day",
    summary: "A day of a camera: video, motion, what was analysed, detections and alerts",
    parameters: camera,
    query: dayQuery,
    answer: json(day),
  },
  listQueries: {
    method: "GET",
    path: "/api/queries",
    summary: "The saved queries and the lake's tables and views",
    answer: json(savedQueries),
  },
  estimateQuery: {
    method: "POST",
    path: "/api/queries/estimate",
    summary: "What a query would scan and cost, without running it",
    body: json(statementBody),
    answer: json(estimate),
  },
  startQuery: {
    method: "POST",
    path: "/api/queries",
    summary: "Run a query",
    body: json(statementBody),
    answer: json(startedQuery),
  },
  getQuery: {
    method: "GET",
    path: "/api/queries/{queryId}",
    summary: "A query's state, and a page of its rows",
    parameters: { queryId: queryIdParameter },
    query: executionQuery,
    answer: json(execution),
  },
  getQueryCsv: {
    method: "GET",
    path: "/api/queries/{queryId}/csv",
    summary: "All rows of a query as CSV",
    parameters: { queryId: queryIdParameter },
    answer: bytes("text/csv"),
  },
  cancelQuery: {
    method: "DELETE",
    path: "/api/queries/{queryId}",
    summary: "Cancel a query",
    parameters: { queryId: queryIdParameter },
    answer: json(execution),
  },
  getFlow: {
    method: "GET",
    path: "/api/flow",
    summary: "The way of the data: counts, lag, failure paths and what waits in them",
    answer: json(flow),
  },
  redrive: {
    method: "POST",
    path: "/api/flow/{path}/redrive",
    summary: "Put back what failed on a path",
    parameters: { path: redrivePathParameter },
    body: json(redriveBody),
    answer: json(redriveSummary),
  },
  getTryLog: {
    method: "GET",
    path: "/api/tries/log",
    summary: "Motion requests with their verdicts, and the way of the latest motion",
    query: tryLogQuery,
    answer: json(tryLog),
  },
  tryMotion: {
    method: "POST",
    path: "/api/tries/motion",
    summary: "Send a motion request as the camera would",
    body: json(tryMotionBody),
    answer: json(tryMotion),
  },
  tryClip: {
    method: "POST",
    path: "/api/tries/clip",
    summary: "Upload a clip as the camera's video, with a motion",
    query: tryClipQuery,
    body: {
      kind: "bytes",
      types: ["video/mp4", "video/quicktime", "video/x-matroska", "video/webm", "application/octet-stream"],
      maxBytes: MAX_DROPPED_BYTES,
    },
    answer: json(tryClip),
  },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof ROUTES;

type Routes = typeof ROUTES;

type OutputOf<S> = S extends v.GenericSchema ? v.InferOutput<S> : never;

/** The parsed input of a route. */
export type RouteInput<Name extends RouteName> = (Routes[Name] extends { readonly parameters: infer P }
  ? { readonly parameters: { readonly [Key in keyof P]: OutputOf<P[Key]> } }
  : unknown) &
  (Routes[Name] extends { readonly query: infer Q } ? { readonly query: OutputOf<Q> } : unknown) &
  (Routes[Name] extends { readonly body: { readonly kind: "json"; readonly schema: infer B } }
    ? { readonly body: OutputOf<B> }
    : unknown);

/** The result of a route that returns JSON. */
export type RouteOutput<Name extends RouteName> = Routes[Name]["answer"] extends {
  readonly kind: "json";
  readonly schema: infer S;
}
  ? OutputOf<S>
  : never;
