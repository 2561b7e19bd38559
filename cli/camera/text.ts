/**
 * Labels, regions and schedules as text: in flags, in the cells of a table and in output. Each parser throws a
 * {@link TextError} with the text and what was expected; the schema checks ranges.
 */
import {
  DEFAULT_CONFIDENCE,
  isLabelName,
  LABELS,
  WEEKDAYS,
  type ArmedHours,
  type RegionOfInterest,
  type Schedule,
} from "../../schemas/camera.ts";
import { readNumber } from "../../schemas/values.ts";

/** Text that cannot be parsed. */
export class TextError extends Error {
  override readonly name = "TextError";
}

const MAX_SHOWN_CHARACTERS = 60;

const wrong = (text: string, expected: string): TextError => {
  const shown = text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
  return new TextError(`${shown.trim() === "" ? "empty" : shown}; expected ${expected}`);
};

/** The parts between separators, trimmed, without empty ones. */
const partsOf = (text: string, separator: string | RegExp): string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** @throws TextError for text that is not a number */
export function parseNumber(text: string): number {
  const number = readNumber(text);
  if (number === undefined) throw wrong(text, "a number");
  return number;
}

const LABELS_EXPECTED = `labels such as PERSON=80,PET=50,PACKAGE: ${LABELS.join(", ")} or names of Rekognition's list such as Car, each once, with its minimum confidence, 0 to 100`;

/** `PERSON=80,PET=50,Car`: a label without a number has Rekognition's default minimum confidence. */
export function parseLabels(text: string): Record<string, number> {
  const labels: Record<string, number> = {};
  for (const part of partsOf(text, ",")) {
    const [, name = "", confidence] = /^([^=]*[^=\s])\s*(?:=\s*([^=]*))?$/.exec(part) ?? [];
    const label = labelNamed(name);
    const minimum = confidence === undefined ? DEFAULT_CONFIDENCE : readNumber(confidence);
    if (label === undefined || minimum === undefined || label in labels) throw wrong(part, LABELS_EXPECTED);
    labels[label] = minimum;
  }
  if (Object.keys(labels).length === 0) throw wrong(text, LABELS_EXPECTED);
  return labels;
}

/** A confidence without its equals sign is no part of a name. */
const ENDS_IN_NUMBER = /\s[\d.]+$/;
const SHORTEST_SHOUTED = 3;

/**
 * PERSON, PET or PACKAGE, in capitals or not; else a name of Rekognition's list, whose words begin with capitals. DetectLabels
 * filters by exact names, so `car` and `CAR` become `Car`; names in both kinds of letters, and short ones such as TV, stay.
 */
