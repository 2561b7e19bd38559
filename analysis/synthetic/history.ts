import { HOUR_MS } from "../../base/durations.ts";
import { syntheticCamera, type SyntheticCamera } from "./camera.ts";
import { motionsOf, roomMsOf } from "./motion.ts";
import { SeededRandom } from "./random.ts";
import { emitMotion, type Emit } from "./session.ts";

/** Which history to generate. */
export interface HistoryOptions {
  readonly cameras: number;
  /** Start, and end (excluded), epoch milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** A whole number from 0 to 4,294,967,295. */
  readonly seed: number;
  /** Per camera, on average over the fleet, within a fifth. */
  readonly detectionsPerDay: number;
  /** Prefix of the fleet's stream names. */
  readonly streamPrefix: string;
  /** Bucket of the image URIs; no image is generated. */
  readonly evidenceBucket: string;
  /** Set for faces of synthetic persons besides; all else is the same without. */
  readonly faces?: true;
}

/** Detections of an average motion, measured over many cameras and weeks. */
const DETECTIONS_PER_MOTION = 0.85;
const SALT = 0x5e5510;
const FACES_SALT = 0xface5;

/** The cameras of a history; the same options give the same cameras. */
export function syntheticFleet({ cameras, seed, streamPrefix }: HistoryOptions): SyntheticCamera[] {
  return Array.from({ length: cameras }, (_, index) => syntheticCamera(index, seed, streamPrefix));
}

/**
 * Emits what a camera's sessions of one hour publish. The times are in this hour of the clock or the next, since the
 * camera's hour begins at its own minute. Motions that extend beyond the history's start or end are omitted.
 * @param hour hours since the epoch
 */
export function emitHour(camera: SyntheticCamera, hour: number, options: HistoryOptions, emit: Emit): void {
  const { fromMs, untilMs, seed, detectionsPerDay } = options;
  const motions = motionsOf(camera, hour, detectionsPerDay / DETECTIONS_PER_MOTION, seed);
  if (motions.length === 0) return;
  const random = new SeededRandom(seed ^ SALT, camera.index, hour);
  const faces = options.faces && {
    faces: { random: new SeededRandom(seed ^ FACES_SALT, camera.index, hour), seed },
  };
  // An hour has fewer than a thousand sessions, so the numbers of a camera's attempts are unique.
  let attempt = hour * 1000;
  for (const motion of motions) {
    const roomMs = roomMsOf(motion.sessions, camera.maxDurationSeconds);
    const isWithin = motion.startMs >= fromMs && motion.startMs + roomMs <= untilMs;
    // Omitted motions consume random numbers too, so that the rest does not depend on the period.
    emitMotion(
      camera,
      motion,
      { random, attempt, untilMs, evidenceBucket: options.evidenceBucket, ...faces },
      isWithin ? emit : () => {},
    );
    attempt += motion.sessions;
  }
}

/** The hours whose motions can be within the history. */
export function hoursOf({ fromMs, untilMs }: Pick<HistoryOptions, "fromMs" | "untilMs">): {
  first: number;
  end: number;
} {
  return { first: Math.floor(fromMs / HOUR_MS), end: Math.ceil(untilMs / HOUR_MS) };
}
