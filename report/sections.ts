import type { Profile } from "../analysis/profile/profile.ts";
import { CONFIDENCE_LEVELS, LONGEST_S } from "../analysis/profile/simulation.ts";
import { GAP_REASONS } from "../schemas/coverage.ts";
import { cameraCards, cameraTable, coverageRows, MAX_DRAWN, numeric } from "./cameras.ts";
import * as charts from "./charts.ts";
import { gallery, type Evidence } from "./evidence.ts";
import { figure, type DrawingDocument } from "./figure.ts";
import { html, type Content, type Markup } from "./html.ts";
import { hueOf } from "./palette.ts";
import { sweepLegend, sweepTable } from "./sweep.ts";
import { table } from "./table.ts";
import { count, counted, dollars, minutes, percent } from "./units.ts";
import { adviceOf, MODEL } from "./words.ts";

/** The SQL of each query. */
export interface ReportSql {
  readonly cameras: string;
  readonly sessions: string;
  readonly detectingSessions: string;
  readonly detections: string;
  readonly cameraLabels: string;
  readonly motions: string;
  readonly firstDetections: string;
  readonly evidence: string;
}

export interface SectionInput {
  readonly profile: Profile;
  readonly sql: ReportSql;
  readonly evidence: readonly Evidence[];
  readonly isSynthetic: boolean;
  readonly document: DrawingDocument;
}

const section = (id: string, title: string, ...content: readonly Content[]): Markup =>
  html`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section>`;

const legend = (items: readonly (readonly [className: string, name: string])[]): Markup =>
  html`<ul class="legend">
    ${items.map(([className, name]) => html`<li><i class="${className}"></i>${name}</li>`)}
  </ul>`;

const labelLegend = (labels: readonly string[]): Markup =>
  legend(labels.map((label) => [`hue-${hueOf(label, labels)}`, label]));

export function recommendationSection({ profile, isSynthetic }: SectionInput): Markup {
  const { headline, reasons, limits } = adviceOf(profile, isSynthetic);
  return html`<section id="recommendation" class="advice">
    <h2>Recommendation</h2>
    <p class="headline">${headline}</p>
    <ul>
      ${reasons.map((reason) => html`<li>${reason}</li>`)}
    </ul>
    ${
      limits.length > 0 &&
      html`<div class="limits">
        <h3>Limits</h3>
        <ul>
          ${limits.map((limit) => html`<li>${limit}</li>`)}
        </ul>
      </div>`
    }
    <p class="note">
      From the <a href="#simulation">simulation</a> and the <a href="#sweep">sweep</a> below.
    </p>
  </section>`;
}

export function summarySection({ profile }: SectionInput, costNote: Content): Markup {
  const { summary, coverage } = profile;
  const tile = (name: string, value: string, about: Content) =>
    html`<div>
      <dt>${name}</dt>
      <dd><b>${value}</b><span>${about}</span></dd>
    </div>`;
  return section(
    "summary",
    "Summary",
    html`<dl class="tiles">
      ${tile("Cameras", count(summary.cameras), "with sessions")}
      ${tile("Motions", count(summary.motions), "chains of sessions")}
      ${tile("Sessions", count(summary.sessions), `${count(summary.silentSessions)} without detections; also ${count(summary.failedSessions)} failed, ${count(summary.lostSessions)} lost${summary.sampledSessions > 0 ? `; ${count(summary.sampledSessions)} with frames, ${counted(summary.samples, "sample")}` : ""}`)}
      ${tile("Detections", count(summary.detections), profile.distributions.map(({ label, detections }) => `${label} ${count(detections)}`).join(", "))}
      ${tile("Analysed", minutes(summary.analysedMs), coverage.coveredShare === null ? "no motion in the ledger" : `${percent(coverage.coveredShare, 1)} of motion covered`)}
      ${tile("Cost of analysis", dollars(summary.costUsd), costNote)}
    </dl>`, // prettier-ignore
  );
}

