import type { Profile } from "../analysis/profile/profile.ts";
import { CONFIDENCE_SHARE, MIN_FIRST_DETECTIONS, TARGET_SHARE } from "../analysis/profile/recommendation.ts";
import { LONGEST_S } from "../analysis/profile/simulation.ts";
import { count, counted, dollars, minutes, percent } from "./units.ts";

/** The recommendation in words, with reasons. */
export interface Advice {
  readonly headline: string;
  readonly reasons: readonly string[];
  /** What limits the recommendation. */
  readonly limits: readonly string[];
}

const confidenceOf = (level: number): string =>
  level === 0 ? "any MinConfidence" : `MinConfidence ${level}`;

const SYNTHETIC = "From synthetic data: it shows how the report works and says nothing about your cameras.";

export function adviceOf(
  { recommendation: advice, simulation, summary, costUsdByDuration }: Profile,
  isSynthetic: boolean,
): Advice {
  const synthetic = isSynthetic ? [SYNTHETIC] : [];
  if (advice.kind === "too-little-data") {
    const found =
      advice.label === null
        ? "No first detection"
        : `${counted(advice.firstDetections, "first detection")} of ${advice.label}`;
    return {
      headline: "Too little data for a recommendation",
      reasons: [
        `${found} in ${counted(simulation.simulatedMotions, "motion")}; at least ${MIN_FIRST_DETECTIONS} are needed, since with fewer a single late one changes a share by more than a percent.`,
        "Choose a longer period or more cameras, or wait for more motion.",
      ],
      limits: synthetic,
    }; // prettier-ignore
  }
  const {
    label,
    maxDurationS,
    minConfidence,
    firstDetections,
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
      `Keeps ${percent(kept / firstDetections, 1)} of the first detections of ${label}: ${count(kept)} of ${count(firstDetections)} by sessions of ${horizonS} s; ${count(missed)} would be missed.`,
      minConfidence === 0
        ? `No higher confidence keeps ${percent(CONFIDENCE_SHARE)} of them.`
        : `${minConfidence} is the highest confidence that keeps ${percent(CONFIDENCE_SHARE)} of them, whatever the length.`,
      `At that confidence, ${maxDurationS} s is the shortest length that keeps ${percent(TARGET_SHARE)}; only length costs money.`,
      `One such session for each of ${counted(motions, "motion")} analyses at most ${minutes(analysedMs)} and costs at most ${dollars(costUsd)}; sessions of ${horizonS} s would cost ${dollars(longestUsd)}. The actual analysis cost ${dollars(summary.costUsd)}.`,
    ],
    limits: [
      ...synthetic,
      ...(isStillRising
        ? [`${percent(lateShare, 1)} of the first detections came in the last tenth of ${horizonS} s, so longer sessions may detect more. Let some cameras run longer before you rely on this.`]
        : []),
      ...(simulatedMotions < motions
        ? [`${count(motions - simulatedMotions)} of ${counted(motions, "motion")} are not in the shares, since their sessions were not allowed to run ${horizonS} s.`]
        : []),
      ...(summary.sampledSessions > 0
        ? [`${counted(summary.sampledSessions, "session")} sampled their video (engine frames): a time to detection is that of the first sample with the label, so it may have been in the video earlier, by up to the gap between two samples.`]
        : []),
      ...(horizonS < LONGEST_S
        ? [`Sessions longer than ${horizonS} s are unknown: fewer than half of the motions were allowed to be analysed that long.`]
        : []),
    ],
  }; // prettier-ignore
}

/** Assumptions of the simulation. */
export const MODEL: readonly string[] = [
  "A motion is a chain of sessions of one camera without a gap between them, according to the coverage ledger; most are one session. All motions that began in the period count, also those without detections; a session that the motion API did not start is not a motion.",
  "The simulation runs one session of D seconds from the motion's start, and none after it, for every D. A label's first detection in the motion is kept if it came within D: the producer time of the frame minus the session's start.",
  "A session of D seconds analyses D seconds, or as much as the motion's sessions did if that is less. Doorstep renews sessions while motion goes on; to really get one session per motion, set the camera's maxDurationSeconds and motionTimeoutSeconds both to D.",
  "A motion says something about D only if its sessions were allowed to run that long. Shares are of motions that were allowed the longest length shown, so that every length is compared on the same motions; longer ones are unknown. The cost of a motion that says nothing about D is counted as all of D, so it is an upper bound.",
  "An engine reports only the first detection of a label in a session. With a higher MinConfidence it might have reported a later, more certain frame, so the share missed by confidence is an upper bound. Detections without a confidence count as “any” alone.",
  "The engine frames detects at its samples, at 0, 1, 3 and 7 s of a session and then at most the camera's maxSampleGapSeconds apart. Its costs are simulated with samples at most 5 s apart.",
  "Rekognition ends a session of a stream processor at the first fragment boundary after its length, so real sessions detect slightly more.",
];
