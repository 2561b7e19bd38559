import { DAY_MS } from "../../../base/durations.ts";

/** One field of a pattern, e.g. `yyyy`, or literal text. */
type Field = { readonly letter: string; readonly count: number } | { readonly literal: string };

/** A pattern, parsed by `parseTimestampPattern`. */
export type TimestampPattern = readonly Field[];

/** The fields of a time in the stream's time zone. */
interface TimeFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly dayOfYear: number;
  /** 1 is Sunday. */
  readonly dayOfWeek: number;
}

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const MAX_LETTERS = 19;

const twoOrMore = (value: number, count: number): string => String(value).padStart(count, "0");

const year = ({ year }: TimeFields, count: number): string =>
  count === 2 ? String(year % 100).padStart(2, "0") : twoOrMore(year, count);

/** Letters as Java's DateTimeFormatter defines them; `Y`, week-based, is refused because it is nearly always a mistake. */
const LETTERS: Readonly<Record<string, (time: TimeFields, count: number) => string>> = {
  y: year,
  u: year,
  M: ({ month }, count) => {
    const name = MONTHS[month - 1]!;
    return count < 3 ? twoOrMore(month, count) : count === 3 ? name.slice(0, 3) : name;
  },
  d: ({ day }, count) => twoOrMore(day, count),
  D: ({ dayOfYear }, count) => twoOrMore(dayOfYear, count),
  E: ({ dayOfWeek }, count) => (count < 4 ? DAYS[dayOfWeek - 1]!.slice(0, 3) : DAYS[dayOfWeek - 1]!),
  H: ({ hour }, count) => twoOrMore(hour, count),
  h: ({ hour }, count) => twoOrMore(hour % 12 || 12, count),
  a: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  m: ({ minute }, count) => twoOrMore(minute, count),
  s: ({ second }, count) => twoOrMore(second, count),
};

/**
 * Parses a Java DateTimeFormatter pattern such as `yyyy/MM/dd/HH` (documented: Firehose guide, "Custom prefixes
 * for Amazon S3 objects").
 * @throws Error that names a letter which is not emulated
 */
export function parseTimestampPattern(pattern: string): TimestampPattern {
  const fields: Field[] = [];
  for (const [token] of pattern.matchAll(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'/g)) {
    if (token === "'") throw new Error(`the quote in ${pattern} is not closed`);
    if (token === "''") fields.push({ literal: "'" });
    else if (token.startsWith("'")) fields.push({ literal: token.slice(1, -1).replaceAll("''", "'") });
    else if (!/^[A-Za-z]/.test(token)) fields.push({ literal: token });
    else {
      const letter = token[0]!;
      if (!Object.hasOwn(LETTERS, letter) || token.length > MAX_LETTERS)
        throw new Error(
          `${token} in ${pattern} is not emulated; use the letters ${Object.keys(LETTERS).join(" ")}`,
        );
      fields.push({ letter, count: token.length });
    }
  }
  return fields;
}

/** @param timeZone an IANA name, e.g. `UTC` or `Asia/Tokyo` */
export function formatTimestamp(pattern: TimestampPattern, atMs: number, timeZone: string): string {
  const time = fieldsOf(atMs, timeZone);
  return pattern
    .map((field) => ("literal" in field ? field.literal : LETTERS[field.letter]!(time, field.count)))
    .join("");
}

const formats = new Map<string, Intl.DateTimeFormat>();

function fieldsOf(atMs: number, timeZone: string): TimeFields {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const midnightMs = Date.UTC(year, month - 1, day);
  return {
    year,
    month,
    day,
    hour,
    minute,
    second,
    dayOfYear: (midnightMs - Date.UTC(year, 0, 0)) / DAY_MS,
    dayOfWeek: new Date(midnightMs).getUTCDay() + 1,
  };
}
