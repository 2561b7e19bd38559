/** Longest run of a label session (documented: StartStreamProcessor, MaxDurationInSeconds). */
export const MAX_SESSION_SECONDS = 120;
/** A session is at least a second long; what is left of a video behind its last one may be shorter. */
const MIN_SESSION_MS = 1000;
/**
 * A session ends at the first fragment boundary at or after its length (documented), so it is asked for a little less
 * than there is: it never waits for video that does not come.
 */
const SHORT_OF_THE_END_MS = 500;
/** A session's end this near to a fragment's start is that start: lengths are rounded. */
const SAME_BOUNDARY_MS = 250;

/** Video of one camera, in producer time, epoch milliseconds. */
export interface Video {
  readonly startMs: number;
  readonly endMs: number;
  /** Where its fragments begin. */
  readonly fragmentStartsMs: readonly number[];
}

export interface PlannedSession {
  readonly atMs: number;
  readonly maxDurationSeconds: number;
}

/**
 * The session that goes on where the one before ended: over all that is left of the video, or as long as one may be.
 * Undefined when there is nothing left that a session could analyse.
 * @param endedAtMs where the last session's video ended; the video's start when there was none
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
  const wanted = Math.floor((leftMs - SHORT_OF_THE_END_MS) / 1000);
  return { atMs, maxDurationSeconds: Math.min(maxSeconds, Math.max(1, wanted)) };
}

/** Between clips that one camera shows one after another. */
export const PAUSE_MS = 2000;

/** When each of a camera's clips begins, so that they follow each other and the last one ends just now. */
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