export function activitySection({ profile, sql, document }: SectionInput): Markup {
  const labels = profile.distributions.map(({ label }) => label);
  return section(
    "activity",
    "Activity",
    figure({
      title: "Detections",
      body: [labelLegend(labels), charts.activityChart(document, profile)],
      sql: [sql.detections],
    }),
    figure({
      title: "Sessions",
      about: "All completed sessions, including those without detections.",
      body: [
        legend([["strong", "with detections"], ["weak", "without"]]),
        charts.sessionsChart(document, profile),
      ],
      sql: [sql.sessions, sql.detectingSessions],
    }), // prettier-ignore
  );
}

export function timesSection({ profile, sql, document }: SectionInput): Markup {
  return section(
    "times",
    "Time to detection",
    figure({
      title: "Time until a label is detected",
      about:
        "Producer time of the frame minus the session's start, as the share of the label's detections in each second. Below each: the line spans 5 % to 95 %, the thick part 25 % to 75 %, the ring is the median.",
      body: [charts.timeToDetectionChart(document, profile), quantileTable(profile)],
      sql: [sql.detections],
    }),
    figure({
      title: "Confidence",
      about: "Share of the label's detections with a confidence, in steps of five.",
      body: charts.confidenceChart(document, profile),
      note: confidenceNote(profile),
      sql: [sql.detections],
    }),
  );
}

function quantileTable({ distributions }: Profile): Markup {
  const secondsOf = (value: number | null) => ({ shown: value === null ? "–" : `${value} s`, value });
  return table(
    "Time to detection by label",
    ["label", "detections", "5 %", "25 %", "median", "75 %", "95 %", "start unknown", "before the start"].map(
      (head, index) => ({ head, isNumber: index > 0 }),
    ),
    distributions.map(({ label, detections, quantilesS, withoutStart, beforeStart }) => [
      label,
      numeric(detections),
      ...quantilesS.map(secondsOf),
      numeric(withoutStart),
      numeric(beforeStart),
    ]),
  );
}

function confidenceNote({ distributions }: Profile): string | false {
  const without = distributions.reduce((sum, one) => sum + one.withoutConfidence, 0);
  return without > 0 && `${counted(without, "detection")} without a confidence; they count as “any”.`;
}

export function simulationSection({ profile, sql, document }: SectionInput): Markup {
  const { simulation } = profile;
  const { horizonS, motions, simulatedMotions } = simulation;
  const labels = simulation.labels.map(({ label }) => label);
  const known = [10, 20, 30, 60, 120].map((durationS) => {
    const { knownMotions } = simulation.durations[durationS - 1]!;
    return `${durationS} s: ${percent(motions === 0 ? 0 : knownMotions / motions)}`;
  });
  return section(
    "simulation",
    "MaxDuration simulation",
    figure({
      title: "Detections that sessions of each length would have kept",
      about: `Share of the first detections in ${count(simulatedMotions)} of ${counted(motions, "motion")}: those whose sessions were allowed to run ${horizonS} s or more. The horizontal line is the share that the recommendation keeps, the vertical line its length.`,
      body: [labelLegend(labels), charts.simulationChart(document, profile)],
      note: `Share of motions whose sessions were allowed each length: ${known.join(", ")}.`,
      sql: [sql.firstDetections, sql.motions],
    }),
    figure({
      title: "Cost of each length",
      about:
        "One session per motion. Filled: known. Hatched: motions whose sessions were not allowed to run that long, counted with the full length.",
      body: charts.costChart(document, profile),
      sql: [sql.motions],
    }),
    html`<details class="model">
      <summary>The model and its limits</summary>
      <ul>
        ${MODEL.map((sentence) => html`<li>${sentence}</li>`)}
      </ul>
    </details>`,
  );
}

export function sweepSection({ profile, sql }: SectionInput): Markup {
  const [first, ...others] = profile.simulation.labels.toSorted(
    (a, b) => Number(b.label === "PERSON") - Number(a.label === "PERSON"),
  );
  return section(
    "sweep",
    "MaxDuration × MinConfidence",
    figure({
      title: "Kept, missed and cost",
      about: `Numbers: the percentage kept of what sessions of ${profile.simulation.horizonS} s detected at any confidence. Colours: the share missed. Cost does not depend on confidence.`,
      body: first
        ? [
            sweepLegend(),
            sweepTable(first, profile),
            others.map(
              (outcome) =>
                html`<details class="more">
                  <summary>${outcome.label}</summary>
                  ${sweepTable(outcome, profile)}
                </details>`,
            ),
          ]
        : html`<p>No first detections, so no sweep.</p>`,
      note: `Levels: any and ${CONFIDENCE_LEVELS[1]} to ${CONFIDENCE_LEVELS.at(-1)}. Every second from 1 to ${LONGEST_S} is in the JSON (--json).`,
      sql: [sql.firstDetections, sql.motions],
    }),
  );
}

