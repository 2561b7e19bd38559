import { HOUR_MS } from "../../base/durations.ts";
import type { SyntheticCamera } from "./camera.ts";
import { SeededRandom } from "./random.ts";

/** What a motion shows. A package lies there from a `delivery` until its `pick-up`. */
type Scene = "person" | "pet" | "nothing" | "delivery" | "pick-up";

export interface Motion {
  readonly scene: Scene;
  readonly startMs: number;
  /** Number of sessions that cover it. */
  readonly sessions: number;
  readonly lengthMs: number;
  readonly packageLies: boolean;
}

const HOURS_PER_DAY = 24;
/** Day 0 of the epoch was a Thursday. */
const isWeekend = (day: number): boolean => [2, 3].includes(day % 7);

// Shares of a day's motions per hour of the day, UTC.
const PEOPLE = normalised([1, 1, 1, 1, 1, 2, 6, 12, 11, 7, 6, 7, 9, 7, 6, 8, 11, 14, 13, 10, 7, 5, 3, 2]);
const WEEKEND_PEOPLE = normalised([
  2, 1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 10, 10, 10, 9, 8, 6, 5, 4, 3,
]);
const PETS = normalised([10, 11, 11, 10, 9, 7, 5, 3, 2, 2, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 11, 10]);
const NOISE = normalised([4, 4, 4, 4, 4, 5, 7, 6, 5, 5, 6, 7, 7, 7, 7, 6, 6, 8, 9, 7, 5, 5, 4, 4]);

const MEDIAN_LENGTH_MS = 9000;
/** Length of a fragment: a session ends at the first fragment boundary after its duration. */
export const FRAGMENT_MS = 2000;
const MAX_SESSIONS = 6;
/** Maximum delay of a motion's first session, if its start is throttled. */
export const MAX_START_DELAY_MS = 5000;
const MEAN_HOURS_LYING = 2.5;

/**
 * The motions of a camera in one of its hours, in order and without overlap, including their sessions.
 * @param hour hours since the epoch; the camera's begins `offsetMs` later than the clock's
 */
export function motionsOf(
  camera: SyntheticCamera,
  hour: number,
  motionsPerDay: number,
  seed: number,
): Motion[] {
  const random = new SeededRandom(seed, camera.index, hour);
  const day = Math.floor(hour / HOURS_PER_DAY);
  const hourOfDay = hour - day * HOURS_PER_DAY;
  const { person, pet, nothing, activity } = camera;
  const weights = [
    person * (isWeekend(day) ? WEEKEND_PEOPLE : PEOPLE)[hourOfDay]!,
    pet * PETS[hourOfDay]!,
    nothing * NOISE[hourOfDay]!,
  ];
  // Relative to an average camera, so that a noisy one has more motions and not fewer people.
  const mean = ((weights[0]! + weights[1]! + weights[2]!) / MEAN_WEIGHT) * motionsPerDay * activity;
  const scenes: Scene[] = Array.from(
    { length: random.count(mean) },
    () => (["person", "pet", "nothing"] as const)[random.weighted(weights)]!,
  );

  const parcel = packageOf(camera, day, seed);
  const deliveryAt = parcel?.fromHour === hourOfDay ? random.whole(0, scenes.length + 1) : undefined;
  if (deliveryAt !== undefined) scenes.splice(deliveryAt, 0, "delivery");
  const pickUpAt =
    parcel?.untilHour === hourOfDay ? random.whole((deliveryAt ?? -1) + 1, scenes.length + 1) : undefined;
  if (pickUpAt !== undefined) scenes.splice(pickUpAt, 0, "pick-up");
  const lies = (index: number) =>
    parcel !== undefined &&
    (hourOfDay > parcel.fromHour || (deliveryAt !== undefined && index > deliveryAt)) &&
    (hourOfDay < parcel.untilHour || (pickUpAt !== undefined && index <= pickUpAt));
  return placed(scenes, lies, camera, hour, random);
}

/** Places the scenes in the hour, with random pauses. Scenes that do not fit are omitted. */
function placed(
  scenes: readonly Scene[],
  lies: (index: number) => boolean,
  { maxDurationSeconds, offsetMs }: SyntheticCamera,
  hour: number,
  random: SeededRandom,
): Motion[] {
  let freeMs = HOUR_MS;
  const fitting: { index: number; lengthMs: number; sessions: number }[] = [];
  for (const index of scenes.keys()) {
    const desiredMs = Math.round(random.longTailed(MEDIAN_LENGTH_MS, 0.6));
    const sessions = Math.min(MAX_SESSIONS, Math.ceil(desiredMs / (maxDurationSeconds * 1000)));
    const roomMs = roomMsOf(sessions, maxDurationSeconds);
    if (roomMs > freeMs) continue;
    freeMs -= roomMs;
    fitting.push({
      index,
      sessions,
      lengthMs: Math.max(1000, Math.min(desiredMs, sessions * maxDurationSeconds * 1000)),
    });
  }
  const gaps = Float64Array.from(fitting, () => random.share() * freeMs).sort();
  let takenMs = hour * HOUR_MS + offsetMs;
  return fitting.map(({ index, sessions, lengthMs }, place) => {
    const startMs = takenMs + Math.floor(gaps[place]!);
    takenMs += roomMsOf(sessions, maxDurationSeconds);
    return { scene: scenes[index]!, startMs, sessions, lengthMs, packageLies: lies(index) };
  });
}

/** Maximum duration of the sessions from a motion's start, including the last fragment of each. */
export const roomMsOf = (sessions: number, maxDurationSeconds: number): number =>
  MAX_START_DELAY_MS + sessions * (maxDurationSeconds * 1000 + FRAGMENT_MS);

/** The day's package: the hours of its delivery and its pick-up. */
function packageOf({ index, packageADay }: SyntheticCamera, day: number, seed: number) {
  if (packageADay === 0) return undefined;
  const random = new SeededRandom(seed, index, day ^ 0x9ac4a9e);
  if (!random.chance(packageADay * (isWeekend(day) ? 0.4 : 1))) return undefined;
  const fromHour = random.whole(9, 19);
  const hoursLying = Math.floor(-MEAN_HOURS_LYING * Math.log(1 - random.share()));
  return { fromHour, untilHour: Math.min(HOURS_PER_DAY - 1, fromHour + hoursLying) };
}

function normalised(shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => share / sum);
}

/** Sum of an average camera's weights. */
const MEAN_WEIGHT = 10;
