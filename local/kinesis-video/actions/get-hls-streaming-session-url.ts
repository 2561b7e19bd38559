import * as v from "valibot";
import { DAY_MS } from "../../../base/durations.ts";
import { invalidArgument, noDataRetention, noFragments } from "../errors.ts";
import type { FragmentStore } from "../fragments/fragment-store.ts";
import type { Fragment } from "../fragments/fragment.ts";
import { TIMESTAMP_TYPES } from "../fragments/select-fragments.ts";
import { parseMedia } from "../media/parse.ts";
import { playableTracks } from "../media/tracks.ts";
import { HLS_PATH, MASTER_PLAYLIST } from "../hls/route.ts";
import type { SessionSettings } from "../hls/session.ts";
import { timestampMs } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { requireRetention } from "../streams.ts";

/** Documented: GetHLSStreamingSessionURL, HLSTimestampRange. */
const EXPIRES_S = { min: 300, max: 43_200, default: 300 };
const MAX_FRAGMENTS = 5000;
const DEFAULT_FRAGMENTS = { LIVE: 5, LIVE_REPLAY: 5, ON_DEMAND: 1000 } as const;
const MAX_RANGE_MS = DAY_MS;
/** LIVE needs a fragment of the last 30 seconds (documented: ResourceNotFoundException). */
const LIVE_WITHIN_MS = 30_000;

const request = {
  PlaybackMode: v.optional(v.picklist(["LIVE", "LIVE_REPLAY", "ON_DEMAND"]), "LIVE"),
  HLSFragmentSelector: v.optional(
    v.object({
      FragmentSelectorType: v.optional(v.picklist(TIMESTAMP_TYPES)),
      TimestampRange: v.optional(
        v.object({ StartTimestamp: v.optional(timestampMs), EndTimestamp: v.optional(timestampMs) }),
      ),
    }),
  ),
  ContainerFormat: v.optional(v.picklist(["FRAGMENTED_MP4", "MPEG_TS"]), "FRAGMENTED_MP4"),
  DiscontinuityMode: v.optional(v.picklist(["ALWAYS", "NEVER", "ON_DISCONTINUITY"])),
  DisplayFragmentTimestamp: v.optional(v.picklist(["ALWAYS", "NEVER"]), "NEVER"),
  Expires: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(EXPIRES_S.min), v.maxValue(EXPIRES_S.max)),
    EXPIRES_S.default,
  ),
  MaxMediaPlaylistFragmentResults: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_FRAGMENTS)),
  ),
};
type Request = v.InferOutput<v.ObjectSchema<typeof request, undefined>>;

/** Creates a session and returns the URL of its master playlist. */
export const getHlsStreamingSessionUrl = streamAction(request, async (stream, given, { state, cloud }) => {
  requireRetention(stream, noDataRetention);
  const nowMs = cloud.clock.now();
  const settings = readSettings(given, nowMs);
  const store = state.fragments(stream);
  const archived = store.archived();
  const isLive = (archived.at(-1)?.serverTimestampMs ?? -Infinity) >= nowMs - LIVE_WITHIN_MS;
  const fragments = settings.mode === "LIVE" && !isLive ? [] : archived;
  const session = state.hlsSessions.create(stream, settings, fragments, given.Expires);
  if (!session) throw noFragments("streaming");
  await checkPlayable(store, store.get(session.progress.segments[0]!.number), settings);
  state.hlsSessions.store(session);
  return {
    HLSStreamingSessionURL: `${cloud.endpoint}${HLS_PATH}${MASTER_PLAYLIST}?SessionToken=${session.token}`,
  };
});

/** @throws AwsError InvalidArgumentException */
function readSettings(request: Request, nowMs: number): SessionSettings {
  const mode = request.PlaybackMode;
  const { FragmentSelectorType, TimestampRange } = request.HLSFragmentSelector ?? {};
  const { StartTimestamp: startMs, EndTimestamp: endMs } = TimestampRange ?? {};
  const refuse = (member: string, problem: string) =>
    invalidArgument(`HLSFragmentSelector.${member}: ${problem}`);
  const range = "TimestampRange";
  if (mode === "LIVE" && TimestampRange) throw refuse(range, "not allowed with PlaybackMode LIVE");
  if (mode !== "LIVE" && !FragmentSelectorType) throw refuse("FragmentSelectorType", `required for ${mode}`);
  if (mode !== "LIVE" && startMs === undefined)
    throw refuse(`${range}.StartTimestamp`, `required for ${mode}`);
  if (mode === "ON_DEMAND" && endMs === undefined)
    throw refuse(`${range}.EndTimestamp`, `required for ${mode}`);
  const type = FragmentSelectorType ?? "SERVER_TIMESTAMP";
  if (startMs !== undefined && endMs !== undefined) {
    if (endMs <= startMs) throw refuse(`${range}.EndTimestamp`, "must be later than StartTimestamp");
    if (endMs - startMs > MAX_RANGE_MS)
      throw refuse(`${range}.EndTimestamp`, "must be within 24 hours of StartTimestamp");
    if (type === "SERVER_TIMESTAMP" && endMs > nowMs)
      throw refuse(`${range}.EndTimestamp`, "must be in the past with SERVER_TIMESTAMP");
  }
  return {
    mode,
    type,
    ...(startMs !== undefined && { startMs }),
    ...(endMs !== undefined && { endMs }),
    container: request.ContainerFormat,
    discontinuityMode: request.DiscontinuityMode ?? (type === "SERVER_TIMESTAMP" ? "ALWAYS" : "NEVER"),
    displaysTimestamps: request.DisplayFragmentTimestamp === "ALWAYS",
    maxFragments: request.MaxMediaPlaylistFragmentResults ?? DEFAULT_FRAGMENTS[mode],
  };
}

/** The first fragment decides (documented: UnsupportedStreamMediaTypeException). */
async function checkPlayable(
  store: FragmentStore,
  fragment: Fragment | undefined,
  { container }: SessionSettings,
): Promise<void> {
  const media = fragment && (await store.media(fragment));
  if (!media) return;
  const tracks = playableTracks((await parseMedia(media)).header, { audioOnly: true });
  if (container !== "MPEG_TS") return;
  const { checkTs } = await import("../hls/segments.ts");
  checkTs(tracks);
}
