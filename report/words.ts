import type { Profile } from "../analysis/profile/profile.ts";
import { CONFIDENCE_SHARE, FEWEST_FIRST_SIGHTS, TARGET_SHARE } from "../analysis/profile/recommendation.ts";
import { LONGEST_S } from "../analysis/profile/simulation.ts";
import { count, counted, dollars, minutes, percent } from "./units.ts";

/** The recommendation as people say it, and why. */
export interface Advice {
  readonly headline: string;
  readonly reasons: readonly string[];
  /** What the numbers cannot tell. */
  readonly limits: readonly string[];
}

const confidenceOf = (level: number): string =>
  level === 0 ? "any MinConfidence" : `MinConfidence ${level}`;

export function adviceOf({
  recommendation: advice,
  simulation,
  summary,
  costUsdByDuration,
}: Profile): Advice {
  if (advice.kind === "too-little-data") {
    const seen =
      advice.label === null
        ? "No first sight"
        : `${counted(advice.firstSights, "first sight")} of ${advice.label}`;
    return {
      headline: "Too little data to recommend anything",
      reasons: [
        `${seen} in ${counted(simulation.simulatedMotions, "motion")}; at least ${FEWEST_FIRST_SIGHTS} are needed, since with fewer a single late one moves a share by more than a percent.`,
        "Ask about a longer time, or more cameras, or wait for more motion.",
      ],
      limits: [],
    }; // prettier-ignore
  }
  const {
    label,
    maxDurationS,
    minConfidence,
    firstSights,
    kept,
    missed,
    analysedMs,
    isStillRising,
    lateShare,
  } = advice;
  const { horizonS, motions, simulatedMotions } = simulation;
  const costUsd = costUsdByDuration[maxDurationS - 1]!;
  const longestUsd = costUsdByDuration[horizonS - 1]!;
  return {
    headline: `${maxDurationS} s with ${confidenceOf(minConfidence)}`,
    reasons: [
      `It keeps ${percent(kept / firstSights, 1)} of the first sights of ${label}: ${count(kept)} of ${count(firstSights)} that sessions of ${horizonS} s saw; ${count(missed)} would be missed.`,
      minConfidence === 0
        ? `No higher confidence keeps ${percent(CONFIDENCE_SHARE)} of them.`
        : `${minConfidence} is the highest confidence that keeps ${percent(CONFIDENCE_SHARE)} of them, however long the sessions.`,
      `${maxDurationS} s is the shortest length that then keeps ${percent(TARGET_SHARE)}; a second less keeps less, a second more costs more.`,
      `One such session for each of ${counted(motions, "motion")} analyses at most ${minutes(analysedMs)} and costs at most ${dollars(costUsd)}; with ${horizonS} s it would be ${dollars(longestUsd)}, and what was analysed cost ${dollars(summary.costUsd)}.`,
    ],
    limits: [
      ...(isStillRising
        ? [`${percent(lateShare, 1)} of the first sights came in the last tenth of ${horizonS} s: the sessions themselves cut off what could be seen. Let some cameras run longer before trusting this.`]
        : []),
      ...(simulatedMotions < motions
        ? [`${count(motions - simulatedMotions)} of ${counted(motions, "motion")} say nothing about ${horizonS} s, since their sessions were not allowed to run so long; they are not in the shares.`]
        : []),
      ...(horizonS < LONGEST_S
        ? [`Nothing is known of sessions longer than ${horizonS} s: fewer than half of the motions were analysed so long.`]
        : []),
    ],
  }; // prettier-ignore
}

/** What the simulation takes for granted. */
export const MODEL: readonly string[] = [
  "A motion is a chain of sessions of one camera that follow each other without a gap, as the coverage ledger tells; most are a single session. All motions that began in this time count, also those that detected nothing; a session that the motion API did not start is no motion.",
  "Simulated is one session of every length from the motion's start, and none after it. A label's first sight in the motion is kept when it came within that length: the frame's producer time less the session's start.",
  "A session of D seconds analyses D seconds, or as much as the motion's sessions did if that is less. Doorstep renews sessions while motion goes on; to really get one session a motion, set the camera's maxDurationSeconds and motionTimeoutSeconds both to D.",
  "A motion tells of D only if its sessions were allowed to run so long. Shares are of motions that were allowed at least the longest length shown, so that every length is compared on the same motions; beyond it the answer is unknown, not guessed. Cost counts a motion that does not tell with all of D, so it is a most.",
  "An engine tells the first sight of a label in a session only. With a higher MinConfidence it might have told a later, surer frame, so what is shown as missed by confidence is a most, too. Detections without a confidence count as “any” alone.",
  "Rekognition ends a session at the first fragment boundary after its length, so real sessions see a little more.",
];
