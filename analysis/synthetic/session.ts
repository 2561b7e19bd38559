import { DAY_MS, HOUR_MS } from "../../base/durations.ts";
import type { Coverage, GapReason } from "../../schemas/coverage.ts";
import type { SyntheticCamera } from "./camera.ts";
import { syntheticFaces } from "./face.ts";
import { FRAGMENT_MS, MAX_START_DELAY_MS, type Motion } from "./motion.ts";
import { completion, detection, type FirstDetection } from "./notification.ts";
import type { SeededRandom } from "./random.ts";

/**
 * Called with each notification or ledger entry that Firehose would receive, as parsed JSON.
 * @param what the table of the delivery stream that it arrives at
 */
export type Emit = (
  what: "detection_records" | "session_records" | "face_records",
  document: object,
  arrivalMs: number,
) => void;

export interface Circumstances {
  readonly random: SeededRandom;
  /** Number of the first session's attempt. */
  readonly attempt: number;
  /** End of the history: late records arrive at that time at the latest. */
  readonly untilMs: number;
  readonly evidenceBucket: string;
  /** Set for faces: random numbers of their own, so that all else stays the same without them. */
  readonly faces?: { readonly random: SeededRandom; readonly seed: number };
}

const THROTTLED_SHARE = 0.008;
const NO_VIDEO_SHARE = 0.004;
const FAILED_SHARE = 0.003;
const LOST_SHARE = 0.002;
/** Share of a noisy camera's late motions that exceed its daily budget. */
const BUDGET_SHARE = 0.3;
const BUDGET_FROM_HOUR = 20;
const LATE_SHARE = 0.004;
const DUPLICATE_SHARE = 0.003;
const MEDIAN_LATE_MS = 900_000;
const MAX_LATE_MS = 2 * DAY_MS;
const MAX_DUPLICATE_MS = 120_000;
const FALSE_DETECTION_SHARE = 0.12;
const LABELS = ["PERSON", "PET"] as const;

/** Emits everything that a motion's sessions publish, and the ledger's entries for them. */
export function emitMotion(
  camera: SyntheticCamera,
  motion: Motion,
  circumstances: Circumstances,
  emit: Emit,
): void {
  const { random } = circumstances;
  const { cameraId, maxDurationSeconds } = camera;
  const endMs = motion.startMs + motion.lengthMs;
  const arrive: Emit = (what, document, arrivalMs) => deliver(what, document, arrivalMs, circumstances, emit);
  const enter = (entry: Coverage) =>
    arrive("session_records", entry, entry.untilMs + random.whole(900, 5000));
  const gap = (fromMs: number, untilMs: number, reason: GapReason) =>
    enter({
      type: "COVERAGE",
      eventId: `${cameraId}/${fromMs}-${untilMs}/${reason}`,
      cameraId,
      outcome: "gap",
      reason,
      fromMs,
      untilMs,
    });

  const missed = missedBecause(camera, motion, random);
  if (missed) return gap(motion.startMs, endMs, missed);

  let fromMs = motion.startMs;
  if (random.chance(THROTTLED_SHARE)) {
    fromMs += Math.min(motion.lengthMs, random.whole(500, MAX_START_DELAY_MS));
    gap(motion.startMs, fromMs, "throttled");
  }
  let chainFromMs = fromMs;
  for (let index = 0; fromMs < endMs && index < motion.sessions; index++) {
    const sessionId = random.id();
    const attempt = circumstances.attempt + index;
    if (random.chance(FAILED_SHARE)) {
      const reason = "Access denied to the video stream.";
      enter({
        type: "COVERAGE",
        eventId: `${cameraId}/${attempt}/failed`,
        cameraId,
        outcome: "failed",
        reason,
        sessionId,
        maxDurationSeconds,
        chainFromMs,
        fromMs,
        untilMs: fromMs,
      });
      return gap(fromMs, endMs, "session-failed");
    }
    const processedMs = maxDurationSeconds * 1000 + random.whole(0, FRAGMENT_MS);
    const images = `s3://${circumstances.evidenceBucket}/labels/${camera.streamName}/${sessionId}/`;
    const session = { camera, sessionId, startMs: fromMs, random, images };
    for (const found of firstDetectionsOf(camera, motion, fromMs, index, random)) {
      const detectedMs = found[0]!.afterMs;
      if (detectedMs >= processedMs) continue;
      arrive(
        "detection_records",
        detection(session, found),
        fromMs + detectedMs + FRAGMENT_MS + random.whole(700, 3500),
      );
      if (found.some(({ label, isDoubtful }) => label === "PERSON" && !isDoubtful))
        emitFaces(camera, sessionId, [fromMs + detectedMs, fromMs + processedMs], circumstances, emit);
    }
    const untilMs = fromMs + processedMs;
    const isLost = random.chance(LOST_SHARE);
    if (!isLost)
      arrive("session_records", completion(session, processedMs), untilMs + random.whole(500, 2500));
    const outcome = isLost ? "lost" : "completed";
    const entry: Coverage = {
      type: "COVERAGE",
      eventId: `${cameraId}/${attempt}/${outcome}`,
      cameraId,
      outcome,
      sessionId,
      maxDurationSeconds,
      chainFromMs,
      fromMs,
      untilMs,
    };
    enter(isLost ? { ...entry, reason: "the end of the session was never reported" } : entry);
    fromMs = untilMs;
    // What a lost session analysed is unknown, so the next one begins a new chain.
    if (isLost) chainFromMs = untilMs;
  }
}

