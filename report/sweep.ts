import { CONFIDENCE_LEVELS, keptAt, type LabelOutcome } from "../analysis/profile/simulation.ts";
import type { Profile } from "../analysis/profile/profile.ts";
import { html, type Markup } from "./html.ts";
import { count, dollars, minutes } from "./units.ts";

/** Lengths that the page shows; the JSON has all from 1 to 120. */
const SHOWN_S = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 105, 120] as const;
/** Upper bounds of the missed share of each cell class; the last class has none. */
const MISSED_CLASSES = [0.01, 0.05, 0.1, 0.2, 0.4] as const;
const CLASS_NAMES = ["≤ 1 %", "≤ 5 %", "≤ 10 %", "≤ 20 %", "≤ 40 %", "more"] as const;

export const sweepLegend = (): Markup =>
  html`<ul class="legend">
    <li>missed:</li>
    ${CLASS_NAMES.map((name, index) => html`<li><i class="cell m${index}"></i>${name}</li>`)}
    <li><i class="cell unknown"></i>unknown</li>
  </ul>`;

/** A row per length, a column per confidence. Numbers are the share kept, colours the share missed. */
export function sweepTable(outcome: LabelOutcome, profile: Profile): Markup {
  const { simulation, recommendation, costUsdByDuration } = profile;
  const advised =
    recommendation.kind === "advice" && recommendation.label === outcome.label ? recommendation : undefined;
  const lengths = [...new Set([...SHOWN_S, ...(advised ? [advised.maxDurationS] : [])])].toSorted(
    (a, b) => a - b,
  );
  const rows = lengths.map((durationS) => {
    const { analysedMs } = simulation.durations[durationS - 1]!;
    return html`<tr>
      <th scope="row">${durationS} s</th>
      ${CONFIDENCE_LEVELS.map((level, index) =>
        cell(outcome, durationS, level, {
          isAdvised: advised?.maxDurationS === durationS && advised.minConfidence === level,
          isSpare: index % 2 === 0 && index > 0 && level !== advised?.minConfidence,
        }),
      )}
      <td class="number money">${dollars(costUsdByDuration[durationS - 1]!)}</td>
      <td class="number spare">${minutes(analysedMs)}</td>
    </tr>`;
  });
  return html`<table class="sweep">
    <caption>
      ${outcome.label}: share of ${count(outcome.firstDetections)} first detections kept, by session length
      and MinConfidence
    </caption>
    <thead>
      <tr>
        <th scope="col">s</th>
        ${CONFIDENCE_LEVELS.map(
          (level, index) =>
            html`<th
              scope="col"
              class="${index % 2 === 0 && index > 0 && level !== advised?.minConfidence && "spare"}"
            >
              ${level === 0 ? "any" : level}
            </th>`,
        )}
        <th scope="col" class="number money">cost</th>
        <th scope="col" class="number spare">analysed</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function cell(
  outcome: LabelOutcome,
  durationS: number,
  level: number,
  { isAdvised, isSpare }: { readonly isAdvised: boolean; readonly isSpare: boolean },
): Markup {
  const kept = keptAt(outcome, durationS, level);
  const classes = `cell${isSpare ? " spare" : ""}${isAdvised ? " advised" : ""}`;
  if (kept === null || outcome.firstDetections === 0)
    return html`<td
      class="${classes} unknown"
      title="unknown: too few sessions were allowed to run ${durationS} s"
    >
      ?
    </td>`;
  const missed = outcome.firstDetections - kept;
  const share = missed / outcome.firstDetections;
  const index = MISSED_CLASSES.findIndex((most) => share <= most);
  return html`<td
    class="${classes} m${index < 0 ? MISSED_CLASSES.length : index}"
    title="${durationS} s, ${level === 0 ? "any confidence" : `confidence ${level} or more`}: ${count(kept)} kept, ${count(missed)} missed"
  >
    ${Math.floor((kept / outcome.firstDetections) * 100)}<span class="wide"> %</span>
  </td>`;
}