export function coverageSection({ profile, sql, document }: SectionInput): Markup {
  const { coverage, cameras } = profile;
  if (coverage.coveredShare === null)
    return section(
      "coverage",
      "Coverage and gaps",
      html`<p>The coverage ledger has no motion in this period.</p>`,
    );
  return section(
    "coverage",
    "Coverage and gaps",
    figure({
      title: "Motion by outcome",
      about: `${percent(coverage.coveredShare, 1)} of ${minutes(coverage.analysedMs + coverage.lostMs + coverage.gapMs)} of motion was analysed${allDetected(coverage)}.`,
      body: [
        legend([["covered", "analysed"], ["unknown", "lost: possibly analysed"], ["gap", "gap: no session"]]),
        charts.coverageChart(document, profile),
      ],
      sql: [sql.sessions],
    }), // prettier-ignore
    coverage.reasons.length > 0 &&
      figure({
        title: "Why motion was not analysed",
        body: [
          charts.reasonsChart(document, profile),
          table(
            "Gaps and lost sessions by reason",
            [{ head: "reason" }, { head: "meaning" }, { head: "outcome" }, { head: "intervals", isNumber: true }, { head: "motion", isNumber: true }],
            coverage.reasons.map(({ reason, outcome, intervals, durationMs }) => [
              reason,
              outcome === "gap" ? (MEANINGS[reason] ?? "") : "",
              outcome,
              numeric(intervals),
              { shown: minutes(durationMs), value: durationMs },
            ]),
          ),
        ],
        sql: [sql.sessions],
      }), // prettier-ignore
    figure({
      title: "Coverage of each camera over time",
      about: `${profile.bins[0]} to ${profile.bins.at(-1)}, by ${profile.binUnit}; blank where there was no motion.`,
      body: [
        legend([["s-all", "all"], ["s-most", "≥ 90 %"], ["s-half", "≥ 50 %"], ["s-few", "less"]]),
        coverageRows(cameras),
      ],
      note: drawnNote(profile),
      sql: [sql.sessions],
    }), // prettier-ignore
  );
}

/** What frames left out on purpose, which is no failure. */
const allDetected = ({ reasons }: Profile["coverage"]): string => {
  const gap = reasons.find(({ reason }) => reason === "all-detected");
  return gap ? `; for ${minutes(gap.durationMs)}, frames had detected every label of the camera already` : "";
};

const MEANINGS: Readonly<Record<string, string>> = GAP_REASONS;

const drawnNote = ({ cameras }: Profile): string | false =>
  cameras.length > MAX_DRAWN &&
  `Shows the ${MAX_DRAWN} cameras with the most sessions; the camera table has ${counted(cameras.length - MAX_DRAWN, "more row")}.`;

export function camerasSection({ profile, sql }: SectionInput): Markup {
  return section(
    "cameras",
    "Cameras",
    figure({
      title: "Each camera",
      about: `Detections by ${profile.binUnit}, each camera on its own scale; below, its coverage; then each label's time to detection from 5 % to 95 % with its median, all on one scale.`,
      body: cameraCards(profile),
      note: drawnNote(profile),
      sql: [sql.detections, sql.cameraLabels, sql.sessions],
    }),
    figure({
      title: "All cameras",
      body: cameraTable(profile),
      note: "Click a column head to sort.",
      sql: [sql.sessions, sql.detectingSessions, sql.detections],
    }),
  );
}

export const evidenceSection = ({ profile, sql, evidence }: SectionInput, note: Content): Markup =>
  section(
    "evidence",
    "Evidence",
    figure({
      title: "Latest detection of each label",
      about: "Frames as the engine stored them, with its bounding box.",
      body:
        evidence.length > 0
          ? gallery(evidence, profile.distributions.map(({ label }) => label))
          : html`<p>No detections, so no evidence.</p>`,
      note,
      sql: [sql.evidence],
    }), // prettier-ignore
  );
