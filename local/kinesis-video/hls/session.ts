import type { Fragment } from "../fragment-store.ts";
import { fragmentsInRange, startOf, TOLERANCE_MS, type TimestampType } from "../archive/select-fragments.ts";

/** What a caller of GetHLSStreamingSessionURL chose. */
export interface SessionSettings {
  readonly mode: "LIVE" | "LIVE_REPLAY" | "ON_DEMAND";
  readonly type: TimestampType;
  /** Of LIVE_REPLAY and ON_DEMAND. */
  readonly startMs?: number;
  /** Of ON_DEMAND, and of LIVE_REPLAY where it ends. */
  readonly endMs?: number;
  readonly container: "FRAGMENTED_MP4" | "MPEG_TS";
  readonly discontinuityMode: "ALWAYS" | "NEVER" | "ON_DISCONTINUITY";
  readonly displaysTimestamps: boolean;
  /** At most so many fragments are in a playlist. */
  readonly maxFragments: number;
}

/** A fragment as a segment of the session. */
export interface Segment {
  readonly number: string;
  /** By the session's type of timestamp. */
  readonly startMs: number;
  readonly lengthMs: number;
  /** Counts from 0 over the whole session. */
  readonly sequence: number;
  /** Discontinuity markers in the session up to this segment's own. */
  readonly discontinuities: number;
  /** Which of the session's headers it goes with. */
  readonly header: number;
}

/** How far a session has come. */
export interface Progress {
  /** The segments of the playlist, and before them those that lately left it, which players may still ask for. */
  readonly segments: readonly Segment[];
  /** Hashes of the fragments' headers; a new one begins where the codec private data may have changed. */
  readonly headers: readonly string[];
  readonly longestMs: number;
  /** When the newest segment's time in a LIVE_REPLAY came. */
  readonly addedAtMs: number;
  /** No segment follows any more. */
  readonly complete: boolean;
}

/** Documented: GetHLSStreamingSessionURL, codec private data. */
const MAX_HEADERS = 501;

export const beginning = (nowMs: number): Progress => ({
  segments: [],
  headers: [],
  longestMs: 0,
  addedAtMs: nowMs,
  complete: false,
});

/** The segments that the playlist shows: the newest. */
export const playlistSegments = (
  { segments }: Pick<Progress, "segments">,
  { maxFragments }: Pick<SessionSettings, "maxFragments">,
): readonly Segment[] => segments.slice(-maxFragments);

/**
 * Takes up the fragments whose time has come.
 *
 * LIVE begins with the newest and takes each later one, unless it is older than the newest in the playlist.
 * LIVE_REPLAY begins with the first of its range; each other is added as its duration elapses. ON_DEMAND has the
 * oldest of its range, all at once. (Documented, all three: GetHLSStreamingSessionURL, PlaybackMode. That LIVE_REPLAY
 * begins with a full playlist is unconfirmed.)
 * @param fragments those in the archive, ordered by number
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
  const isTakenUp = next.segments.at(-1)?.number === waiting.at(-1)?.number || waiting.length === 0;
  const isOver =
    mode === "LIVE_REPLAY" && settings.endMs !== undefined && settings.endMs < nowMs && isTakenUp;
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

/** Fragments may arrive within one millisecond; two of one producer time are the same moment twice. */
const follows = (
  next: Pick<Segment, "number" | "startMs">,
  last: Pick<Segment, "number" | "startMs">,
  type: SessionSettings["type"],
): boolean =>
  next.startMs > last.startMs ||
  (type === "SERVER_TIMESTAMP" && next.startMs === last.startMs && BigInt(next.number) > BigInt(last.number));

function append(progress: Progress, settings: SessionSettings, fragment: Fragment, moves: boolean): Progress {
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
    addedAtMs: progress.addedAtMs + (moves ? fragment.lengthMs : 0),
  };
}

/** A segment stays for as long as a playlist that had it may be in use (RFC 8216, 6.2.2). */
const keptSegments = ({ mode, maxFragments }: SessionSettings): number =>
  mode === "ON_DEMAND" ? maxFragments : 2 * maxFragments + 1;

function isDiscontinuity(before: Segment, startMs: number, { discontinuityMode }: SessionSettings): boolean {
  if (discontinuityMode !== "ON_DISCONTINUITY") return discontinuityMode === "ALWAYS";
  return Math.abs(startMs - (before.startMs + before.lengthMs)) > TOLERANCE_MS;
}
