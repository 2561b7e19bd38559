import { HOUR_MS } from "../../base/durations.ts";
import { SeededRandom } from "./random.ts";

/** Prefix of every synthetic camera's id, which distinguishes its data from real data. */
export const GENERATED_PREFIX = "generated-";

/** What a camera films, as weights of its motions. */
interface Habits {
  readonly person: number;
  readonly pet: number;
  readonly nothing: number;
  /** Probability of a package per day. */
  readonly packageADay: number;
}

export interface SyntheticCamera extends Habits {
  readonly index: number;
  readonly cameraId: string;
  readonly streamName: string;
  readonly streamArn: string;
  /** Suffix of its fragment numbers. */
  readonly fragmentEnding: string;
  /** Factor on the number of its motions. */
  readonly activity: number;
  /** Films leaves, rain and headlights. */
  readonly isNoisy: boolean;
  /** Whether its detections have a confidence. */
  readonly hasConfidence: boolean;
  readonly maxDurationSeconds: number;
  /** How much later its hours begin than the clock's. */
  readonly offsetMs: number;
}

const PLACES: readonly (readonly [string, Habits])[] = [
  ["front-door", { person: 6, pet: 1, nothing: 3, packageADay: 0.35 }],
  ["back-yard", { person: 2, pet: 4, nothing: 4, packageADay: 0 }],
  ["driveway", { person: 4, pet: 1.5, nothing: 4, packageADay: 0.1 }],
  ["hallway", { person: 6, pet: 2.5, nothing: 1, packageADay: 0 }],
];
const SESSION_SECONDS = [10, 20, 20, 30] as const;
const NOISY_SHARE = 0.06;
const WITHOUT_CONFIDENCE_SHARE = 0.03;
const MAX_ACTIVITY = 2.5;
/** Creation time of the streams, 2020-01-01. */
const STREAM_CREATED = "1577836800000";
const STREAM = "arn:aws:kinesisvideo:us-east-1:000000000000:stream";

/** A camera by its index in the fleet; the same seed gives the same camera. */
export function syntheticCamera(index: number, seed: number, streamPrefix: string): SyntheticCamera {
  const random = new SeededRandom(seed, index, 0xca3e7a);
  const [place, habits] = PLACES[index % PLACES.length]!;
  const isNoisy = random.chance(NOISY_SHARE);
  const cameraId = `${GENERATED_PREFIX}${seed}-${place}-${String(index + 1).padStart(3, "0")}`;
  const streamName = `${streamPrefix}${cameraId}`;
  return {
    ...habits,
    nothing: isNoisy ? habits.nothing * 6 : habits.nothing,
    index,
    cameraId,
    streamName,
    streamArn: `${STREAM}/${streamName}/${STREAM_CREATED}`,
    fragmentEnding: String(index).padStart(17, "0"),
    activity: Math.min(MAX_ACTIVITY, random.longTailed(0.95, 0.35)),
    isNoisy,
    hasConfidence: !random.chance(WITHOUT_CONFIDENCE_SHARE),
    maxDurationSeconds: SESSION_SECONDS[random.whole(0, SESSION_SECONDS.length)]!,
    offsetMs: random.whole(0, HOUR_MS),
  };
}
