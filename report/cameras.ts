import { LONGEST_S } from "../analysis/profile/simulation.ts";
import type { CameraProfile, Profile } from "../analysis/profile/profile.ts";
import { html, type Markup } from "./html.ts";
import { hueOf } from "./palette.ts";
import { count, counted, dollars, minutes, percent, seconds } from "./units.ts";
import { table } from "./table.ts";

/** Most cameras that are drawn; the table lists every camera with a profile. */
export const MAX_DRAWN = 48;
const BARS_HEIGHT = 36;
const SHARE_CLASSES = [
  { least: 0.999, name: "s-all" },
  { least: 0.9, name: "s-most" },
  { least: 0.5, name: "s-half" },
  { least: 0, name: "s-few" },
] as const;

const nameOf = ({ cameraId }: CameraProfile): string => cameraId ?? "all other cameras";

/** A camera's coverage over time as one line, by class of covered share; blank where there was no motion. */
function coverageStrip({ coverage }: CameraProfile): Markup {
  const paths = SHARE_CLASSES.map(({ least, name }, index) => {
    const most = SHARE_CLASSES[index - 1]?.least ?? Infinity;
    const path = coverage.byBin
      .map(({ coveredShare }, bin) =>
        coveredShare !== null && coveredShare >= least && coveredShare < most ? `M${bin} 0h1v1h-1z` : "",
      )
      .join("");
    return path && html`<path class="${name}" d="${path}" />`;
  });
  return html`<svg
    class="strip"
    viewBox="0 0 ${coverage.byBin.length} 1"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${paths}
  </svg>`;
}

export const coverageRows = (cameras: readonly CameraProfile[]): Markup =>
  html`<div class="coverage-rows">
    ${cameras
      .slice(0, MAX_DRAWN)
      .map(
        (camera) =>
          html`<span class="name">${nameOf(camera)}</span>${coverageStrip(camera)}<span class="number"
              >${camera.coverage.coveredShare === null ? "–" : percent(camera.coverage.coveredShare, 1)}</span
            >`,
      )}
  </div>`;

/** One small profile per camera, all on the same time scales. */
export function cameraCards({ cameras, bins, distributions }: Profile): Markup {
  const labels = distributions.map(({ label }) => label);
  const longestMs = Math.min(
    LONGEST_S * 1000,
    Math.max(5000, ...cameras.flatMap((camera) => camera.labels.map(({ p95Ms }) => p95Ms ?? 0))),
  );
  return html`<ul class="cameras">
    ${cameras.slice(0, MAX_DRAWN).map(
      (camera) =>
        html`<li>
          <h4>${nameOf(camera)}</h4>
          <p class="note">
            ${counted(camera.sessions, "session")}, ${counted(camera.detections, "detection")},
            ${minutes(camera.analysedMs)}
          </p>
          ${activityBars(camera, bins, labels)} ${coverageStrip(camera)}
          ${quantileStrips(camera, longestMs, labels)}
        </li>`,
    )}
  </ul>`;
}

function activityBars(
  { activity, cameraId }: CameraProfile,
  bins: readonly string[],
  labels: readonly string[],
): Markup {
  const indexOf = new Map(bins.map((bin, index) => [bin, index]));
  const totals = bins.map(() => 0);
  for (const { bin, detections } of activity) totals[indexOf.get(bin)!]! += detections;
  const highest = Math.max(1, ...totals);
  const heights = bins.map(() => 0);
  const paths = labels.map((label) => {
    const path = activity
      .filter((row) => row.label === label)
      .map(({ bin, detections }) => {
        const index = indexOf.get(bin)!;
        const height = rounded((detections / highest) * BARS_HEIGHT);
        heights[index]! += height;
        return `M${rounded(index + 0.06)} ${rounded(BARS_HEIGHT - heights[index]!)}h.88v${height}h-.88z`;
      })
      .join("");
    return path && html`<path class="hue-${hueOf(label, labels)}" d="${path}" />`;
  });
  return html`<svg class="bars" viewBox="0 0 ${bins.length} ${BARS_HEIGHT}" preserveAspectRatio="none" role="img"
    aria-label="Detections of ${cameraId ?? "all other cameras"} over time; at most ${highest} per bin">${paths}</svg>`; // prettier-ignore
}

const quantileStrips = ({ labels: rows }: CameraProfile, longestMs: number, labels: readonly string[]): Markup =>
  html`<div class="quantiles">
    ${rows.map(({ label, p5Ms, medianMs, p95Ms }) => {
      if (p5Ms === null || medianMs === null || p95Ms === null) return "";
      const at = (ms: number): number => rounded(Math.min(100, Math.max(0, (ms / longestMs) * 100)));
      return html`<span>${label}</span
        ><svg class="hue-${hueOf(label, labels)}" viewBox="-2 -4 104 8" preserveAspectRatio="none" role="img"
          aria-label="${label}: 5 % by ${seconds(p5Ms)}, half by ${seconds(medianMs)}, 95 % by ${seconds(p95Ms)}">
          <path class="line" d="M${at(p5Ms)} 0H${at(p95Ms)}" /><path class="median" d="M${at(medianMs)} -3.5v7" /></svg
        ><span class="number">${seconds(medianMs)}</span>`;
    })}
  </div>`; // prettier-ignore

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Every camera with a profile, sortable. */
export const cameraTable = ({ cameras }: Profile): Markup =>
  table(
    "Cameras",
    [
      { head: "camera" },
      { head: "sessions", isNumber: true },
      { head: "without detections", isNumber: true },
      { head: "failed", isNumber: true },
      { head: "lost", isNumber: true },
      { head: "detections", isNumber: true },
      { head: "analysed", isNumber: true },
      { head: "cost", isNumber: true },
      { head: "motion covered", isNumber: true },
      { head: "engine" },
      { head: "samples", isNumber: true },
    ],
    cameras.map((camera) => [
      nameOf(camera),
      numeric(camera.sessions),
      numeric(camera.silentSessions),
      numeric(camera.failedSessions),
      numeric(camera.lostSessions),
      numeric(camera.detections),
      { shown: minutes(camera.analysedMs), value: camera.analysedMs },
      { shown: dollars(camera.costUsd), value: camera.costUsd },
      {
        shown: camera.coverage.coveredShare === null ? "–" : percent(camera.coverage.coveredShare, 1),
        value: camera.coverage.coveredShare,
      },
      camera.engines.join(", "),
      numeric(camera.samples),
    ]),
  );

export const numeric = (value: number) => ({ shown: count(value), value });
