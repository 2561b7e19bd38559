import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import type { Day } from "../../../schemas/console/day.ts";

/** Producer times; the end is exclusive. */
export interface Interval {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** How much of a day the timeline may show at once. */
export const ZOOMS = [DAY_MS, 6 * HOUR_MS, 90 * MINUTE_MS, 20 * MINUTE_MS, 5 * MINUTE_MS] as const;

/** The part of the day to show, around a time, within the day. */
export function viewOf(day: Interval, zoom: number, atMs: number): Interval {
  const lengthMs = day.untilMs - day.fromMs;
  const shownMs = Math.min(ZOOMS[zoom] ?? DAY_MS, lengthMs);
  if (zoom <= 0) return { fromMs: day.fromMs, untilMs: day.untilMs };
  const fromMs = Math.min(Math.max(day.fromMs, Math.round(atMs - shownMs / 2)), day.untilMs - shownMs);
  return { fromMs, untilMs: fromMs + shownMs };
}

/** Where a time is in the view, 0..1 within it. */
export const shareAt = (view: Interval, ms: number): number =>
  (ms - view.fromMs) / (view.untilMs - view.fromMs);

/** Units of a lane's drawing. */
export const LANE_WIDTH = 1000;
export const LANE_HEIGHT = 10;
/** What is shorter is drawn this wide, so that it can be seen. */
const LEAST_WIDTH = 1.6;

/** Intervals as one path; those that touch each other in the drawing are one. */
export function barsOf(
  view: Interval,
  intervals: readonly Interval[],
  height = LANE_HEIGHT,
  top = 0,
): string {
  const bars: { x: number; end: number }[] = [];
  for (const { fromMs, untilMs } of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const x = Math.max(0, shareAt(view, fromMs) * LANE_WIDTH);
    const end = Math.min(LANE_WIDTH, Math.max(shareAt(view, untilMs) * LANE_WIDTH, x + LEAST_WIDTH));
    if (x >= LANE_WIDTH || shareAt(view, Math.max(untilMs, fromMs + 1)) <= 0) continue;
    const last = bars.at(-1);
    if (last && x <= last.end) last.end = Math.max(last.end, end);
    else bars.push({ x, end });
  }
  return bars
    .map(({ x, end }) => `M${round(x)} ${top}h${round(end - x)}v${height}h${round(x - end)}z`)
    .join("");
}

const round = (value: number): number => Math.round(value * 100) / 100;

const STEPS_MS = [
  30 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
];

/** Times for the axis: round ones, at most so many. */
export function ticksOf(day: Interval, view: Interval, most: number): number[] {
  const shownMs = view.untilMs - view.fromMs;
  const stepMs = STEPS_MS.find((step) => shownMs / step <= most) ?? 6 * HOUR_MS;
  const first = Math.ceil((view.fromMs - day.fromMs) / stepMs);
  const ticks: number[] = [];
  for (let ms = day.fromMs + first * stepMs; ms <= view.untilMs; ms += stepMs) ticks.push(ms);
  return ticks;
}

const lengthOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);

/** What the day comes to. */
export interface DaySummary {
  readonly motionMs: number;
  readonly analysedMs: number;
  /** Not analysed, though it should have been; and left out on purpose. */
  readonly missedMs: number;
  readonly leftOutMs: number;
  /** Why motion was not analysed, the longest first. */
  readonly reasons: readonly { readonly reason: string; readonly words: string; readonly ms: number }[];
  readonly labels: readonly { readonly label: string; readonly count: number }[];
}

export function summaryOf({ motion, analysed, gaps, detections }: Day): DaySummary {
  const byReason = Map.groupBy(gaps, ({ reason }) => reason);
  const byLabel = Map.groupBy(detections, ({ label }) => label);
  return {
    motionMs: lengthOf(motion),
    analysedMs: lengthOf(analysed),
    missedMs: lengthOf(gaps.filter((gap) => !isIntended(gap))),
    leftOutMs: lengthOf(gaps.filter(isIntended)),
    reasons: [...byReason]
      .map(([reason, rows]) => ({ reason, words: rows[0]!.words, ms: lengthOf(rows) }))
      .toSorted((a, b) => b.ms - a.ms),
    labels: [...byLabel]
      .map(([label, rows]) => ({ label, count: rows.length }))
      .toSorted((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1)),
  };
}

/** What is so at a moment of the day. */
export interface Moment {
  /** Undefined if that is not known. */
  readonly isVideoKept: boolean | undefined;
  readonly isMotion: boolean;
  readonly session: Day["analysed"][number] | undefined;
  readonly gap: Day["gaps"][number] | undefined;
  readonly alerts: Day["alerts"];
  /** The closest detection, at most so far away. */
  readonly detection: Day["detections"][number] | undefined;
}

export function momentOf(day: Day, atMs: number, nearMs: number): Moment {
  const isAt = ({ fromMs, untilMs }: Interval): boolean => fromMs <= atMs && atMs < untilMs;
  const distance = ({ detectedAtMs }: { readonly detectedAtMs: number }): number =>
    Math.abs(detectedAtMs - atMs);
  const closest = day.detections.reduce<Day["detections"][number] | undefined>(
    (best, one) => (best && distance(best) <= distance(one) ? best : one),
    undefined,
  );
  return {
    isVideoKept: day.video.kind === "known" ? day.video.intervals.some(isAt) : undefined,
    isMotion: day.motion.some(isAt),
    session: day.analysed.find(isAt),
    gap: day.gaps.find(isAt),
    alerts: day.alerts.filter(isAt),
    detection: closest && distance(closest) <= nearMs ? closest : undefined,
  };
}

/** The next thing in the direction: a detection, or where a gap begins. */
export function nextEvent({ detections, gaps }: Day, atMs: number, direction: 1 | -1): number | undefined {
  const times = [
    ...detections.map(({ detectedAtMs }) => detectedAtMs),
    ...gaps.map(({ fromMs }) => fromMs),
  ].toSorted((a, b) => a - b);
  return direction === 1 ? times.find((ms) => ms > atMs) : times.findLast((ms) => ms < atMs);
}

/** Where the timeline begins to look: the latest detection, the latest motion, now, or the day's middle. */
export const startOf = (day: Day): number =>
  day.detections.at(-1)?.detectedAtMs ??
  day.gaps.at(-1)?.fromMs ??
  day.motion.at(-1)?.fromMs ??
  (day.fromMs <= day.nowMs && day.nowMs < day.untilMs ? day.nowMs : (day.fromMs + day.untilMs) / 2);

/** Of a day in which little moved, at most this much is shown at first. */
const FIRST_ZOOM = 3;

/** The closest zoom at first that shows all that happened on the day, with room around it; and its middle. */
export function firstView(day: Day): { readonly zoom: number; readonly aroundMs: number } {
  const times = [
    ...[...day.motion, ...day.alerts].flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]),
    ...day.detections.map(({ detectedAtMs }) => detectedAtMs),
  ];
  if (times.length === 0) return { zoom: 0, aroundMs: startOf(day) };
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const zoom = ZOOMS.findLastIndex(
    (shownMs, at) => at <= FIRST_ZOOM && (at === 0 || shownMs >= 1.25 * (last - first)),
  );
  return { zoom, aroundMs: (first + last) / 2 };
}

/** Gaps that are meant to be: nothing went wrong. */
const INTENDED: readonly string[] = ["all-detected", "schedule"];
export const isIntended = ({ reason }: { readonly reason: string }): boolean => INTENDED.includes(reason);

/** The date so many days later; calendar days, whatever the time zone. */
export const shiftDate = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
