const MINUTE_MS = 60_000;
/** Minutes kept of each metric: a day, where CloudWatch keeps 15 days of minutes and longer what is coarser. */
const MAX_MINUTES = 24 * 60;
/** Metrics kept, each a name with its dimensions; those that were told of least lately go first. */
const MAX_METRICS = 2000;

export type Dimensions = Readonly<Record<string, string>>;

export interface MetricKey {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** One value of a metric at a moment. */
export interface Point extends MetricKey {
  readonly unit: string;
  readonly value: number;
  readonly atMs: number;
}

/** What CloudWatch keeps of all values of a while. */
export interface StatisticSet {
  SampleCount: number;
  Sum: number;
  Minimum: number;
  Maximum: number;
}

export interface Metric extends MetricKey {
  readonly unit: string;
  /** By the minute's start, epoch milliseconds. */
  readonly minutes: Map<number, StatisticSet>;
}

/** The metrics of the last day, in memory: they are gone with the local cloud. */
export class MetricStore {
  readonly #metrics = new Map<string, Metric>();

  add({ namespace, name, dimensions, unit, value, atMs }: Point): void {
    const key = keyOf({ namespace, name, dimensions });
    const metric = this.#metrics.get(key) ?? { namespace, name, dimensions, unit, minutes: new Map() };
    // Last told of is last in line to go.
    this.#metrics.delete(key);
    this.#metrics.set(key, metric);
    const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const before = metric.minutes.get(minuteMs);
    const one = { SampleCount: 1, Sum: value, Minimum: value, Maximum: value };
    metric.minutes.set(minuteMs, before ? merged(before, one) : one);
    forgetFirst(metric.minutes, MAX_MINUTES);
    forgetFirst(this.#metrics, MAX_METRICS);
  }

  list(): readonly Metric[] {
    return [...this.#metrics.values()];
  }

  /**
   * Values of a metric by periods that begin at multiples of the period, oldest first; periods without values are left out.
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

function forgetFirst(map: Map<unknown, unknown>, most: number): void {
  if (map.size <= most) return;
  const [first] = map.keys();
  map.delete(first);
}
