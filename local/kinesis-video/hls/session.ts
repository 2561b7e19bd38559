import type { Fragment } from "../fragments/fragment.ts";
import {
  fragmentsInRange,
  startOf,
  TOLERANCE_MS,
  type TimestampType,
} from "../fragments/select-fragments.ts";

/** A session's parameters, from GetHLSStreamingSessionURL. */
export interface SessionSettings {
  readonly mode: "LIVE" | "LIVE_REPLAY" | "ON_DEMAND";
  readonly type: TimestampType;
  /** Of LIVE_REPLAY and ON_DEMAND. */
  readonly startMs?: number;
  /** Of ON_DEMAND, and of a LIVE_REPLAY that ends. */
  readonly endMs?: number;
  readonly container: "FRAGMENTED_MP4" | "MPEG_TS";
  readonly discontinuityMode: "ALWAYS" | "NEVER" | "ON_DISCONTINUITY";
  readonly displaysTimestamps: boolean;
  /** Maximum number of fragments in a playlist. */
  readonly maxFragments: number;
}

/** A fragment as a segment of the session. */
export interface Segment {
  readonly number: string;
  /** By the session's type of timestamp. */
  readonly startMs: number;
  readonly lengthMs: number;
  /** From 0 over the whole session. */
  readonly sequence: number;
  /** Discontinuity markers in the session up to and including this segment. */
  readonly discontinuities: number;
  /** The index of its header in the session's headers. */
  readonly header: number;
}

/** A session's progress. */
export interface Progress {
  /** The segments of the playlist, and before them those that recently left it, which players may still request. */
  readonly segments: readonly Segment[];
  /** Hashes of the fragments' headers; there is a new one where the codec private data may have changed. */
  readonly headers: readonly string[];
  readonly longestMs: number;
  /** When the newest segment of a LIVE_REPLAY was added. */
  readonly addedAtMs: number;
  /** No more segments follow. */
  readonly complete: boolean;
}

/** Documented: GetHLSStreamingSessionURL, codec private data. */
const MAX_HEADERS = 501;

export const initialProgress = (nowMs: number): Progress => ({
  segments: [],
  headers: [],
  longestMs: 0,
  addedAtMs: nowMs,
  complete: false,
});

/** The segments in the playlist: the newest. */
export const playlistSegments = (
  { segments }: Pick<Progress, "segments">,
  { maxFragments }: Pick<SessionSettings, "maxFragments">,
): readonly Segment[] => segments.slice(-maxFragments);

/**
 * Adds the fragments that are due.
 *
 * LIVE starts with the newest fragments and adds each later one, unless it is older than the newest in the playlist.
 * LIVE_REPLAY starts with the first of its range and adds each other one as its duration elapses. ON_DEMAND has the oldest
 * of its range, all at once. (All documented: GetHLSStreamingSessionURL, PlaybackMode. That LIVE_REPLAY starts with a full
 * playlist is unconfirmed.)
 * @param fragments the archived ones, ordered by number
 */
export function advance(
  progress: Progress,
  settings: SessionSettings,
  fragments: readonly Fragment[],
  nowMs: number,
): Progress {
  if (progress.complete) return progress;
  const { mode, maxFragments } = settings;
  let next = progress;
  const waiting = candidates(progress, settings, fragments);
  for (const fragment of waiting) {
    const isFirstPlaylist = (next.segments.at(-1)?.sequence ?? -1) + 1 < maxFragments;
    if (mode === "ON_DEMAND" && !isFirstPlaylist) break;
    if (mode === "LIVE_REPLAY" && progress.segments.length > 0 && nowMs < next.addedAtMs + fragment.lengthMs)
      break;
    if (mode === "LIVE_REPLAY" && progress.segments.length === 0 && !isFirstPlaylist) break;
    if (next.headers.at(-1) !== fragment.headerHash && next.headers.length >= MAX_HEADERS) break;
    next = append(next, settings, fragment, progress.segments.length > 0);
  }
  const isUpToDate = next.segments.at(-1)?.number === waiting.at(-1)?.number || waiting.length === 0;
  const isOver =
    mode === "LIVE_REPLAY" && settings.endMs !== undefined && settings.endMs < nowMs && isUpToDate;
  return { ...next, complete: mode === "ON_DEMAND" || isOver };
}

/** The fragments that may follow, in the order in which they do. */
function candidates(
  { segments }: Progress,
  settings: SessionSettings,
  fragments: readonly Fragment[],
): readonly Fragment[] {
  const { mode, type, startMs = -Infinity, endMs = Infinity, maxFragments } = settings;
  const newest = segments.at(-1);
  if (mode !== "LIVE")
    return fragmentsInRange(fragments, { type, startMs, endMs }).filter(
      (one) => !newest || follows({ number: one.number, startMs: startOf(one, type) }, newest, type),
    );
  const arrived = newest
    ? fragments.slice(fragments.findLastIndex(({ number }) => BigInt(number) <= BigInt(newest.number)) + 1)
    : fragments.slice(-maxFragments);
  const taken: Fragment[] = [];
  let last: Pick<Segment, "number" | "startMs"> | undefined = newest;
  for (const one of arrived) {
    const next = { number: one.number, startMs: startOf(one, type) };
    if (last && !follows(next, last, type)) continue;
    taken.push(one);
    last = next;
  }
  return taken;
}

/** Two fragments may arrive in the same millisecond; two with the same producer time repeat it. */
const follows = (
  next: Pick<Segment, "number" | "startMs">,
  last: Pick<Segment, "number" | "startMs">,
  type: SessionSettings["type"],
): boolean =>
  next.startMs > last.startMs ||
  (type === "SERVER_TIMESTAMP" && next.startMs === last.startMs && BigInt(next.number) > BigInt(last.number));

function append(
  progress: Progress,
  settings: SessionSettings,
  fragment: Fragment,
  elapses: boolean,
): Progress {
  const before = progress.segments.at(-1);
  const startMs = startOf(fragment, settings.type);
  const isKnown = progress.headers.at(-1) === fragment.headerHash;
  const headers = isKnown ? progress.headers : [...progress.headers, fragment.headerHash];
  const segment: Segment = {
    number: fragment.number,
    startMs,
    lengthMs: fragment.lengthMs,
    sequence: before ? before.sequence + 1 : 0,
    discontinuities: before
      ? before.discontinuities + (isDiscontinuity(before, startMs, settings) ? 1 : 0)
      : 0,
    header: headers.length - 1,
  };
  return {
    ...progress,
    segments: [...progress.segments, segment].slice(-keptSegments(settings)),
    headers,
    longestMs: Math.max(progress.longestMs, fragment.lengthMs),
    addedAtMs: progress.addedAtMs + (elapses ? fragment.lengthMs : 0),
  };
}

/** A segment stays while a playlist with it may be in use (RFC 8216, 6.2.2). */
const keptSegments = ({ mode, maxFragments }: SessionSettings): number =>
  mode === "ON_DEMAND" ? maxFragments : 2 * maxFragments + 1;

function isDiscontinuity(before: Segment, startMs: number, { discontinuityMode }: SessionSettings): boolean {
  if (discontinuityMode !== "ON_DISCONTINUITY") return discontinuityMode === "ALWAYS";
  return Math.abs(startMs - (before.startMs + before.lengthMs)) > TOLERANCE_MS;
}
