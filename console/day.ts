import { coverageOf } from "../analysis/coverage.ts";
import { DAY_MS, HOUR_MS } from "../base/durations.ts";
import { isNamed } from "../base/errors.ts";
import { intersect, subtract, union } from "../core/sessions/intervals.ts";
import { dayOf, nextDayMs } from "../core/sessions/schedule.ts";
import { Footage } from "../operator/footage.ts";
import type { Day } from "../schemas/console/day.ts";
import { GAP_REASONS } from "../schemas/coverage.ts";
import type { Interval, Session } from "../schemas/session.ts";
import { detectionView } from "./chains.ts";
import type { ConsoleCloud } from "./cloud.ts";
import type { Handlers } from "./handlers.ts";
import { chainIdOf, chainsOf } from "./lake/chains.ts";
import { joined } from "./lake/facts.ts";
import { hourName } from "./lake/reader.ts";
import { ConsoleProblem, problemOf } from "./problem.ts";

/** What an answer has at most of each kind. */
const MAX_ROWS = 5000;
/** Sessions and alerts of a day's begin may have begun before, those of its end may end later. */
const AROUND_MS = 2 * HOUR_MS;

export const dayHandlers = (cloud: ConsoleCloud): Pick<Handlers, "getDay"> => ({
  getDay: ({ parameters: { cameraId }, query: { date } }, { signal }) =>
    dayOfCamera(cameraId, date, cloud, signal),
});

/** The begin and the end of a day in a time zone. */
export function dayBounds(date: string, timeZone: string): Interval {
  // Every zone's day begins within a day of UTC's, and no day begins twice.
  let fromMs = Date.parse(`${date}T00:00:00Z`) - DAY_MS;
  while (dayOf(fromMs, timeZone) < date) fromMs = nextDayMs(fromMs, timeZone);
  return { fromMs, untilMs: nextDayMs(fromMs, timeZone) };
}

