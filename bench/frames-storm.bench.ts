/**
 * A thousand cameras report motion within one second, and every session samples its 30 seconds of video with the engine
 * `frames`, under 50 calls of DetectLabels a second and under 5. The engine's real steps and its real limit of calls run
 * over parts in memory, on a clock that is turned. Every session must end, and each second of its video must be analysed or
 * in a gap. Beside it a sampler that looks once a second and drops what is throttled.
 *
 *     npm run bench -- frames-storm [-- --cameras=1000]
 */
import { SECOND_MS } from "../base/durations.ts";
import { totalMs } from "../core/sessions/intervals.ts";
import { TokenBucket } from "../base/token-bucket.ts";
import { quantile, rounded, words } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { cameraOf, FramesWorld, type Completed } from "./frames-world.ts";
import { figure, report } from "./result.ts";

const CAMERAS = numberFlag("cameras", 1000);
const CALLS_PER_SECOND = [50, 5];
const SESSION_SECONDS = 30;
const PERSON_AFTER_SECONDS = 2;

/** Seconds: half, nine of ten, 99 of 100 and all are at most so long. */
const distribution = (milliseconds: readonly number[]) => ({
  p50: seconds(quantile(milliseconds, 0.5)),
  p90: seconds(quantile(milliseconds, 0.9)),
  p99: seconds(quantile(milliseconds, 0.99)),
  most: seconds(Math.max(...milliseconds)),
});
const seconds = (milliseconds: number): number => rounded(milliseconds / SECOND_MS, 1);

/** From each moment that was seen to the next one, and to the session's end. */
function gapsOf(momentsMs: readonly number[], videoStartMs: number): number[] {
  const sorted = [...momentsMs].toSorted((a, b) => a - b);
  return sorted.map(
    (atMs, index) => (sorted[index + 1] ?? videoStartMs + SESSION_SECONDS * SECOND_MS) - atMs,
  );
}

async function storm(callsPerSecond: number) {
  const cameras = Array.from({ length: CAMERAS }, (_, index) => cameraOf({ cameraId: `camera-${index}` }));
  const world = new FramesWorld(cameras, { callsPerSecond, personAfterSeconds: PERSON_AFTER_SECONDS });
  const { clock, engine, startMs } = world;
  const starts: Promise<unknown>[] = [];
  for (const [index, { processorName }] of cameras.entries()) {
    const videoStartMs = startMs + Math.floor((index * SECOND_MS) / CAMERAS);
    clock.after(videoStartMs - startMs, () => {
      const request = { processorName, videoStartMs, maxDurationSeconds: SESSION_SECONDS };
      starts.push(engine.start(request).then(({ kind }) => kind));
    });
  }
  await world.run();
  const kinds = await Promise.all(starts);

  // A step that is done twice publishes the same end again.
  const ends = new Map<string, Completed>(world.completed.map((end) => [end.sessionId, end]));
  const incomplete = [...ends.values()].filter(
    ({ analysed, gaps }) => totalMs(analysed) + totalMs(gaps) !== SESSION_SECONDS * SECOND_MS,
  );
  const looksOf = Map.groupBy(world.looks, ({ streamName }) => streamName);
  const firstLooks = [...looksOf.values()].map(([first]) => first!.lookedAtMs - first!.atMs);
  const gapMs = [...ends.values()].flatMap((end) =>
    gapsOf([...new Set((looksOf.get(end.processorName) ?? []).map(({ atMs }) => atMs))], end.videoStartMs),
  );
  const reasons = new Set([...ends.values()].flatMap(({ gaps }) => gaps.map(({ reason }) => reason)));
  return {
    callsPerSecond,
    cameras: CAMERAS,
    started: kinds.filter((kind) => kind === "started").length,
    ended: ends.size,
    stillRunning: cameras.filter(({ processorName }) => world.isRunning(processorName)).length,
    notAccountedFor: incomplete.length,
    failedSteps: world.failures.length,
    sessionsWithoutImage: CAMERAS - looksOf.size,
    personsDetected: world.detections.size,
    calls: world.counts.detectLabels,
    refusedByLimit: world.refused.byLimit,
    refusedByRekognition: world.refused.byRekognition,
    steps: world.counts.steps,
    samplesPerSession: rounded(world.looks.length / CAMERAS, 1),
    gapSeconds: distribution(gapMs),
    longestGapSeconds: distribution([...ends.values()].map(({ longestGapMillis }) => longestGapMillis ?? 0)),
    firstLookAfterSeconds: distribution(firstLooks),
    endedAfterVideoSeconds: distribution(
      [...ends.values()].map(({ atMs, videoStartMs }) => atMs - videoStartMs - SESSION_SECONDS * SECOND_MS),
    ),
    analysedShare: rounded(
      [...ends.values()].reduce((sum, { analysed }) => sum + totalMs(analysed), 0) /
        (CAMERAS * SESSION_SECONDS * SECOND_MS),
    ),
    gapShareByReason: Object.fromEntries(
      [...reasons].map((reason) => [
        reason,
        rounded(
          [...ends.values()].reduce(
            (sum, { gaps }) => sum + totalMs(gaps.filter((gap) => gap.reason === reason)),
            0,
          ) /
            (CAMERAS * SESSION_SECONDS * SECOND_MS),
        ),
      ]),
    ),
    rival: dropping(callsPerSecond),
  };
}

