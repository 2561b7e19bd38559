import * as Plot from "@observablehq/plot";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/durations.ts";
import { binStartMs, type BinUnit } from "../analysis/profile/bins.ts";
import { CONFIDENCE_LEVELS, keptAt, LONGEST_S } from "../analysis/profile/simulation.ts";
import { TARGET_SHARE } from "../analysis/profile/recommendation.ts";
import { quantileS } from "../analysis/profile/distribution.ts";
import type { Profile } from "../analysis/profile/profile.ts";
import { chart, type DrawingDocument } from "./figure.ts";
import type { Markup } from "./html.ts";
import { colourOf, dashOf } from "./palette.ts";
import { dollars } from "./units.ts";

const UNIT_MS: Readonly<Record<BinUnit, number>> = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30.4 * DAY_MS,
};
const UNKNOWN_FILL = "url(#unknown)";
const SECONDS_AXIS = {
  label: "seconds since the session's start →",
  labelAnchor: "right",
  labelOffset: 38,
} as const;
/** Minimum share of all detections within the time axis. */
const SHOWN_SHARE = 0.995;
const MAX_NAME_LENGTH = 34;

/** Text in a chart does not wrap; the table beside it has the full text. */
const short = (text: string): string =>
  text.length > MAX_NAME_LENGTH ? `${text.slice(0, MAX_NAME_LENGTH - 1)}…` : text;

const labelsOf = ({ distributions }: Profile): string[] => distributions.map(({ label }) => label);

/** The unit in which durations of up to this long are easy to read. */
function motionUnit(longestMs: number): { readonly name: string; readonly ms: number } {
  if (longestMs < 2 * MINUTE_MS) return { name: "seconds", ms: SECOND_MS };
  return longestMs < 2 * HOUR_MS ? { name: "minutes", ms: MINUTE_MS } : { name: "hours", ms: HOUR_MS };
}

const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 });
/** `0.5`, `20`, `1.5K` */
const tick = (value: number): string => compact.format(value);
const wholeTick = (value: number): string => (Number.isInteger(value) ? tick(value) : "");

