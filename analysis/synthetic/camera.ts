import { Random } from "./random.ts";

/** What every generated camera's id begins with, so that nobody takes its facts for real ones. */
export const GENERATED_PREFIX = "generated-";

/** What happens before a camera, as weights of its motions. */
export interface Habits {
  readonly person: number;
  readonly pet: number;
  readonly nothing: number;
  /** How likely a package comes on a day. */
  readonly packageADay: number;
}

export interface SyntheticCamera extends Habits {
  readonly index: number;
  readonly cameraId: string;
  readonly streamName: string;
  readonly streamArn: string;
  /** What the numbers of its fragments end with. */
  readonly fragmentEnding: string;
  /** How much more or less happens than before the others. */
  readonly activity: number;
  /** Sees leaves, rain and headlights move. */
  readonly isNoisy: boolean;
  /** Whether its engine says how sure it is. */
  readonly hasConfidence: boolean;
  readonly maxDurationSeconds: number;
  /** By how much its hours begin later than the clock's. */
  readonly offsetMs: number;
}

const HOUR_MS = 3_600_000;
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
/** 2020-01-01, as the time at which the streams were made. */
const STREAM_CREATED = "1577836800000";
const STREAM = "arn:aws:kinesisvideo:us-east-1:000000000000:stream";

/** A camera by its place in the fleet; the same for the same seed. */
export function syntheticCamera(index: number, seed: number, streamPrefix: string): SyntheticCamera {
  const random = new Random(seed, index, 0xca3e7a);
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
