/** Longest run of a label session (documented: StartStreamProcessor, MaxDurationInSeconds). */
export const MAX_SESSION_SECONDS = 120;
/** The shortest session. The rest of a video after its last session may be shorter. */
const MIN_SESSION_MS = 1000;
/**
 * A session ends at the first fragment boundary at or after its length (documented), so the planned length is a little
 * less than the video's: a session never waits for video that does not arrive.
 */
const SHORT_OF_THE_END_MS = 500;
/** A session's end this close to a fragment's start is that start: durations are rounded. */
const SAME_BOUNDARY_MS = 250;

/** Video of one camera, in producer time, epoch milliseconds. */
export interface Video {
  readonly startMs: number;
  readonly endMs: number;
  /** The starts of its fragments. */
  readonly fragmentStartsMs: readonly number[];
}

export interface PlannedSession {
  readonly atMs: number;
  readonly maxDurationSeconds: number;
}

/**
 * Plans the session that follows the last one: over the rest of the video, or as long as a session may be.
 * @returns undefined when what is left is too short for a session
 * @param endedAtMs the end of the last session's video; the video's start when there was none
 * @param maxSeconds longest session, 1..120
 */
export function nextSession(
  { endMs, fragmentStartsMs }: Video,
  endedAtMs: number,
  maxSeconds: number,
): PlannedSession | undefined {
  const boundaryMs = fragmentStartsMs.find((startMs) => Math.abs(startMs - endedAtMs) <= SAME_BOUNDARY_MS);
  const atMs = boundaryMs ?? endedAtMs;
  const leftMs = endMs - atMs;
  if (leftMs < MIN_SESSION_MS) return undefined;
  const wantedSeconds = Math.floor((leftMs - SHORT_OF_THE_END_MS) / 1000);
  return { atMs, maxDurationSeconds: Math.min(maxSeconds, Math.max(1, wantedSeconds)) };
}

/** The pause between the clips of one camera. */
export const PAUSE_MS = 2000;

/** The starts of a camera's clips, so that they follow each other and the last one ends now. */
export function startsBefore(nowMs: number, durationsMs: readonly number[]): number[] {
  let endMs = nowMs;
  return durationsMs
    .toReversed()
    .map((durationMs) => {
      const startMs = Math.floor(endMs - durationMs);
      endMs = startMs - PAUSE_MS;
      return startMs;
    })
    .toReversed();
}