/** Looks at each camera once a second while its video lasts, and drops what is throttled. */
function dropping(callsPerSecond: number) {
  const bucket = new TokenBucket(callsPerSecond, 0);
  const momentsOf = new Map<number, number[]>();
  let calls = 0;
  for (let atMs = 0; atMs < SESSION_SECONDS * SECOND_MS; atMs += SECOND_MS)
    for (let camera = 0; camera < CAMERAS; camera++) {
      const nowMs = atMs + Math.floor((camera * SECOND_MS) / CAMERAS);
      if (!bucket.has(1, nowMs)) continue;
      bucket.take(1, nowMs);
      calls++;
      momentsOf.set(camera, [...(momentsOf.get(camera) ?? []), atMs]);
    }
  return {
    calls,
    sessionsWithoutImage: CAMERAS - momentsOf.size,
    gapSeconds: distribution([...momentsOf.values()].flatMap((moments) => gapsOf(moments, 0))),
  };
}

const results: Awaited<ReturnType<typeof storm>>[] = [];
for (const callsPerSecond of CALLS_PER_SECOND) results.push(await storm(callsPerSecond));
const [first] = results;
report("frames-storm", {
  figures: results.flatMap(({ callsPerSecond, rival, ...figures }) =>
    [...flat("", figures), ...flat("once a second, dropping: ", rival)].map(([name, value]) =>
      figure(`${callsPerSecond} calls/s, ${words(name)}`, value, name.includes("Seconds") ? "s" : ""),
    ),
  ),
  rival: {
    name: "one look a second that drops what is throttled",
    ratio: rounded(first!.rival.sessionsWithoutImage / Math.max(1, first!.sessionsWithoutImage)),
    ratioOf: `its sessions without an image / ours (1 for none), at ${first!.callsPerSecond} calls a second`,
  },
  sameWork: `both have the same ${CAMERAS} sessions of ${SESSION_SECONDS} s and the same limit of calls; every session of ours ended, and each second of its video is analysed or in a gap`,
  failures: results.some(
    ({ started, ended, stillRunning, notAccountedFor, failedSteps }) =>
      started < CAMERAS || ended < CAMERAS || stillRunning + notAccountedFor + failedSteps > 0,
  )
    ? ["a session did not end, or a part of its video is neither analysed nor in a gap"]
    : [],
});

/** The numbers of an object and of those in it, by their path. */
function flat(prefix: string, object: object): [name: string, value: number][] {
  return Object.entries(object).flatMap(([name, value]): [string, number][] =>
    typeof value === "number" ? [[prefix + name, value]] : flat(`${prefix}${name} `, value as object),
  );
}
