import { videoOf } from "../../../core/sessions/analysed-video.ts";
import { intersect, LONGEST_PAUSE_MS, subtract, totalMs, union } from "../../../core/sessions/intervals.ts";
import type { FrameSession } from "../../../schemas/frame-session.ts";
import type { FrameSampling } from "../../../schemas/notification.ts";
import type { FramesWorld } from "./world.ts";

/** So long after its video a session ends with what it has. */
const OVERDUE_MS = 300_000;
/** How long the calls of the last check of a session may take, and those of its end. */
const CHECKS_MS = 8000;
/** The longest time until the next step of a session whose video is over. */
const LONGEST_BACKOFF_MS = 20_000;

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
  broken.push(...brokenByFaces(world));

  for (const { frameSampling, inputInformation, publishedAtMs } of ends) {
    if (!frameSampling) return [...broken, "an end says what was sampled"];
    const sum = totalMs(frameSampling.analysed);
    check(sum === inputInformation.kinesisVideo.processedVideoDurationMillis, "the sums match");
    broken.push(...brokenBySampling(world, frameSampling, expected, publishedAtMs));
  }

  check(
    session.dueAtMs <= overdueAtMs(session) + CHECKS_MS + LONGEST_BACKOFF_MS + expected.delayMs,
    "the session ends in time",
  );
  return broken;
}

/** What the search of faces got, and what it did not. */
function brokenByFaces(world: FramesWorld): string[] {
  const { session, camera, persons, personsUnsent, fragments } = world;
  const broken: string[] = [];
  const check = (isKept: boolean, rule: string): void => {
    if (!isKept) broken.push(rule);
  };
  if (!camera.faces) {
    check(persons.length + personsUnsent === 0, "nothing is sent of a camera that searches no faces");
    return broken;
  }
  const seen = session!.samples.filter(
    ({ atMs, outcome }) => outcome === "image" && world.visibleAt(atMs).some(({ name }) => name === "Person"),
  );
  const unsent = seen.filter(({ atMs }) => persons.every((one) => one.atMs !== atMs));
  check(unsent.length <= personsUnsent, "persons of each sample are sent, or reported as unsent");
  for (const { atMs, fragmentNumber, ...one } of persons) {
    check(
      one.sessionId === session!.sessionId && one.cameraId === camera.cameraId && one.streamArn.length > 0,
      "persons are sent with their camera, stream and session",
    );
    check(
      fragments.some(
        ({ number, startMs, durationMs }) =>
          number === fragmentNumber && startMs <= atMs && atMs < startMs + durationMs + LONGEST_PAUSE_MS,
      ),
      "persons are sent with the fragment that shows them",
    );
  }
  return broken;
}

function brokenBySampling(
  world: FramesWorld,
  { analysed, gaps, longestGapMillis: longestMs }: FrameSampling,
  expected: Expected,
  endedAtMs: number,
): string[] {
  const longestGapMs = longestMs ?? Infinity;
  const { session, video, camera, fragments } = world;
  const { isThrottled, isUnreadable } = expected;
  const broken: string[] = [];
  const check = (isKept: boolean, rule: string): void => {
    if (!isKept) broken.push(rule);
  };
  const { videoStartMs } = session!;
  const all = [...analysed, ...gaps];
  const untilMs = Math.max(videoStartMs, ...all.map((one) => one.untilMs));
  check(
    totalMs(all) === untilMs - videoStartMs && totalMs(union(all)) === untilMs - videoStartMs,
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
    check(longestGapMs <= gapMs + LONGEST_PAUSE_MS, `no sample stands for more: ${longestGapMs}`);
  check(longestGapMs <= 8 * gapMs + LONGEST_PAUSE_MS, "refusals widen the intervals at most eight times");
  for (const gap of gaps) {
    if (gap.reason === "unreadable") check(isUnreadable, "what can be read is not unreadable");
    if (gap.reason === "throttled") check(isThrottled, "nothing is throttled that is not refused");
    if (gap.reason === "all-detected")
      check(
        camera.whenAllDetected === "stop" &&
          !camera.faces &&
          Object.keys(camera.labels).every((label) =>
            world.labels.some(({ labels }) => labels[0]!.name === label),
          ),
        "all labels are detected where it says so",
      );
    if (gap.reason === "no-video" || gap.reason === "late")
      for (const one of intersect([gap], video)) {
        const arrivalMs = world.arrivalOf(one.fromMs)!;
        check(
          fragments.some(({ startMs, serverMs }) => startMs > one.fromMs && serverMs < arrivalMs) ||
            arrivalMs > endedAtMs - CHECKS_MS ||
            (gap === gaps.at(-1) && isGivenUp(world, expected, endedAtMs)),
          "video is sampled that comes before later video and before the session ends: " +
            `${one.fromMs - videoStartMs} to ${one.untilMs - videoStartMs}`,
        );
      }
  }
  return broken;
}

const subtractNames = (names: readonly string[], others: readonly string[]): string[] =>
  names.filter((name) => !others.includes(name));

/** Whether the session had to end although moments were left: it was overdue, or no video came for 25 seconds. */
function isGivenUp({ session, fragments }: FramesWorld, { delayMs }: Expected, endedAtMs: number): boolean {
  const isSilent = fragments.every(
    ({ serverMs }) => serverMs < endedAtMs - 24_000 || serverMs > endedAtMs - CHECKS_MS,
  );
  return endedAtMs >= overdueAtMs(session!) || isSilent || delayMs > 0;
}

const overdueAtMs = (session: FrameSession): number =>
  Math.max(session.startedAtMs, session.videoEndMs - leadMs(session)) + OVERDUE_MS;

const leadMs = ({ videoStartMs, startedAtMs }: FrameSession): number =>
  Math.max(0, videoStartMs - startedAtMs);