function labelNamed(name: string): string | undefined {
  const common = LABELS.find((one) => one === name.toUpperCase());
  if (common !== undefined) return common;
  if (!isLabelName(name) || ENDS_IN_NUMBER.test(name)) return undefined;
  const isShouted = name === name.toUpperCase() && name.length >= SHORTEST_SHOUTED;
  return isShouted || name === name.toLowerCase()
    ? name.toLowerCase().replaceAll(/(?<![A-Za-z'])[a-z]/g, (letter) => letter.toUpperCase())
    : name;
}

export const formatLabels = (labels: Readonly<Record<string, number | undefined>>): string =>
  Object.entries(labels)
    .map(([label, confidence]) => `${label}=${confidence}`)
    .join(",");

const REGION_EXPECTED =
  "a box left,top,width,height or a polygon of points x,y x,y x,y, in shares of the frame from 0 to 1";
const BOX_NUMBERS = 4;
const POINT_NUMBERS = 2;

/** `left,top,width,height`, or a polygon of points between spaces: `x,y x,y x,y`. */
export function parseRegion(text: string): RegionOfInterest {
  const points = partsOf(text.replaceAll(/\s*,\s*/g, ","), /\s+/).map((part) =>
    part.split(",").map(readNumber),
  );
  const areNumbers = points.every((point) => point.every((number) => number !== undefined));
  if (areNumbers && points.length === 1 && points[0]!.length === BOX_NUMBERS) {
    const [left, top, width, height] = points[0] as [number, number, number, number];
    return { box: { left, top, width, height } };
  }
  if (!areNumbers || points.length < 2 || points.some(({ length }) => length !== POINT_NUMBERS))
    throw wrong(text, REGION_EXPECTED);
  return { polygon: (points as [number, number][]).map(([x, y]) => ({ x, y })) };
}

/** Regions between semicolons; `none` is the whole frame. */
export function parseRegions(text: string): RegionOfInterest[] {
  if (isWord(text, "none")) return [];
  const regions = partsOf(text, ";").map(parseRegion);
  if (regions.length === 0) throw wrong(text, `${REGION_EXPECTED}, or none`);
  return regions;
}

const formatRegion = (region: RegionOfInterest): string => {
  if ("polygon" in region) return region.polygon.map(({ x, y }) => `${x},${y}`).join(" ");
  const { left, top, width, height } = region.box;
  return [left, top, width, height].join(",");
};

export const formatRegions = (regions: readonly RegionOfInterest[]): string =>
  regions.map(formatRegion).join("; ") || "none";

const SCHEDULE_EXPECTED =
  "hours such as mon-fri 18:00-24:00; sat,sun 00:00-24:00, with days mon to sun and times 00:00 to 24:00, or always, or never";
const HOURS = /^([a-z]{3}(?:\s*[-,]\s*[a-z]{3})*)\s+(\d\d:\d\d)\s*-\s*(\d\d:\d\d)$/;
const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;
const MIDNIGHT = { begins: "00:00", ends: "24:00" } as const;

type Weekday = (typeof WEEKDAYS)[number];

/**
 * `mon-fri 18:00-24:00; sat,sun 00:00-24:00`. A night such as `fri 22:00-06:00` becomes two entries: until midnight, and
 * from midnight of the next day. `always` is no schedule, `never` an empty one.
 */
export function parseSchedule(text: string): Schedule | undefined {
  if (isWord(text, "always")) return undefined;
  if (isWord(text, "never")) return [];
  const entries = partsOf(text, ";").flatMap(hoursOf);
  if (entries.length === 0) throw wrong(text, SCHEDULE_EXPECTED);
  return entries;
}

function hoursOf(text: string): ArmedHours[] {
  const [, named = "", from = "", until = ""] = HOURS.exec(text.toLowerCase()) ?? [];
  if (!CLOCK.test(from) || !CLOCK.test(until) || from === until || from === MIDNIGHT.ends)
    throw wrong(text, SCHEDULE_EXPECTED);
  const days = daysOf(named, text);
  if (from < until) return [{ days, from, until }];
  const evening = { days, from, until: MIDNIGHT.ends };
  if (until === MIDNIGHT.begins) return [evening];
  const next = inOrder(days.map((day) => WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % WEEKDAYS.length]!));
  return [evening, { days: next, from: MIDNIGHT.begins, until }];
}

/** `mon-fri,sun`; a range may include the change from Sunday to Monday. */
function daysOf(named: string, text: string): Weekday[] {
  const days: Weekday[] = [];
  for (const part of partsOf(named, ",")) {
    const ends = partsOf(part, "-").map((day) => WEEKDAYS.indexOf(day as Weekday));
    if (ends.length > 2 || ends.includes(-1)) throw wrong(text, SCHEDULE_EXPECTED);
    const [first, last = first] = ends as [number, number?];
    const length = ((last - first + WEEKDAYS.length) % WEEKDAYS.length) + 1;
    for (let day = 0; day < length; day++) days.push(WEEKDAYS[(first + day) % WEEKDAYS.length]!);
  }
  return inOrder(days);
}

const inOrder = (days: readonly Weekday[]): Weekday[] => WEEKDAYS.filter((day) => days.includes(day));

export function formatSchedule(schedule: Schedule | undefined): string {
  if (schedule === undefined) return "always";
  return (
    schedule.map(({ days, from, until }) => `${formatDays(days)} ${from}-${until}`).join("; ") || "never"
  );
}

/** Three or more consecutive days are a range. */
function formatDays(given: readonly Weekday[]): string {
  const runs: Weekday[][] = [];
  for (const day of inOrder(given)) {
    const run = runs.at(-1);
    if (run && WEEKDAYS.indexOf(run.at(-1)!) + 1 === WEEKDAYS.indexOf(day)) run.push(day);
    else runs.push([day]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(","))).join(",");
}

/** `key=value`. @throws TextError */
export function parseTag(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw wrong(text, "a tag such as site=north");
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

const isWord = (text: string, word: string): boolean => text.trim().toLowerCase() === word;
