/** What a stream stores around a session's moments. */
import { MINUTE_MS } from "../../base/durations.ts";
import { LONGEST_PAUSE_MS } from "../../core/sessions/intervals.ts";
import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FrameParts } from "./parts.ts";

/** How far before a moment is listed: video that comes nearer is progress, also that of a camera whose clock is behind. */
const BEFORE_MS = MINUTE_MS;
/** How far after it: later video shows that there is none at the moment. */
const AFTER_MS = 5 * MINUTE_MS;

/** The stream's fragments around an interval of producer time, in any order. */
export const storedFragments = (
  parts: Pick<FrameParts, "fragments">,
  streamName: string,
  fromMs: number,
  untilMs = fromMs,
): Promise<readonly ReceivedFragment[]> =>
  parts.fragments(streamName)("producer", fromMs - BEFORE_MS, untilMs + AFTER_MS);

/** The fragment that contains a moment; of several the latest. */
export const containing = (
  fragments: readonly ReceivedFragment[],
  atMs: number,
): ReceivedFragment | undefined =>
  fragments
    .filter(({ startMs, durationMs }) => startMs <= atMs && atMs < startMs + durationMs)
    .toSorted((a, b) => b.startMs - a.startMs)[0];

/** The fragment with the image of a moment: its last frame may be shown until the next fragment. */
export const showing = (fragments: readonly ReceivedFragment[], atMs: number): ReceivedFragment | undefined =>
  containing(
    fragments.map((one) => ({ ...one, durationMs: one.durationMs + LONGEST_PAUSE_MS })),
    atMs,
  );

/** The first fragment that begins after a moment. */
export const nextAfter = (
  fragments: readonly ReceivedFragment[],
  atMs: number,
): ReceivedFragment | undefined =>
  fragments.filter(({ startMs }) => startMs > atMs).toSorted((a, b) => a.startMs - b.startMs)[0];

/** Producer time at which the last of them ends; 0 if there are none. */
export const endMsOf = (fragments: readonly ReceivedFragment[]): number =>
  Math.max(0, ...fragments.map(({ startMs, durationMs }) => startMs + durationMs));