function emitFaces(
  camera: SyntheticCamera,
  sessionId: string,
  [fromMs, untilMs]: readonly [number, number],
  circumstances: Circumstances,
  emit: Emit,
): void {
  const { faces } = circumstances;
  if (!faces) return;
  const { random, seed } = faces;
  for (const face of syntheticFaces(camera, { seed, sessionId, fromMs, untilMs }, random))
    deliver(
      "face_records",
      face,
      face.seenAtMs + FRAGMENT_MS + random.whole(900, 4500),
      { ...circumstances, random },
      emit,
    );
}

function missedBecause(
  { isNoisy }: SyntheticCamera,
  { startMs }: Motion,
  random: SeededRandom,
): GapReason | undefined {
  const hourOfDay = Math.floor(startMs / HOUR_MS) % 24;
  if (isNoisy && hourOfDay >= BUDGET_FROM_HOUR && random.chance(BUDGET_SHARE)) return "budget";
  return random.chance(NO_VIDEO_SHARE) ? "no-video" : undefined;
}

/** A session's first detections, each list in one frame: people before the packages they bring, every label once. */
function firstDetectionsOf(
  { isNoisy }: SyntheticCamera,
  { scene, packageLies }: Motion,
  fromMs: number,
  index: number,
  random: SeededRandom,
): FirstDetection[][] {
  const found: FirstDetection[][] = [];
  const hourOfDay = Math.floor(fromMs / HOUR_MS) % 24;
  const isDark = hourOfDay < 6 || hourOfDay >= 20;
  // In a motion's first session, people and pets enter the frame; later sessions begin with them in it.
  const afterMs = () => Math.round(random.longTailed(index === 0 ? 1800 : 500, index === 0 ? 0.8 : 0.6));
  if (packageLies && random.chance(0.85))
    found.push([{ label: "PACKAGE", afterMs: random.whole(0, 800), isDark }]);
  if (scene === "nothing") {
    if (random.chance(isNoisy ? 1.5 * FALSE_DETECTION_SHARE : FALSE_DETECTION_SHARE))
      found.push([{ label: LABELS[random.whole(0, 2)]!, afterMs: afterMs(), isDark, isDoubtful: true }]);
    return found;
  }
  if (index > 0 && random.chance(0.3)) return found;
  if (scene === "pet") {
    found.push([{ label: "PET", afterMs: afterMs(), isDark }]);
    return found;
  }
  const person: FirstDetection = { label: "PERSON", afterMs: afterMs(), isDark };
  found.push([person]);
  if (scene === "delivery")
    found.push([
      { label: "PACKAGE", afterMs: person.afterMs + Math.round(random.longTailed(2500, 0.5)), isDark },
    ]);
  else if (random.chance(0.07)) found.at(-1)!.push({ label: "PET", afterMs: person.afterMs, isDark });
  return found;
}

/** Delays some records and duplicates some. None arrives after the history's end, except those in transfer at that time. */
function deliver(
  what: Parameters<Emit>[0],
  document: object,
  arrivalMs: number,
  { random, untilMs }: Circumstances,
  emit: Emit,
): void {
  const lastMs = Math.max(arrivalMs, untilMs);
  const lateMs = random.chance(LATE_SHARE)
    ? Math.min(MAX_LATE_MS, Math.round(random.longTailed(MEDIAN_LATE_MS, 1.5)))
    : 0;
  const receivedMs = Math.min(lastMs, arrivalMs + lateMs);
  emit(what, document, receivedMs);
  if (random.chance(DUPLICATE_SHARE))
    emit(
      what,
      document,
      Math.max(receivedMs, Math.min(lastMs, receivedMs + random.whole(1000, MAX_DUPLICATE_MS))),
    );
}
