import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";

/** One end of a projected date range: epoch milliseconds, given the time now. */
export type Bound = (nowMs: number) => number;

/** How a date projection steps. */
export type StepUnit = "YEARS" | "MONTHS" | "WEEKS" | "DAYS" | "HOURS" | "MINUTES" | "SECONDS";

interface Step {
  /** The time `count` steps later, UTC. */
  add(fromMs: number, count: number): number;
  /** Whether a whole multiple of `interval` steps leads from one time to the other. */
  reaches(fromMs: number, atMs: number, interval: number): boolean;
}

const fixed = (stepMs: number): Step => ({
  add: (fromMs, count) => fromMs + count * stepMs,
  reaches: (fromMs, atMs, interval) => (atMs - fromMs) % (stepMs * interval) === 0,
});

const months = (perStep: number): Step => ({
  add: (fromMs, count) => addMonths(fromMs, count * perStep),
  reaches: (fromMs, atMs, interval) => {
    const count = monthOf(atMs) - monthOf(fromMs);
    return count % (perStep * interval) === 0 && addMonths(fromMs, count) === atMs;
  },
});

export const STEP_UNITS: Readonly<Record<StepUnit, Step>> = {
  YEARS: months(12),
  MONTHS: months(1),
  WEEKS: fixed(7 * DAY_MS),
  DAYS: fixed(DAY_MS),
  HOURS: fixed(HOUR_MS),
  MINUTES: fixed(MINUTE_MS),
  SECONDS: fixed(SECOND_MS),
};

/** The fields of a Java pattern, from coarse to fine, with the number of their digits and their value when absent. */
const FIELDS: ReadonlyMap<string, { readonly digits: number; readonly missing: number }> = new Map([
  ["yyyy", { digits: 4, missing: 1970 }],
  ["MM", { digits: 2, missing: 1 }],
  ["dd", { digits: 2, missing: 1 }],
  ["HH", { digits: 2, missing: 0 }],
  ["mm", { digits: 2, missing: 0 }],
  ["ss", { digits: 2, missing: 0 }],
  ["SSS", { digits: 3, missing: 0 }],
]);

/** A Java DateTimeFormatter pattern of fixed-width numbers, UTC: `yyyy-MM-dd`, `yyyy/MM/dd/HH`, `yyyyMMdd'T'HH`. */
export class DateFormat {
  readonly pattern: string;
  /** What stands in a value: the place of a field in an ISO 8601 time, or text. */
  readonly #printed: readonly (number | string)[];
  readonly #reader: RegExp;
  readonly #fields: readonly string[];

  /** @throws RangeError for a pattern letter that is not emulated */
  constructor(pattern: string) {
    this.pattern = pattern;
    const parts: readonly string[] = pattern.match(/'(?:[^']|'')*'|([a-zA-Z])\1*|[^a-zA-Z']+/g) ?? [];
    const fields = [...FIELDS.keys()];
    this.#printed = parts.map((part) => (FIELDS.has(part) ? fields.indexOf(part) : literal(part)));
    this.#fields = parts.filter((part) => /^[a-zA-Z]/.test(part));
    const unknown = this.#fields.find((field) => !FIELDS.has(field));
    if (unknown || !this.#fields.includes("yyyy"))
      throw new RangeError(
        `is ${pattern}; ${unknown ? `"${unknown}" is not emulated` : "yyyy is missing"} ` +
          `(expected ${[...FIELDS.keys()].join(", ")})`,
      );
    const readers = parts.map((part) => {
      const field = FIELDS.get(part);
      return field ? `(\\d{${field.digits}})` : RegExp.escape(literal(part));
    });
    this.#reader = new RegExp(`^${readers.join("")}$`);
  }

  /** Epoch milliseconds of a value in exactly this format; undefined for any other text and for a date that does not exist. */
  parse(value: string): number | undefined {
    const match = this.#reader.exec(value);
    if (!match) return undefined;
    const [year = 0, month = 0, ...rest] = Array.from(FIELDS, ([field, { missing }]) => {
      const index = this.#fields.indexOf(field);
      return index < 0 ? missing : Number(match[index + 1]);
    });
    const atMs = Date.UTC(year, month - 1, ...rest);
    return this.print(atMs) === value ? atMs : undefined;
  }

  print(atMs: number): string {
    const numbers = new Date(atMs).toISOString().split(/[-T:.Z]/);
    return this.#printed.map((part) => (typeof part === "number" ? numbers[part] : part)).join("");
  }

  /** The time, to the precision of the pattern. */
  truncate(atMs: number): number {
    return this.parse(this.print(atMs))!;
  }

  /** Athena's default for `interval.unit`: only patterns to the day or the month have one. */
  get defaultStepUnit(): StepUnit | undefined {
    const finest = [...FIELDS.keys()].findLast((field) => this.#fields.includes(field));
    return finest === "dd" ? "DAYS" : finest === "MM" ? "MONTHS" : undefined;
  }
}

const NOW = /^\s*NOW\s*(?:([+-])\s*(\d{1,9})\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?\s*)?$/;

/**
 * Parses `NOW`, `NOW+1DAY`, `NOW-3YEARS`, or a date in the column's format (documented: Athena guide, "Date type").
 * @throws RangeError for anything else
 */
export function parseBound(text: string, format: DateFormat): Bound {
  const now = NOW.exec(text);
  if (now) {
    const [, sign, count = "0", unit = "DAY"] = now;
    const steps = Number(count) * (sign === "-" ? -1 : 1);
    return (nowMs) => STEP_UNITS[`${unit}S` as StepUnit].add(nowMs, steps);
  }
  const atMs = format.parse(text.trim());
  if (atMs === undefined)
    throw new RangeError(
      `has the bound ${text}; expected a date like ${format.pattern}, or NOW, NOW+1DAY, NOW-3YEARS`,
    );
  return () => atMs;
}

function monthOf(atMs: number): number {
  const date = new Date(atMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Adds months and stays within the month, as Java does: 31 January plus one month is 28 or 29 February. */
function addMonths(fromMs: number, count: number): number {
  const date = new Date(fromMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, lastDay));
}

/** The text of a part of a pattern that is not a field. */
const literal = (part: string): string =>
  part === "''" ? "'" : part.startsWith("'") ? part.slice(1, -1).replaceAll("''", "'") : part;
