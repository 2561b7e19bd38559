import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { parseMedia } from "../archive/packets.ts";
import { requireArchive, TIMESTAMP_TYPES } from "../archive/select-fragments.ts";
import { playableTracks } from "../archive/tracks.ts";
import type { Fragment, FragmentStore } from "../fragment-store.ts";
import { HLS_PATH, MASTER_PLAYLIST } from "../hls/route.ts";
import { checkTs } from "../hls/segments.ts";
import type { SessionSettings } from "../hls/session.ts";
import { namesOneStream, streamReference, timestampMs } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

/** Documented: GetHLSStreamingSessionURL, HLSTimestampRange. */
const EXPIRES_S = { least: 300, most: 43_200, usual: 300 };
const MAX_FRAGMENTS = 5000;
const USUAL_FRAGMENTS = { LIVE: 5, LIVE_REPLAY: 5, ON_DEMAND: 1000 } as const;
const MAX_RANGE_MS = 24 * 60 * 60_000;
/** LIVE needs a fragment of the last 30 seconds (documented: ResourceNotFoundException). */
const LIVE_WITHIN_MS = 30_000;

const input = v.pipe(
  v.object({
    ...streamReference,
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
      v.pipe(v.number(), v.integer(), v.minValue(EXPIRES_S.least), v.maxValue(EXPIRES_S.most)),
      EXPIRES_S.usual,
    ),
    MaxMediaPlaylistFragmentResults: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_FRAGMENTS)),
    ),
  }),
  namesOneStream(),
);
type Request = v.InferOutput<typeof input>;

/** GetHLSStreamingSessionURL: begins a session and gives the address of its master playlist. */
export const getHlsStreamingSessionUrl: Action<KinesisVideo, Request, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: async (request, { state, cloud }) => {
    const stream = state.streams.find(request);
    requireArchive(stream);
    const nowMs = cloud.clock.now();
    const settings = readSettings(request, nowMs);
    const store = state.fragments(stream);
    const archived = store.archived();
    const isLive = (archived.at(-1)?.serverTimestampMs ?? -Infinity) >= nowMs - LIVE_WITHIN_MS;
    const fragments = settings.mode === "LIVE" && !isLive ? [] : archived;
    const session = state.hlsSessions.begin(stream, settings, fragments, request.Expires);
    // The text is observed.
    if (!session)
      throw new AwsError(
        "ResourceNotFoundException",
        "No fragments found in the stream for the streaming request.",
        404,
      );
    await checkPlayable(store, store.get(session.progress.segments[0]!.number), settings);
    state.hlsSessions.keep(session);
    return {
      HLSStreamingSessionURL: `${cloud.endpoint}${HLS_PATH}${MASTER_PLAYLIST}?SessionToken=${session.token}`,
    };
  },
};

/** @throws AwsError InvalidArgumentException */
function readSettings(request: Request, nowMs: number): SessionSettings {
  const mode = request.PlaybackMode;
  const { FragmentSelectorType, TimestampRange } = request.HLSFragmentSelector ?? {};
  const { StartTimestamp: startMs, EndTimestamp: endMs } = TimestampRange ?? {};
  const refuse = (member: string, problem: string) =>
    new AwsError("InvalidArgumentException", `HLSFragmentSelector.${member}: ${problem}`);
  const range = "TimestampRange";
  if (mode === "LIVE" && TimestampRange) throw refuse(range, "not with PlaybackMode LIVE");
  if (mode !== "LIVE" && !FragmentSelectorType) throw refuse("FragmentSelectorType", `needed for ${mode}`);
  if (mode !== "LIVE" && startMs === undefined) throw refuse(`${range}.StartTimestamp`, `needed for ${mode}`);
  if (mode === "ON_DEMAND" && endMs === undefined)
    throw refuse(`${range}.EndTimestamp`, `needed for ${mode}`);
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
    maxFragments: request.MaxMediaPlaylistFragmentResults ?? USUAL_FRAGMENTS[mode],
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
  if (container === "MPEG_TS") checkTs(tracks);
}
