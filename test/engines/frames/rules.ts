import { videoOf } from "../../../core/sessions/analysed-video.ts";
import { intersect, LONGEST_PAUSE_MS, subtract, union } from "../../../core/sessions/intervals.ts";
import type { FrameSampling } from "../../../schemas/notification.ts";
import type { Interval } from "../../../schemas/session.ts";
import type { FramesWorld } from "./world.ts";

/** Five minutes after its video a session ends with its next step, which backs off 20 seconds at most. */
const LONGEST_DELAY_MS = 320_000;

/** What may go wrong in a world, so that the rules expect it. */
export interface Expected {
  /** Whether calls of DetectLabels are refused, by Rekognition or by the limit. */
  readonly isThrottled: boolean;
  readonly isUnreadable: boolean;
  /** How much later than in time steps are done, because messages are delivered again. */
  readonly delayMs: number;
}

/** The rules that a session which ended has broken; empty if there are none. */
export function brokenRules(world: FramesWorld, expected: Expected): string[] {
  const { session, labels, ends, dead } = world;
  const broken: string[] = [];
  const check = (isKept: boolean, rule: string): void => {
    if (!isKept) broken.push(rule);
  };
  check(dead.length === 0, "the queue gives no message up");
  check(session?.state === "ended", `the session ends, but it is ${session?.state}`);
  if (session?.state !== "ended") return broken;

  check(new Set(ends.map(({ eventId }) => eventId)).size === 1, "one end is published, by its event id");
  const names = labels.map(({ labels: [label] }) => label!.name);
  check(
    new Set(labels.map(({ eventId }) => eventId)).size === new Set(names).size,
    "each label is published once, by its event id",
  );
  check(
    subtractNames(session.detected, names).length === 0 &&
      new Set(session.detected).size === session.detected.length,
    "what the record says was detected is published",
  );
  const shown = session.samples
    .filter(({ outcome }) => outcome === "image")
    .flatMap(({ atMs }) => world.visibleAt(atMs).map(({ name }) => (name === "Person" ? "PERSON" : "PET")))
    .filter((label) => label in session.labels);
  check(subtractNames(shown, session.detected).length === 0, "what a sample shows is detected");

  for (const { frameSampling, inputInformation } of ends) {
    if (!frameSampling) return [...broken, "an end says what was sampled"];
    const sum = lengthMs(frameSampling.analysed);
    check(sum === inputInformation.kinesisVideo.processedVideoDurationMillis, "the sums match");
    broken.push(...brokenBySampling(world, frameSampling, expected));
  }

  const endedBy = Math.max(session.startedAtMs, session.videoEndMs - leadMs(session)) + LONGEST_DELAY_MS;
  check(session.dueAtMs <= endedBy + expected.delayMs, "the session ends in time");
  return broken;
}

function brokenBySampling(
  { session, video, camera, arrivalOf }: FramesWorld,
  { analysed, gaps, longestGapMillis }: FrameSampling,
  { isThrottled, isUnreadable }: Expected,
): string[] {
  const broken: string[] = [];
  const check = (isKept: boolean, rule: string): void => {
    if (!isKept) broken.push(rule);
  };
  const { videoStartMs } = session!;
  const all = [...analysed, ...gaps];
  const untilMs = Math.max(videoStartMs, ...all.map((one) => one.untilMs));
  check(
    lengthMs(all) === untilMs - videoStartMs && lengthMs(union(all)) === untilMs - videoStartMs,
    "analysed video and gaps partition the session's video",
  );
  check(untilMs >= session!.videoEndMs, "every moment of the session's video is analysed or in a gap");
  const stored = videoOf(
    video.map(({ fromMs, untilMs: endMs }) => ({
      number: "1",
      startMs: fromMs,
      durationMs: endMs - fromMs,
      sizeBytes: 1,
    })),
  );
  check(subtract(analysed, stored).length === 0, "only stored video is analysed");
  const gapMs = camera.maxSampleGapSeconds * 1000;
  if (!isThrottled)
    check(longestGapMillis <= gapMs + LONGEST_PAUSE_MS, `no sample stands for more: ${longestGapMillis}`);
  check(longestGapMillis <= 8 * gapMs + LONGEST_PAUSE_MS, "refusals widen the intervals at most eight times");
  for (const gap of gaps) {
    const inGap = intersect([gap], stored);
    if (gap.reason === "unreadable") check(isUnreadable, "what can be read is not unreadable");
    if (gap.reason === "throttled") check(isThrottled, "nothing is throttled that is not refused");
    if (gap.reason === "all-detected")
      check(
        camera.whenAllDetected === "stop" &&
          Object.keys(camera.labels).every((label) => session!.detected.includes(label)),
        "all labels are detected where it says so",
      );
    // What it skipped came late: each fragment is sent in time or much later.
    if (gap.reason === "no-video")
      for (const one of inGap)
        check(
          (arrivalOf(one.fromMs) ?? Infinity) > one.fromMs + 10_000,
          `video that came in time is sampled: ${one.fromMs - videoStartMs} to ${one.untilMs - videoStartMs}`,
        );
  }
  return broken;
}

const subtractNames = (names: readonly string[], others: readonly string[]): string[] =>
  names.filter((name) => !others.includes(name));

const leadMs = ({ videoStartMs, startedAtMs }: { videoStartMs: number; startedAtMs: number }): number =>
  Math.max(0, videoStartMs - startedAtMs);

const lengthMs = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