async function dayOfCamera(
  cameraId: string,
  given: string | undefined,
  cloud: ConsoleCloud,
  signal: AbortSignal,
): Promise<Day> {
  const { clock, lake, outputs } = cloud;
  const nowMs = clock.now();
  const [camera, session] = await Promise.all([
    cloud.cameras.find(cameraId, true),
    cloud.sessions.find(cameraId),
  ]);
  const timeZone = camera?.timeZone ?? "UTC";
  const date = given ?? dayOf(nowMs, timeZone);
  const midnight = new Date(`${date}T00:00:00Z`);
  if (!Number.isFinite(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date)
    throw new ConsoleProblem(400, `date is ${date}; expected a day that exists`, "e.g. 2026-11-21");
  const bounds = dayBounds(date, timeZone);
  const within = (some: readonly Interval[]): Interval[] => intersect(some, [bounds]);
  const hours: string[] = [];
  for (let at = bounds.fromMs - AROUND_MS; at < bounds.untilMs + AROUND_MS; at += HOUR_MS)
    hours.push(hourName(at));
  const [facts, video] = await Promise.all([
    lake.factsOf(hours).then(joined),
    videoOf(camera?.streamName, bounds, cloud, signal),
  ]);
  const ofCamera = {
    detections: facts.detections.filter((one) => one.cameraId === cameraId),
    sessions: facts.sessions.filter((one) => one.cameraId === cameraId),
    gaps: facts.gaps.filter((one) => one.cameraId === cameraId),
    faces: [],
    alerts: facts.alerts.filter((one) => one.cameraId === cameraId),
  };
  const chains = chainsOf(ofCamera);
  const analysed = chains.flatMap((chain) =>
    chain.sessions.flatMap(({ sessionId, engine, analysed: intervals }) =>
      within(intervals).map((interval) => ({
        ...interval,
        chainId: chainIdOf(chain),
        ...(sessionId !== undefined && { sessionId }),
        engine,
      })),
    ),
  );
  const lost = ofCamera.sessions.flatMap(({ outcome, startedAtMs, endedAtMs = startedAtMs, reason }) =>
    outcome === "completed" || endedAtMs <= startedAtMs
      ? []
      : [{ fromMs: startedAtMs, untilMs: endedAtMs, reason: reason ?? outcome }],
  );
  const gaps = [...ofCamera.gaps, ...lost].flatMap(({ fromMs, untilMs, reason }) =>
    within([{ fromMs, untilMs }]).map((interval) => ({ ...interval, reason, words: wordsOf(reason) })),
  );
  const detections = chains
    .flatMap((chain) =>
      chain.detections
        .filter(({ detectedAtMs }) => bounds.fromMs <= detectedAtMs && detectedAtMs < bounds.untilMs)
        .map((detection) => ({
          chainId: chainIdOf(chain),
          ...detectionView(detection, outputs.EvidenceBucketName),
        })),
    )
    .toSorted((a, b) => a.detectedAtMs - b.detectedAtMs);
  const alerts = chains.flatMap((chain) => {
    const [fromMs, untilMs] = [chain.startedAtMs, chain.endedAtMs ?? chain.detections.at(-1)?.detectedAtMs];
    if (!chain.alert) return [];
    return within([{ fromMs, untilMs: Math.max(fromMs + 1, untilMs ?? 0) }]).map((interval) => ({
      ...interval,
      chainId: chainIdOf(chain),
      ...chain.alert!,
    }));
  });
  const moving = [...analysed, ...gaps, ...wantedOf(session, nowMs)];
  const motion = within(moving.map(({ fromMs, untilMs }) => ({ fromMs, untilMs })));
  const isCut = [motion, analysed, gaps, detections, alerts].some(({ length }) => length > MAX_ROWS);
  const byTime = (a: Interval, b: Interval): number => a.fromMs - b.fromMs;
  return {
    cameraId,
    date,
    timeZone,
    ...bounds,
    nowMs,
    video,
    motion: motion.slice(0, MAX_ROWS),
    analysed: analysed.toSorted(byTime).slice(0, MAX_ROWS),
    gaps: gaps.toSorted(byTime).slice(0, MAX_ROWS),
    detections: detections.slice(0, MAX_ROWS),
    alerts: alerts.toSorted(byTime).slice(0, MAX_ROWS),
    isCut,
  };
}

const isGapReason = (reason: string): reason is keyof typeof GAP_REASONS =>
  Object.hasOwn(GAP_REASONS, reason);

const wordsOf = (reason: string): string => (isGapReason(reason) ? GAP_REASONS[reason] : reason);

/** Motion that is not accounted for yet: the running session's and what waits, up to now. */
function wantedOf(session: Session | undefined, nowMs: number): Interval[] {
  if (!session) return [];
  const { run, state, wanted } = session;
  const isRunning = run !== undefined && (state === "running" || state === "starting");
  return union([
    ...wanted.map(({ fromMs, untilMs }) => ({ fromMs, untilMs: Math.min(untilMs, Math.max(nowMs, fromMs)) })),
    ...(isRunning ? [{ fromMs: run.videoStartMs, untilMs: Math.min(nowMs, run.checkAtMs) }] : []),
  ]);
}

/** Video that the stream stores of a day. */
async function videoOf(
  streamName: string | undefined,
  { fromMs, untilMs }: Interval,
  { config, clock }: ConsoleCloud,
  signal: AbortSignal,
): Promise<Day["video"]> {
  if (streamName === undefined)
    return { kind: "unknown", reason: "the camera is not registered, so its stream is not known" };
  if (fromMs > clock.now()) return { kind: "known", intervals: [] };
  const footage = new Footage(streamName, config, clock);
  try {
    const fragments = await footage.fragments({ fromMs, toMs: untilMs }, { signal });
    const intervals = coverageOf(fragments).intervals.map(({ startMs, endMs }) => ({
      fromMs: Math.max(fromMs, Math.round(startMs)),
      untilMs: Math.min(untilMs, Math.round(endMs)),
    }));
    return { kind: "known", intervals: subtract(intervals, []).slice(0, MAX_ROWS) };
  } catch (error) {
    signal.throwIfAborted();
    if (isNamed(error, "ResourceNotFoundException"))
      return { kind: "unknown", reason: `the stream ${streamName} does not exist or stores no video` };
    return { kind: "unknown", reason: problemOf(error).error };
  } finally {
    footage.close();
  }
}
