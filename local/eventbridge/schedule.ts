import { OperatorError } from "../errors.ts";

/** The next run after a time, both in epoch milliseconds; undefined when there is none. */
export type Schedule = (afterMs: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A cron expression that matches no day within this time never runs. */
const SEARCH_DAYS = 366 * 8;

/**
 * `rate(5 minutes)` counts from `startMs`; `cron(0 10 * * ? *)` is in UTC, on the minute (documented:
 * EventBridge, scheduled rules, where AWS runs "within that minute").
 * @throws OperatorError for anything else, and for `L`, `W` and `#` in cron, which are not emulated
 */
export function parseSchedule(expression: string, startMs: number): Schedule {
  const [, kind, body = ""] = /^(rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
  const schedule = kind === "rate" ? rate(body, startMs) : kind === "cron" ? cron(body) : undefined;
  if (!schedule)
    throw new OperatorError(
      `ScheduleExpression: ${expression} is neither a rate nor a cron expression that is emulated`,
    );
  return schedule;
}

/** Documented: the unit is singular for 1 and plural otherwise. */
function rate(body: string, startMs: number): Schedule | undefined {
  const [, number, unit] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? [];
  const value = Number(number);
  if (!unit || value < 1 || body.endsWith("s") !== value > 1) return undefined;
  const periodMs = value * UNIT_MS[unit]!;
  return (afterMs) => startMs + (Math.floor((afterMs - startMs) / periodMs) + 1) * periodMs;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Minutes, hours, day of month, month, day of week (1 is Sunday), year. */
function cron(body: string): Schedule | undefined {
  const fields = body.split(/\s+/);
  if (fields.length !== 6) return undefined;
  const [minutes, hours, daysOfMonth, months, daysOfWeek, years] = [
    field(fields[0]!, 0, 59),
    field(fields[1]!, 0, 23),
    field(fields[2]!, 1, 31),
    field(fields[3]!, 1, 12, MONTHS),
    field(fields[4]!, 1, 7, WEEKDAYS),
    field(fields[5]!, 1970, 2199),
  ];
  // Documented: one of the two day fields is `?`, and only they may be.
  const questions = fields.map((text) => text === "?");
  if (questions[2] === questions[4] || [0, 1, 3, 5].some((index) => questions[index])) return undefined;
  if (!minutes || !hours || !daysOfMonth || !months || !daysOfWeek || !years) return undefined;

  const isDay = (day: Date): boolean =>
    daysOfMonth.has(day.getUTCDate()) &&
    months.has(day.getUTCMonth() + 1) &&
    daysOfWeek.has(day.getUTCDay() + 1) &&
    years.has(day.getUTCFullYear());
  return (afterMs) => {
    const firstMs = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
    const firstDayMs = Math.floor(firstMs / DAY_MS) * DAY_MS;
    for (let days = 0; days < SEARCH_DAYS; days++) {
      const dayMs = firstDayMs + days * DAY_MS;
      if (!isDay(new Date(dayMs))) continue;
      for (const hour of hours)
        for (const minute of minutes) {
          const atMs = dayMs + (hour * 60 + minute) * MINUTE_MS;
          if (atMs >= firstMs) return atMs;
        }
    }
    return undefined;
  };
}

/** The values a field allows, in order: `*`, `?`, `5`, `1-5`, `20-2`, `0/15`, names, and lists of these. */
function field(
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): Set<number> | undefined {
  const number = (part: string): number => {
    const name = names.indexOf(part.toUpperCase());
    return name >= 0 ? name + least : /^\d+$/.test(part) ? Number(part) : NaN;
  };
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", step] = part.split("/");
    const whole = range === "*" || range === "?";
    const [first = "", last] = range.split("-");
    const from = whole ? least : number(first);
    const to = whole || (step !== undefined && last === undefined) ? most : number(last ?? first);
    const by = step === undefined ? 1 : number(step);
    const isInside = (value: number) => value >= least && value <= most;
    if (!isInside(from) || !isInside(to) || !(by >= 1)) return undefined;
    // A range may wrap around, as hours do in `20-2`.
    const length = to >= from ? to - from : to - from + (most - least + 1);
    for (let offset = 0; offset <= length; offset += by)
      values.add(least + ((from - least + offset) % (most - least + 1)));
  }
  return new Set([...values].toSorted((a, b) => a - b));
}
