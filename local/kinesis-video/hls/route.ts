import type { PublicHandler } from "../../api/api.ts";
import type { AwsError } from "../../errors.ts";
import { invalidArgument, resourceNotFound, unknownOperation } from "../errors.ts";
import type { Fragment } from "../fragments/fragment.ts";
import type { KinesisVideo } from "../state.ts";
import { masterPlaylist, mediaPlaylist } from "./playlists.ts";
import type { SegmentMedia } from "./segments.ts";
import type { Segment } from "./session.ts";
import type { Session } from "./sessions.ts";

/** Documented: "Video playback with HLS". */
export const HLS_PATH = "/hls/v1/";
export const MASTER_PLAYLIST = "getHLSMasterPlaylist.m3u8";
/** RFC 8216, section 4. */
const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
interface Resource {
  readonly contentType: string;
  readonly body: Uint8Array | string;
}
type GetResource = (
  session: Session,
  query: URLSearchParams,
  state: KinesisVideo,
) => Promise<Resource> | Resource;

/**
 * The resources of a session (documented: GetHLSStreamingSessionURL; their names are observed, except that of transport
 * streams). Points and requests per second of a session are documented under service quotas.
 */
const resources: Readonly<Record<string, GetResource>> = {
  [MASTER_PLAYLIST]: async (session, _query, state) => {
    const { token, progress, settings } = session;
    const newest = progress.segments.at(-1)!;
    const { media } = await segmentMedia(session, newest, state);
    const { renditionOf } = await segments();
    const rendition = await renditionOf(media, newest.lengthMs);
    const audioTrackNumber = settings.container === "MPEG_TS" ? undefined : rendition.audioTrackNumber;
    return { contentType: PLAYLIST_TYPE, body: masterPlaylist(token, { ...rendition, audioTrackNumber }) };
  },
  "getHLSMediaPlaylist.m3u8": ({ token, stream, settings, progress }, query, state) => {
    const track = numberOf(query, "TrackNumber");
    state.quotas.points("fragmentMetadata", stream.arn, settings.maxFragments);
    return { contentType: PLAYLIST_TYPE, body: mediaPlaylist(token, settings, progress, track) };
  },
  "getMP4InitFragment.mp4": async (session, query, state) => {
    const header = numberOf(query, "SequenceNumber");
    const segment = session.progress.segments.find((one) => one.header === header);
    if (!segment) throw notFound(`initialisation fragment ${header}`);
    const track = numberOf(query, "TrackNumber");
    const { mp4Segment } = await segments();
    const { init, contentType } = await mp4Segment(await segmentMedia(session, segment, state), track);
    return { contentType, body: init };
  },
  "getMP4MediaFragment.mp4": async (session, query, state) => {
    const track = numberOf(query, "TrackNumber");
    state.quotas.points("fragmentMedia", session.stream.arn, 1);
    const segment = await segmentMedia(session, segmentOf(session, query), state);
    const { mp4Segment } = await segments();
    const { media, contentType } = await mp4Segment(segment, track);
    return { contentType, body: media };
  },
  "getTSFragment.ts": async (session, query, state) => {
    state.quotas.points("fragmentMedia", session.stream.arn, 1);
    const segment = await segmentMedia(session, segmentOf(session, query), state);
    const { tsSegment } = await segments();
    return { contentType: "video/mp2t", body: await tsSegment(segment) };
  },
};

/**
 * Serves players, whose requests carry the session's token and no signature. On AWS, players on pages of any origin can read
 * the responses (observed; AWS's headers are unconfirmed); here, those on pages of this machine: the endpoint refuses others.
 */
export const hlsRoute =
  (state: KinesisVideo): PublicHandler =>
  async ({ request, response, url }) => {
    response.setHeader("vary", "origin");
    if (request.headers.origin !== undefined)
      response.setHeader("access-control-allow-origin", request.headers.origin);
    if (request.method === "OPTIONS") {
      response.writeHead(204, { "access-control-allow-headers": "*" }).end();
      return;
    }
    const { contentType, body } = await get(request.method, url, state);
    response.writeHead(200, {
      "content-type": contentType,
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    });
    response.end(body);
  };

async function get(method: string | undefined, url: URL, state: KinesisVideo): Promise<Resource> {
  const name = url.pathname.slice(HLS_PATH.length);
  const resource = Object.hasOwn(resources, name) ? resources[name] : undefined;
  if (!resource || (method !== "GET" && method !== "HEAD"))
    throw unknownOperation(
      `${method} ${url.pathname} is not served; GET one of ${Object.keys(resources).join(", ")}`,
    );
  const session = state.hlsSessions.find(url.searchParams.get("SessionToken") ?? "");
  state.quotas.sessionRequest(name, session.token);
  return await resource(
    state.hlsSessions.advance(session, archivedOf(session, state)),
    url.searchParams,
    state,
  );
}

function archivedOf({ stream }: Session, state: KinesisVideo): Fragment[] {
  return state.fragments(state.streams.find({ StreamARN: stream.arn })).archived();
}

/** @throws AwsError ResourceNotFoundException for a fragment that is not in the session */
function segmentOf({ progress }: Session, query: URLSearchParams): Segment {
  const number = query.get("FragmentNumber");
  const segment = progress.segments.find((one) => one.number === number);
  if (!segment) throw notFound(`fragment ${number}`);
  return segment;
}

const segments = async () => await import("./segments.ts");

async function segmentMedia(session: Session, segment: Segment, state: KinesisVideo): Promise<SegmentMedia> {
  const store = state.fragments(session.stream);
  const fragment = store.get(segment.number);
  const media = fragment && (await store.media(fragment));
  if (!media) throw notFound(`fragment ${segment.number}`);
  return { media, lengthMs: segment.lengthMs, offsetMs: segment.startMs - session.originMs };
}

const notFound = (what: string): AwsError => resourceNotFound(`The session has no ${what}.`);

function numberOf(query: URLSearchParams, name: string): number {
  const value = query.get(name) ?? "";
  if (!/^\d{1,9}$/.test(value)) throw invalidArgument(`${name} is ${value || "missing"}; expected a number`);
  return Number(value);
}
