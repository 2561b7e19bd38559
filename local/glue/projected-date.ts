/** One end of a projected date range. */
export interface Bound {
  /** The bound in epoch milliseconds, given what time it is. */
  at(nowMs: number): number;
}

/** How a date projection steps. */
export type StepUnit = "YEARS" | "MONTHS" | "WEEKS" | "DAYS" | "HOURS" | "MINUTES" | "SECONDS";

interface Step {
  /** The moment `count` steps later, UTC. */
  add(fromMs: number, count: number): number;
  /** Whether whole multiples of `interval` steps lead from one moment to the other. */
  reaches(fromMs: number, atMs: number, interval: number): boolean;
}

const fixed = (stepMs: number): Step => ({
  add: (fromMs, count) => fromMs + count * stepMs,
  reaches: (fromMs, atMs, interval) => (atMs - fromMs) % (stepMs * interval) === 0,
});

const months = (perStep: number): Step => ({
  add: addMonths(perStep),
  reaches: (fromMs, atMs, interval) => {
    const steps = monthOf(atMs) - monthOf(fromMs);
    return steps % (perStep * interval) === 0 && addMonths(1)(fromMs, steps) === atMs;
  },
});

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const STEP_UNITS: Readonly<Record<StepUnit, Step>> = {
  YEARS: months(12),
  MONTHS: months(1),
  WEEKS: fixed(7 * DAY_MS),
  DAYS: fixed(DAY_MS),
  HOURS: fixed(HOUR_MS),
  MINUTES: fixed(MINUTE_MS),
  SECONDS: fixed(SECOND_MS),
};

/** Digits that a Java pattern letter run stands for, by the run. */
const FIELDS: Readonly<
  Record<string, { readonly digits: number; readonly unit: StepUnit | "MILLISECONDS" }>
> = {
  yyyy: { digits: 4, unit: "YEARS" },
  MM: { digits: 2, unit: "MONTHS" },
  dd: { digits: 2, unit: "DAYS" },
  HH: { digits: 2, unit: "HOURS" },
  mm: { digits: 2, unit: "MINUTES" },
  ss: { digits: 2, unit: "SECONDS" },
  SSS: { digits: 3, unit: "MILLISECONDS" },
};
const ORDER = Object.values(FIELDS).map(({ unit }) => unit);

/** A Java DateTimeFormatter pattern of fixed-width numbers, UTC: `yyyy-MM-dd`, `yyyy/MM/dd/HH`, `yyyyMMdd'T'HH`. */
export class DateFormat {
  /** As it was given. */
  readonly pattern: string;
  readonly #parts: readonly string[];
  readonly #reader: RegExp;
  readonly #fields: readonly string[];

  /** @throws RangeError for a pattern letter that is not emulated */
  constructor(pattern: string) {
    this.pattern = pattern;
    this.#parts = pattern.match(/'(?:[^']|'')*'|([a-zA-Z])\1*|[^a-zA-Z']+/g) ?? [];
    this.#fields = this.#parts.filter((part) => /^[a-zA-Z]/.test(part));
    const unknown = this.#fields.find((field) => !Object.hasOwn(FIELDS, field));
    if (unknown || this.#fields.length === 0 || !this.#fields.includes("yyyy"))
      throw new RangeError(
        `is ${pattern}; ${unknown ? `"${unknown}" is not emulated` : "yyyy is missing"} ` +
          `(there are ${Object.keys(FIELDS).join(", ")})`,
      );
    this.#reader = new RegExp(
      `^${this.#parts.map((part) => (FIELDS[part] ? `(\\d{${FIELDS[part].digits}})` : escape(literal(part)))).join("")}$`,
    );
  }

  /** Epoch milliseconds of a value spelled exactly so; undefined for any other text, or no real date. */
  parse(value: string): number | undefined {
    const match = this.#reader.exec(value);
    if (!match) return undefined;
    const number = (field: string, missing: number): number => {
      const index = this.#fields.indexOf(field);
      return index < 0 ? missing : Number(match[index + 1]);
    };
    const atMs = Date.UTC(
      number("yyyy", 1970),
      number("MM", 1) - 1,
      number("dd", 1),
      number("HH", 0),
      number("mm", 0),
      number("ss", 0),
      number("SSS", 0),
    );
    return this.print(atMs) === value ? atMs : undefined;
  }

  print(atMs: number): string {
    const [year = "", month = "", day = "", hour = "", minute = "", second = "", millisecond = ""] = new Date(
      atMs,
    )
      .toISOString()
      .split(/[-T:.Z]/);
    const values: Record<string, string> = {
      yyyy: year, MM: month, dd: day, HH: hour, mm: minute, ss: second, SSS: millisecond,
    }; // prettier-ignore
    return this.#parts.map((part) => values[part] ?? literal(part)).join("");
  }

  /** The moment as precisely as the pattern can say it. */
  truncate(atMs: number): number {
    return this.parse(this.print(atMs))!;
  }

  /** Athena's `interval.unit` where none is given: days or months, and none for finer or coarser patterns. */
  get defaultStepUnit(): StepUnit | undefined {
    const finest = this.#fields
      .map((field) => FIELDS[field]!.unit)
      .toSorted((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0];
    return finest === "DAYS" || finest === "MONTHS" ? finest : undefined;
  }
}

const NOW = /^\s*NOW\s*(?:([+-])\s*(\d{1,9})\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?\s*)?$/;

/**
 * `NOW`, `NOW+1DAY`, `NOW-3YEARS`, or a date in the column's format (documented: Athena guide, "Date type").
 * @throws RangeError for anything else
 */
export function parseBound(text: string, format: DateFormat): Bound {
  const now = NOW.exec(text);
  if (now) {
    const [, sign, count = "0", unit = "DAY"] = now;
    const steps = Number(count) * (sign === "-" ? -1 : 1);
    return { at: (nowMs) => STEP_UNITS[`${unit}S` as StepUnit].add(nowMs, steps) };
  }
  const atMs = format.parse(text.trim());
  if (atMs === undefined)
    throw new RangeError(
      `has the bound ${text}; expected a date like ${format.pattern}, or NOW, NOW+1DAY, NOW-3YEARS`,
    );
  return { at: () => atMs };
}

const monthOf = (atMs: number): number => {
  const date = new Date(atMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};

/** Adds months, staying within the month as Java does: 31 January plus one month is 28 or 29 February. */
function addMonths(perStep: number): (fromMs: number, count: number) => number {
  return (fromMs, count) => {
    const date = new Date(fromMs);
    const day = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + count * perStep);
    const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    date.setUTCDate(Math.min(day, lastDay));
    return date.getTime();
  };
}

/** What a quoted or plain part of a pattern stands for. */
const literal = (part: string): string =>
  part === "''" ? "'" : part.startsWith("'") ? part.slice(1, -1).replaceAll("''", "'") : part;

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