/** Stacked bars by bin, the first part at the bottom. */
function binnedBars(
  document: DrawingDocument,
  { binUnit }: Profile,
  {
    title,
    unit,
    isWhole = false,
    parts,
    data,
  }: {
    readonly title: string;
    readonly unit: string;
    /** Whether a fraction of the unit has no meaning. */
    readonly isWhole?: boolean;
    readonly parts: readonly { readonly name: string; readonly fill: string }[];
    readonly data: readonly { readonly bin: string; readonly part: string; readonly value: number }[];
  },
): Markup {
  const order = parts.map(({ name }) => name);
  const bars = data.map(({ bin, part, value }) => ({
    from: new Date(binStartMs(bin)),
    to: new Date(binStartMs(bin) + UNIT_MS[binUnit]),
    part,
    value,
  }));
  return chart(document, title, ({ isNarrow }) => ({
    height: isNarrow ? 200 : 240,
    marginLeft: 56,
    x: { type: "utc", label: null, ticks: isNarrow ? 4 : 8 },
    y: { label: `↑ ${unit}`, grid: true, ticks: 4, tickFormat: isWhole ? wholeTick : tick },
    marks: [
      Plot.rectY(bars, {
        x1: "from",
        x2: "to",
        y: "value",
        fill: (bar: { part: string }) => parts.find(({ name }) => name === bar.part)!.fill,
        order: (bar: { part: string }) => order.indexOf(bar.part),
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleY([0]),
    ],
  }));
}

export const activityChart = (document: DrawingDocument, profile: Profile): Markup =>
  binnedBars(document, profile, {
    title: "Detections over time, by label",
    unit: "detections",
    isWhole: true,
    parts: labelsOf(profile).map((name) => ({ name, fill: colourOf(name, labelsOf(profile)) })),
    data: profile.activity.map(({ bin, label, detections }) => ({ bin, part: label, value: detections })),
  });

export const sessionsChart = (document: DrawingDocument, profile: Profile): Markup =>
  binnedBars(document, profile, {
    title: "Sessions over time, with and without detections",
    unit: "sessions",
    isWhole: true,
    parts: [
      { name: "with", fill: "var(--strong)" },
      { name: "without", fill: "var(--weak)" },
    ],
    data: profile.sessionsByBin.flatMap(({ bin, sessions, withDetections }) => [
      { bin, part: "with", value: withDetections },
      { bin, part: "without", value: sessions - withDetections },
    ]),
  });

export function coverageChart(document: DrawingDocument, profile: Profile): Markup {
  const { byBin } = profile.coverage;
  const unit = motionUnit(
    Math.max(...byBin.map(({ analysedMs, lostMs, gapMs }) => analysedMs + lostMs + gapMs)),
  );
  return binnedBars(document, profile, {
    title: "Motion over time: analysed, possibly analysed, not analysed",
    unit: `${unit.name} of motion`,
    parts: [
      { name: "analysed", fill: "var(--covered)" },
      { name: "lost", fill: UNKNOWN_FILL },
      { name: "gap", fill: "var(--gap)" },
    ],
    data: byBin.flatMap(({ bin, analysedMs, lostMs, gapMs }) => [
      { bin, part: "analysed", value: analysedMs / unit.ms },
      { bin, part: "lost", value: lostMs / unit.ms },
      { bin, part: "gap", value: gapMs / unit.ms },
    ]),
  });
}

/** End of the time axis, so that nearly all detections are within it. */
function shownSeconds({ distributions }: Profile): number {
  const last = Math.max(10, ...distributions.map(({ bySecond }) => quantileS(bySecond, SHOWN_SHARE) ?? 0));
  return Math.min(LONGEST_S, Math.ceil(last / 5) * 5);
}

/** One row per label: the share of detections in each second, with quantiles below. */
export function timeToDetectionChart(document: DrawingDocument, profile: Profile): Markup {
  const labels = labelsOf(profile);
  const untilS = shownSeconds(profile);
  const counts = profile.distributions.flatMap(({ label, bySecond }) => {
    const total = bySecond.reduce((sum, value) => sum + value, 0);
    return bySecond
      .map((value, index) => ({
        label,
        from: Math.max(0, index - 1),
        to: Math.max(1, index),
        share: value / Math.max(1, total),
      }))
      .filter(({ to }) => to <= untilS);
  });
  const strips = profile.distributions.flatMap(({ label, quantilesS }) => {
    const [p5, p25, median, p75, p95] = quantilesS.map((one) =>
      one === null ? null : Math.min(one, untilS),
    );
    return median === null ? [] : [{ label, p5, p25, median, p75, p95 }];
  });
  const highest = Math.max(0.01, ...counts.map(({ share }) => share));
  const below = -0.14 * highest;
  return chart(document, "Time to detection by label: share of detections in each second", ({ isNarrow }) => ({
    height: 96 + labels.length * 112,
    marginLeft: 46,
    marginTop: 22,
    x: { ...SECONDS_AXIS, domain: [0, untilS], ticks: isNarrow ? 5 : 10 },
    y: { label: null, grid: true, ticks: 3, domain: [below * 1.6, highest], tickFormat: (share: number) => (share < 0 ? "" : `${Math.round(share * 100)} %`) },
    fy: { domain: labels, label: null, axis: null, padding: 0.16 },
    marks: [
      Plot.rectY(counts, { x1: "from", x2: "to", y: "share", fy: "label", fill: (one: { label: string }) => colourOf(one.label, labels), insetLeft: 0.5, insetRight: 0.5 }),
      Plot.ruleY([0]),
      Plot.ruleY(strips, { fy: "label", y: below, x1: "p5", x2: "p95", stroke: "currentColor", strokeWidth: 1.5 }),
      Plot.ruleY(strips, { fy: "label", y: below, x1: "p25", x2: "p75", stroke: "currentColor", strokeWidth: 6, strokeOpacity: 0.55 }),
      Plot.dot(strips, { fy: "label", y: below, x: "median", r: 4.5, fill: "var(--paper)", stroke: "currentColor", strokeWidth: 2 }),
      Plot.text(labels, { fy: (label: string) => label, text: short, frameAnchor: "top-right", fontWeight: 600, fontSize: 13, dy: 2 }),
    ],
  })); // prettier-ignore
}

/** Confidence by label. */
export function confidenceChart(document: DrawingDocument, profile: Profile): Markup {
  const labels = labelsOf(profile);
  const bars = profile.distributions.flatMap(({ label, byLevel, detections, withoutConfidence }) =>
    byLevel.map((value, index) => ({
      label,
      from: index === 0 ? 45 : CONFIDENCE_LEVELS[index]!,
      share: value / Math.max(1, detections - withoutConfidence),
    })),
  );
  return chart(document, "Confidence by label: share of detections in steps of five", ({ isNarrow }) => ({
    height: 84 + labels.length * 84,
    marginLeft: 46,
    marginTop: 18,
    x: { label: "confidence (0 to 100) →", labelAnchor: "right", labelOffset: 38, domain: [45, 100], ticks: isNarrow ? 5 : 10, tickFormat: (level: number) => (level === 45 ? "< 50" : String(level)) },
    y: { label: null, grid: true, ticks: 2, tickFormat: (share: number) => `${Math.round(share * 100)} %` },
    fy: { domain: labels, label: null, axis: null, padding: 0.16 },
    marks: [
      Plot.rectY(bars, { x1: "from", x2: (bar: { from: number }) => bar.from + 5, y: "share", fy: "label", fill: (bar: { label: string }) => colourOf(bar.label, labels), insetLeft: 0.5, insetRight: 0.5 }),
      Plot.ruleY([0]),
      Plot.text(labels, { fy: (label: string) => label, text: short, frameAnchor: "top-left", fontWeight: 600, fontSize: 13, dx: 6, dy: 2 }),
    ],
  })); // prettier-ignore
}

const unknownFrom = (horizonS: number): Plot.Markish[] =>
  horizonS >= LONGEST_S
    ? []
    : [
        Plot.rect([{ from: Math.max(1, horizonS), to: LONGEST_S }], {
          x1: "from",
          x2: "to",
          fill: UNKNOWN_FILL,
        }),
        Plot.ruleX([Math.max(1, horizonS)], { stroke: "currentColor", strokeDasharray: "2 3" }),
      ];

const advisedRule = ({ recommendation }: Profile): Plot.Markish[] =>
  recommendation.kind === "advice"
    ? [Plot.ruleX([recommendation.maxDurationS], { stroke: "var(--accent)", strokeWidth: 2 })]
    : [];

/** Share of first detections that sessions of each length would have kept. */
export function simulationChart(document: DrawingDocument, profile: Profile): Markup {
  const { simulation, recommendation } = profile;
  const labels = simulation.labels.map(({ label }) => label);
  const points = simulation.labels
    .filter(({ firstDetections }) => firstDetections > 0)
    .flatMap((outcome) =>
      Array.from({ length: simulation.horizonS }, (_, index) => ({
        label: outcome.label,
        durationS: index + 1,
        share: keptAt(outcome, index + 1, 0)! / outcome.firstDetections,
      })),
    );
  /** Of the logarithmic axis, 0 to 1. */
  const unknownPart = 1 - Math.log(Math.max(1, simulation.horizonS)) / Math.log(LONGEST_S);
  return chart(document, "Share of first detections that sessions of each length would have kept", ({ isNarrow }) => ({
    height: isNarrow ? 270 : 330,
    marginLeft: 50,
    marginTop: 26,
    x: { type: "log", label: "session length, seconds (logarithmic) →", labelAnchor: "right", labelOffset: 38, domain: [1, LONGEST_S], ticks: [1, 2, 3, 5, 10, 20, 30, 60, 120], tickFormat: "d" },
    y: { label: "↑ share of first detections kept", domain: [0, 1], grid: true, ticks: 5, tickFormat: (share: number) => `${Math.round(share * 100)} %` },
    marks: [
      ...unknownFrom(simulation.horizonS),
      Plot.ruleY([TARGET_SHARE], { stroke: "currentColor", strokeOpacity: 0.5, strokeDasharray: "5 4" }),
      Plot.text([TARGET_SHARE], { y: (share: number) => share, text: (share: number) => `${share * 100} %`, frameAnchor: "right", dy: 9, fontSize: 11, fillOpacity: 0.75 }),
      ...labels.map((label) =>
        Plot.line(points.filter((point) => point.label === label), { x: "durationS", y: "share", stroke: colourOf(label, labels), strokeDasharray: dashOf(label, labels), strokeWidth: 2.5, curve: "step-after" }),
      ),
      ...advisedRule(profile),
      ...(recommendation.kind === "advice"
        ? [Plot.text([recommendation.maxDurationS], { x: (durationS: number) => durationS, text: (durationS: number) => `${durationS} s`, frameAnchor: "bottom", textAnchor: "start", dx: 5, dy: -6, fontWeight: 700, fill: "var(--accent-text)" })]
        : []),
      ...(unknownPart >= 0.15
        ? [Plot.text([Math.sqrt(simulation.horizonS * LONGEST_S)], { x: (at: number) => at, y: 0.45, text: () => (isNarrow || unknownPart < 0.3 ? "unknown" : "unknown: too few sessions\nwere allowed to run that long"), fontSize: 12, fill: "currentColor", stroke: "var(--paper)", strokeWidth: 5 })]
        : []),
    ],
  })); // prettier-ignore
}

/** Cost of each length, known and assumed. */
export function costChart(document: DrawingDocument, profile: Profile): Markup {
  const { simulation, costUsdByDuration } = profile;
  const points = simulation.durations.map(({ durationS, analysedMs, assumedMs }, index) => {
    const usd = costUsdByDuration[index]!;
    return { durationS, usd, knownUsd: analysedMs === 0 ? 0 : usd * (1 - assumedMs / analysedMs) };
  });
  return chart(document, "Cost of every session length", ({ isNarrow }) => ({
    height: isNarrow ? 190 : 210,
    marginLeft: 58,
    marginTop: 26,
    x: { label: "session length, seconds →", labelAnchor: "right", labelOffset: 38, domain: [0, LONGEST_S], ticks: isNarrow ? 5 : 12 },
    y: { label: "↑ cost of all motions, at most", grid: true, ticks: 4, tickFormat: (usd: number) => dollars(usd).replace(/\.00$/, "") },
    marks: [
      Plot.areaY(points, { x: "durationS", y1: "knownUsd", y2: "usd", fill: UNKNOWN_FILL }),
      Plot.areaY(points, { x: "durationS", y: "knownUsd", fill: "var(--weak)" }),
      Plot.lineY(points, { x: "durationS", y: "usd", stroke: "var(--strong)", strokeWidth: 2 }),
      ...advisedRule(profile),
      Plot.ruleY([0]),
    ],
  })); // prettier-ignore
}

/** Why motion was not analysed. */
export function reasonsChart(document: DrawingDocument, { coverage }: Profile): Markup {
  const unit = motionUnit(coverage.reasons[0]?.durationMs ?? 0);
  const reasons = coverage.reasons.slice(0, 12).map((one) => ({ ...one, length: one.durationMs / unit.ms, name: short(one.reason) })); // prettier-ignore
  return chart(document, "Motion not analysed, by reason", ({ isNarrow }) => ({
    height: 60 + reasons.length * 30,
    marginLeft: isNarrow ? 108 : 220,
    x: {
      label: `${unit.name} of motion →`,
      labelAnchor: "right",
      labelOffset: 38,
      grid: true,
      ticks: isNarrow ? 3 : 6,
      tickFormat: tick,
    },
    y: { label: null, domain: reasons.map(({ name }) => name) },
    marks: [
      Plot.barX(reasons, {
        x: "length",
        y: "name",
        fill: (one: { outcome: string }) => (one.outcome === "gap" ? "var(--gap)" : UNKNOWN_FILL),
      }),
      Plot.axisY({ label: null, lineWidth: isNarrow ? 8.4 : 17, tickSize: 0 }),
      Plot.ruleX([0]),
    ],
  }));
}
