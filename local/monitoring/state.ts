import { DAY_MS, MINUTE_MS } from "../../base/durations.ts";

/** Minutes stored per metric: one day. CloudWatch keeps minutes for 15 days, and coarser periods longer. */
const MAX_MINUTES = DAY_MS / MINUTE_MS;
/** Metrics stored, each a name with its dimensions; the one that is longest without a new value goes first. */
const MAX_METRICS = 2000;

export type Dimensions = Readonly<Record<string, string>>;

interface MetricKey {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** One value of a metric. */
export interface Point extends MetricKey {
  readonly unit: string;
  readonly value: number;
  readonly atMs: number;
}

/** The statistics that CloudWatch stores of the values of a period. */
export interface StatisticSet {
  SampleCount: number;
  Sum: number;
  Minimum: number;
  Maximum: number;
}

export interface Metric extends MetricKey {
  readonly unit: string;
  /** By the start of the minute, epoch milliseconds. */
  readonly minutes: Map<number, StatisticSet>;
}

/** The metrics of the last day, in memory: they are lost when the local cloud stops. */
export class MonitoringState {
  readonly #metrics = new Map<string, Metric>();

  add({ namespace, name, dimensions, unit, value, atMs }: Point): void {
    const key = keyOf({ namespace, name, dimensions });
    const metric = this.#metrics.get(key) ?? { namespace, name, dimensions, unit, minutes: new Map() };
    // Moves it to the end, away from the next to be removed.
    this.#metrics.delete(key);
    this.#metrics.set(key, metric);
    const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const before = metric.minutes.get(minuteMs);
    const one = { SampleCount: 1, Sum: value, Minimum: value, Maximum: value };
    metric.minutes.set(minuteMs, before ? merged(before, one) : one);
    dropFirst(metric.minutes, MAX_MINUTES);
    dropFirst(this.#metrics, MAX_METRICS);
  }

  list(): readonly Metric[] {
    return [...this.#metrics.values()];
  }

  /**
   * The statistics of a metric by the start of the period, oldest first. Periods start at multiples of their length;
   * those without values are left out.
   * @param fromMs inclusive
   * @param untilMs exclusive
   */
  periods(key: MetricKey, periodMs: number, fromMs: number, untilMs: number): Map<number, StatisticSet> {
    const periods = new Map<number, StatisticSet>();
    const minutes = [...(this.#metrics.get(keyOf(key))?.minutes ?? [])].toSorted(([a], [b]) => a - b);
    for (const [minuteMs, set] of minutes) {
      const startMs = Math.floor(minuteMs / periodMs) * periodMs;
      if (startMs < Math.floor(fromMs / periodMs) * periodMs || minuteMs >= untilMs) continue;
      const before = periods.get(startMs);
      periods.set(startMs, before ? merged(before, set) : { ...set });
    }
    return periods;
  }
}

const merged = (a: StatisticSet, b: StatisticSet): StatisticSet => ({
  SampleCount: a.SampleCount + b.SampleCount,
  Sum: a.Sum + b.Sum,
  Minimum: Math.min(a.Minimum, b.Minimum),
  Maximum: Math.max(a.Maximum, b.Maximum),
});

const keyOf = ({ namespace, name, dimensions }: MetricKey): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

function dropFirst(map: Map<unknown, unknown>, maxSize: number): void {
  if (map.size <= maxSize) return;
  const [first] = map.keys();
  map.delete(first);
}

/** Lines kept per log group; the oldest go first. The files of the data folder have all. */
const MAX_LINES = 5000;

/** A line of a log group. */
export interface LogLine {
  readonly id: string;
  readonly atMs: number;
  readonly message: string;
}

/** What functions have logged since the local cloud started, by log group. */
export class Logs {
  readonly #groups = new Map<string, LogLine[]>();
  #count = 0;

  create(group: string): void {
    if (!this.#groups.has(group)) this.#groups.set(group, []);
  }

  append(group: string, message: string, atMs: number): void {
    this.create(group);
    const lines = this.#groups.get(group)!;
    // Ids of AWS are 56 digits.
    lines.push({ id: String(++this.#count).padStart(56, "0"), atMs, message });
    if (lines.length > MAX_LINES) lines.shift();
  }

  /** The lines of a group, oldest first; undefined if there is no such group. */
  of(group: string): readonly LogLine[] | undefined {
    return this.#groups.get(group);
  }
}
