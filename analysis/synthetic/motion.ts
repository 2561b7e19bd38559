import type { SyntheticCamera } from "./camera.ts";
import { Random } from "./random.ts";

/** What a motion shows. `delivery` brings the package that lies there until the `pick-up`. */
export type Scene = "person" | "pet" | "nothing" | "delivery" | "pick-up";

export interface Motion {
  readonly scene: Scene;
  readonly startMs: number;
  /** How many sessions cover it. */
  readonly sessions: number;
  readonly lengthMs: number;
  readonly packageLies: boolean;
}

export const HOUR_MS = 3_600_000;
const HOURS_PER_DAY = 24;
/** Day 0 of the epoch was a Thursday. */
const isWeekend = (day: number): boolean => [2, 3].includes(day % 7);

// How much of a day's share of each falls into an hour of the day (UTC), 24 of them in each.
const PEOPLE = normalised([1, 1, 1, 1, 1, 2, 6, 12, 11, 7, 6, 7, 9, 7, 6, 8, 11, 14, 13, 10, 7, 5, 3, 2]);
const WEEKEND_PEOPLE = normalised([
  2, 1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 10, 10, 10, 9, 8, 6, 5, 4, 3,
]);
const PETS = normalised([10, 11, 11, 10, 9, 7, 5, 3, 2, 2, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 11, 10]);
const NOISE = normalised([4, 4, 4, 4, 4, 5, 7, 6, 5, 5, 6, 7, 7, 7, 7, 6, 6, 8, 9, 7, 5, 5, 4, 4]);

const MEDIAN_LENGTH_MS = 9000;
/** A fragment's length: a session ends at the first fragment's end after its time is up. */
export const FRAGMENT_MS = 2000;
const MAX_SESSIONS = 6;
/** Latest that a motion's first session begins after it, where its start is throttled. */
export const MAX_START_DELAY_MS = 5000;
const MEAN_HOURS_LYING = 2.5;

/**
 * What moves before a camera in one of its hours, in order and never at the same time, sessions included.
 * @param hour hours since the epoch; the camera's begins `offsetMs` later than the clock's
 */
export function motionsOf(
  camera: SyntheticCamera,
  hour: number,
  motionsPerDay: number,
  seed: number,
): Motion[] {
  const random = new Random(seed, camera.index, hour);
  const day = Math.floor(hour / HOURS_PER_DAY);
  const hourOfDay = hour - day * HOURS_PER_DAY;
  const { person, pet, nothing, activity } = camera;
  const weights = [
    person * (isWeekend(day) ? WEEKEND_PEOPLE : PEOPLE)[hourOfDay]!,
    pet * PETS[hourOfDay]!,
    nothing * NOISE[hourOfDay]!,
  ];
  // Normalised by what an average camera has, so that a noisy one has more motions and not fewer people.
  const mean = ((weights[0]! + weights[1]! + weights[2]!) / MEAN_WEIGHT) * motionsPerDay * activity;
  const scenes: Scene[] = Array.from(
    { length: random.count(mean) },
    () => (["person", "pet", "nothing"] as const)[random.weighted(weights)]!,
  );

  const story = packageOf(camera, day, seed);
  const deliveryAt = story?.fromHour === hourOfDay ? random.whole(0, scenes.length + 1) : undefined;
  if (deliveryAt !== undefined) scenes.splice(deliveryAt, 0, "delivery");
  const pickUpAt =
    story?.untilHour === hourOfDay ? random.whole((deliveryAt ?? -1) + 1, scenes.length + 1) : undefined;
  if (pickUpAt !== undefined) scenes.splice(pickUpAt, 0, "pick-up");
  const lies = (index: number) =>
    story !== undefined &&
    (hourOfDay > story.fromHour || (deliveryAt !== undefined && index > deliveryAt)) &&
    (hourOfDay < story.untilHour || (pickUpAt !== undefined && index <= pickUpAt));
  return placed(scenes, lies, camera, hour, random);
}

/** Gives the scenes their times: the hour's free time falls between them at random. What finds no room is left out. */
function placed(
  scenes: readonly Scene[],
  lies: (index: number) => boolean,
  { maxDurationSeconds, offsetMs }: SyntheticCamera,
  hour: number,
  random: Random,
): Motion[] {
  let freeMs = HOUR_MS;
  const fitting: { index: number; lengthMs: number; sessions: number }[] = [];
  for (const index of scenes.keys()) {
    const wishedMs = Math.round(random.longTailed(MEDIAN_LENGTH_MS, 0.6));
    const sessions = Math.min(MAX_SESSIONS, Math.ceil(wishedMs / (maxDurationSeconds * 1000)));
    const roomMs = roomMsOf(sessions, maxDurationSeconds);
    if (roomMs > freeMs) continue;
    freeMs -= roomMs;
    fitting.push({
      index,
      sessions,
      lengthMs: Math.max(1000, Math.min(wishedMs, sessions * maxDurationSeconds * 1000)),
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

/** How long sessions can take from a motion's beginning, the last fragment of each included. */
export const roomMsOf = (sessions: number, maxDurationSeconds: number): number =>
  MAX_START_DELAY_MS + sessions * (maxDurationSeconds * 1000 + FRAGMENT_MS);

/** The day's package: in which hours it comes and goes. */
function packageOf({ index, packageADay }: SyntheticCamera, day: number, seed: number) {
  if (packageADay === 0) return undefined;
  const random = new Random(seed, index, day ^ 0x9ac4a9e);
  if (!random.chance(packageADay * (isWeekend(day) ? 0.4 : 1))) return undefined;
  const fromHour = random.whole(9, 19);
  const hoursLying = Math.floor(-MEAN_HOURS_LYING * Math.log(1 - random.share()));
  return { fromHour, untilHour: Math.min(HOURS_PER_DAY - 1, fromHour + hoursLying) };
}

function normalised(shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => share / sum);
}

/** The sum of an average camera's weights of motion. */
const MEAN_WEIGHT = 10;
