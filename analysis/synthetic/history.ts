import { syntheticCamera, type SyntheticCamera } from "./camera.ts";
import { HOUR_MS, motionsOf, roomMsOf } from "./motion.ts";
import { Random } from "./random.ts";
import { emitMotion } from "./session.ts";

/** What history to make up. */
export interface HistoryOptions {
  readonly cameras: number;
  /** From then on, and up to but not including; epoch milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** A whole number from 0 to 4,294,967,295. */
  readonly seed: number;
  /** Of a camera, on average over the fleet, within a fifth. */
  readonly detectionsPerDay: number;
  /** What the fleet's stream names begin with. */
  readonly streamPrefix: string;
  /** Where the pictures would lie; none is made. */
  readonly evidenceBucket: string;
}

/**
 * Told of each notification or entry of the ledger that Firehose receives, as the parsed JSON it would be.
 * @param what `detection_records` or `session_records`, by the delivery stream it arrives at
 */
export type Emit = (
  what: "detection_records" | "session_records",
  document: object,
  arrivalMs: number,
) => void;

/** Labels that an average motion brings, measured over many cameras and weeks. */
const DETECTIONS_PER_MOTION = 0.85;
const SALT = 0x5e5510;

/** The fleet of a history; the same for the same options. */
export function syntheticFleet({ cameras, seed, streamPrefix }: HistoryOptions): SyntheticCamera[] {
  return Array.from({ length: cameras }, (_, index) => syntheticCamera(index, seed, streamPrefix));
}

/**
 * Tells of what a camera's sessions of one hour publish. All its facts lie in this hour of the clock or the next, since
 * the camera's hour begins at its own minute. Motions that reach out of the asked time are left out.
 * @param hour hours since the epoch
 */
export function emitHour(camera: SyntheticCamera, hour: number, options: HistoryOptions, emit: Emit): void {
  const { fromMs, untilMs, seed, detectionsPerDay } = options;
  const motions = motionsOf(camera, hour, detectionsPerDay / DETECTIONS_PER_MOTION, seed);
  if (motions.length === 0) return;
  const random = new Random(seed ^ SALT, camera.index, hour);
  // An hour has no room for a thousand sessions, so that no two of a camera have the same number.
  let attempt = hour * 1000;
  for (const motion of motions) {
    const roomMs = roomMsOf(motion.sessions, camera.maxDurationSeconds);
    const isAsked = motion.startMs >= fromMs && motion.startMs + roomMs <= untilMs;
    // Also what is left out takes its chances, so that the rest is the same whatever the days.
    emitMotion(
      camera,
      motion,
      { random, attempt, untilMs, evidenceBucket: options.evidenceBucket },
      isAsked ? emit : () => {},
    );
    attempt += motion.sessions;
  }
}

/** The hours whose motions can touch the asked time. */
export function hoursOf({ fromMs, untilMs }: Pick<HistoryOptions, "fromMs" | "untilMs">): {
  first: number;
  end: number;
} {
  return { first: Math.floor(fromMs / HOUR_MS), end: Math.ceil(untilMs / HOUR_MS) };
}
