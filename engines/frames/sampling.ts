/** What a session's samples stand for. Pure. */
import { SECOND_MS } from "../../base/durations.ts";
import { videoOf } from "../../core/sessions/analysed-video.ts";
import { intersect, subtract, totalMs, union } from "../../core/sessions/intervals.ts";
import type { StoredFragment } from "../../schemas/fragment.ts";
import type { FrameSession, Sample } from "../../schemas/frame-session.ts";
import type { FrameSampling } from "../../schemas/notification.ts";
import type { Interval } from "../../schemas/session.ts";
import { isSatisfied } from "./moments.ts";

/** How long the last sample of a session stands for that samples no more although there is more video. */
const LAST_SAMPLE_MS = SECOND_MS;

type Gap = FrameSampling["gaps"][number];

/**
 * Each sample stands for the video from its moment to the next one; what it does not stand for is a gap, so that both
 * together are the session's time. Video that came after its moment was skipped is a gap too: it is late.
 * @param fragments all that the stream stores of the session's video
 */
export function samplingOf(session: FrameSession, fragments: readonly StoredFragment[]): FrameSampling {
  const whole = [{ fromMs: session.videoStartMs, untilMs: session.videoEndMs }];
  const video = intersect(whole, videoOf(fragments));
  const spans = spansOf(session);
  const videoBy = (outcome: Sample["outcome"]) =>
    spans.filter((span) => span.outcome === outcome).map((span) => intersect([span], video));
  const images = videoBy("image");
  const analysed = union(images.flat());
  const tail = intersect(
    [{ fromMs: spans.at(-1)?.untilMs ?? session.videoStartMs, untilMs: Infinity }],
    video,
  );

  const gaps: Gap[] = [];
  let left = subtract(whole, analysed);
  const enter = (reason: Gap["reason"], intervals: readonly Interval[]): void => {
    gaps.push(...intersect(left, intervals).map((interval) => ({ ...interval, reason })));
    left = subtract(left, intervals);
  };
  enter("unreadable", videoBy("unreadable").flat());
  if (isSatisfied(session)) enter("all-detected", tail);
  // Otherwise what is left came after the session's end, or is still to come.
  else if (session.refusals > 0 && session.waitingSinceMs === undefined) enter("throttled", tail);
  const sampledMs = Math.max(0, ...[...analysed, ...gaps].map(({ untilMs }) => untilMs));
  enter("late", intersect(video, [{ fromMs: session.videoStartMs, untilMs: sampledMs }]));
  enter("no-video", left);
  return {
    samples: session.samples.filter(({ outcome }) => outcome === "image").length,
    longestGapMillis: Math.max(0, ...images.map(totalMs)),
    analysed,
    gaps: gaps.toSorted((a, b) => a.fromMs - b.fromMs),
  };
}

/** From each sample's moment to the next one, within the session's video. */
function spansOf(session: FrameSession): (Interval & Pick<Sample, "outcome">)[] {
  const { samples, nextAtMs, videoEndMs } = session;
  return samples
    .map(({ atMs, outcome }, index) => {
      const isLast = index === samples.length - 1;
      const lastUntilMs = isSatisfied(session) ? Math.min(nextAtMs, atMs + LAST_SAMPLE_MS) : nextAtMs;
      const untilMs = isLast ? lastUntilMs : samples[index + 1]!.atMs;
      return { fromMs: atMs, untilMs: Math.min(untilMs, videoEndMs), outcome };
    })
    .filter(({ fromMs, untilMs }) => fromMs < untilMs);
}
