import type { Profile } from "../analysis/profile/profile.ts";
import { html, trusted, type Content } from "./html.ts";
import { SCRIPT } from "./script.ts";
import * as sections from "./sections.ts";
import { STYLE } from "./style.ts";
import { counted, size, time } from "./units.ts";

/** Input of a report page. */
export interface ReportInput extends sections.SectionInput {
  readonly createdAtMs: number;
  readonly stackName: string;
  /** Whether all of it was generated. */
  readonly isSynthetic: boolean;
  /** Which prices apply, e.g. `each session with its engine, prices of us-east-1 as of 2026-11-20`. */
  readonly pricing: string;
  readonly scannedBytes: number;
  /** Shown below the gallery, e.g. that not every image could be embedded. */
  readonly evidenceNote?: string;
}

/** First and last day with data in the lake, `yyyy-MM-dd`. */
export interface LakeExtent {
  readonly firstDay: string;
  readonly lastDay: string;
  /** Whether all data is of the kind that was left out: synthetic or not. */
  readonly isOther: boolean;
}

const NAV = [
  ["summary", "Summary"],
  ["evidence", "Evidence"],
  ["activity", "Activity"],
  ["times", "Time to detection"],
  ["simulation", "MaxDuration"],
  ["sweep", "MaxDuration × MinConfidence"],
  ["coverage", "Coverage"],
  ["cameras", "Cameras"],
] as const;

/** Doorstep's mark, as in the console. */
const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="8" />
  <path d="M9 22V12.5a7 7 0 0 1 14 0V22M6 26h20M19 16.5h.01" />
</svg>`;

/** Charts use this pattern for what is unknown. */
const PATTERN = html`<svg width="0" height="0" style="position:absolute" aria-hidden="true">
  <defs>
    <pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line x1="0" y1="0" x2="0" y2="6" stroke="var(--hatch)" stroke-width="1.6" />
    </pattern>
  </defs>
</svg>`;

/** The whole page: one file that needs no network. */
export function renderReport(input: ReportInput): string {
  const { profile } = input;
  const recommendation = sections.recommendationSection(input);
  const overview = [
    sections.summarySection(input, input.pricing),
    sections.evidenceSection(input, input.evidenceNote),
  ];
  return page(input, [
    html`<nav aria-label="Sections">
      ${NAV.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}
    </nav>`,
  ], [
    // Until there is enough to recommend something, what was seen comes first.
    ...(profile.recommendation.kind === "too-little-data"
      ? [...overview.toReversed(), recommendation]
      : [recommendation, ...overview]),
    sections.activitySection(input),
    sections.timesSection(input),
    sections.simulationSection(input),
    sections.sweepSection(input),
    sections.coverageSection(input),
    sections.camerasSection(input),
    profile.cameraIds.length > 0 && html`<p class="note">Only ${profile.cameraIds.join(", ")}.</p>`,
  ]); // prettier-ignore
}

/** The page for a period without sessions and detections. */
export function renderEmptyReport(
  input: Pick<ReportInput, "createdAtMs" | "stackName" | "isSynthetic" | "scannedBytes"> & {
    readonly profile: Pick<Profile, "range" | "cameraIds">;
  },
  extent: LakeExtent | undefined,
): string {
  const { cameraIds } = input.profile;
  const ofCameras = cameraIds.length > 0 ? html` of <strong>${cameraIds.join(", ")}</strong>` : "";
  const kind = input.isSynthetic ? "synthetic " : "";
  const body = extent?.isOther
    ? html`<p>No ${kind}session and no ${kind}detection${ofCameras}. The lake has ${input.isSynthetic ? "no" : "only"} synthetic data${input.isSynthetic && "; it has other data"} from ${extent.firstDay} to ${extent.lastDay}.</p>
        <p>Try <code>npx doorstep report ${!input.isSynthetic && "--synthetic "}--from ${extent.firstDay}T00:00:00Z -o report.html</code>.</p>`
    : extent
    ? html`<p>No session and no detection${ofCameras} in this period. The lake has data from ${extent.firstDay} to ${extent.lastDay}.</p>
        <p>Try <code>npx doorstep report --from ${extent.firstDay}T00:00:00Z -o report.html</code>${cameraIds.length > 0 && html`, or leave <code>--cameras</code> out`}.</p>`
    : html`<p>The lake is empty: no session has ended and nothing has been detected yet.</p>
        <ul>
          <li>Let a camera request motion starts, or simulate some with clips: <code>npx doorstep simulate &lt;folder&gt;</code></li>
          <li>Detections reach the lake within about two minutes: the delivery streams buffer them.</li>
          <li>Then run again: <code>npx doorstep report -o report.html</code></li>
        </ul>`; // prettier-ignore
  return page(
    input,
    [],
    [
      html`<section class="empty">
        <h2>Nothing to show</h2>
        ${body}
      </section>`,
    ],
  );
}

function page(
  { profile, createdAtMs, stackName, isSynthetic, scannedBytes }: Parameters<typeof renderEmptyReport>[0],
  head: readonly Content[],
  content: readonly Content[],
): string {
  const { fromMs, toMs } = profile.range;
  const { cameraIds } = profile;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <title>Doorstep profile ${time(fromMs)} to ${time(toMs)}</title>
        <style>${trusted(STYLE)}</style>
      </head>
      <body>
        ${PATTERN}
        <header>
          <h1>${MARK}Doorstep profile</h1>
          <button type="button" data-theme-button>Light or dark</button>
          <p>${time(fromMs)} to ${time(toMs)}, ${cameraIds.length > 0 ? counted(cameraIds.length, "camera") : "all cameras"} of ${stackName}</p>
          ${isSynthetic && html`<p class="synthetic"><strong>Synthetic data.</strong> Everything on this page was generated by <code>doorstep generate</code>; no camera has seen it.</p>`}
          ${head}
        </header>
        <main>${content}</main>
        <footer>Created ${time(createdAtMs)} with Athena, which scanned ${size(scannedBytes)}. Times are UTC, by the cameras' clocks. Sessions and detections are counted once, even if they were delivered more than once.</footer>
        <script>${trusted(SCRIPT)}</script>
      </body>
    </html>`.text; // prettier-ignore
}
