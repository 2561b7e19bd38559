import type { Profile } from "../analysis/profile/profile.ts";
import { html, trusted, type Content, type Markup } from "./html.ts";
import { SCRIPT } from "./script.ts";
import * as sections from "./sections.ts";
import { STYLE } from "./style.ts";
import { counted, megabytes, time } from "./units.ts";

/** What a report is made of. */
export interface ReportInput extends sections.SectionInput {
  readonly madeAtMs: number;
  readonly stackName: string;
  /** What the prices are, e.g. `list prices of us-east-1 as of 2026-11-20, engine stream-processor`. */
  readonly pricing: string;
  readonly scannedBytes: number;
  /** Said below the gallery, e.g. that not every image could be embedded. */
  readonly evidenceNote?: string;
}

/** What there is in the lake, whatever was asked; undefined where it is empty. `yyyy-MM-dd` */
export interface LakeExtent {
  readonly firstDay: string;
  readonly lastDay: string;
}

const NAV = [
  ["summary", "Summary"],
  ["times", "Time to detection"],
  ["simulation", "MaxDuration"],
  ["sweep", "MaxDuration × MinConfidence"],
  ["coverage", "Coverage"],
  ["cameras", "Cameras"],
  ["evidence", "Evidence"],
] as const;

/** Charts refer to this pattern wherever something is unknown. */
const PATTERN = html`<svg width="0" height="0" style="position:absolute" aria-hidden="true">
  <defs>
    <pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line x1="0" y1="0" x2="0" y2="6" stroke="var(--hatch)" stroke-width="1.6" />
    </pattern>
  </defs>
</svg>`;

/** The whole page: one file that asks no network for anything. */
export function renderReport(input: ReportInput): string {
  const { profile } = input;
  return page(input, [
    html`<nav aria-label="Sections">
      ${NAV.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}
    </nav>`,
  ], [
    sections.recommendationSection(input),
    sections.summarySection(input, input.pricing),
    sections.timesSection(input),
    sections.simulationSection(input),
    sections.sweepSection(input),
    sections.coverageSection(input),
    sections.camerasSection(input),
    sections.evidenceSection(input, input.evidenceNote),
    profile.cameraIds.length > 0 && html`<p class="note">Asked about ${profile.cameraIds.join(", ")} only.</p>`,
  ]); // prettier-ignore
}

/** What a page without a single session or detection says. */
export function renderEmptyReport(
  input: Pick<ReportInput, "madeAtMs" | "stackName" | "scannedBytes"> & {
    readonly profile: Pick<Profile, "range" | "cameraIds">;
  },
  extent: LakeExtent | undefined,
): string {
  const { cameraIds } = input.profile;
  const whose = cameraIds.length > 0 ? html` of <strong>${cameraIds.join(", ")}</strong>` : "";
  const body = extent
    ? html`<p>There is no session and no detection${whose} in this time. The lake has some from ${extent.firstDay} to ${extent.lastDay}.</p>
        <p>Ask about that: <code>doorstep report --from ${extent.firstDay}T00:00:00Z -o report.html</code>${cameraIds.length > 0 && html`, or leave <code>--cameras</code> out`}.</p>`
    : html`<p>The lake is empty: no session has ended and nothing was detected yet.</p>
        <ul>
          <li>Let a camera report motion, or show the system some clips: <code>doorstep simulate &lt;folder&gt;</code></li>
          <li>What is detected reaches the lake within some two minutes: the delivery streams collect it first.</li>
          <li>Then ask again: <code>doorstep report -o report.html</code></li>
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
  { profile, madeAtMs, stackName, scannedBytes }: Parameters<typeof renderEmptyReport>[0],
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
          <h1>Doorstep profile</h1>
          <button type="button" data-theme-button>Light or dark</button>
          <p>${time(fromMs)} to ${time(toMs)}, ${cameraIds.length > 0 ? counted(cameraIds.length, "camera") : "all cameras"} of ${stackName}</p>
          ${head}
        </header>
        <main>${content}</main>
        <footer>Made ${time(madeAtMs)} from Athena, which scanned ${megabytes(scannedBytes)}. Times are UTC and the cameras' own; sessions and detections are counted once, however often they were delivered.</footer>
        <script>${trusted(SCRIPT)}</script>
      </body>
    </html>`.text; // prettier-ignore
}

export type { Markup };
