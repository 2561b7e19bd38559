import type { JSX } from "preact";
import type { Execution } from "../../../schemas/console/queries.ts";
import { isNumberType } from "./numbers.ts";

interface Bar {
  readonly name: string;
  readonly value: number;
}

/** A result as bars: a name each, and a number. */
export interface ChartData {
  readonly nameColumn: string;
  readonly valueColumn: string;
  readonly bars: readonly Bar[];
  /** More rows than are drawn. */
  readonly left: number;
}

const MAX_BARS = 60;
const BAR_HEIGHT = 26;
const WIDTH = 720;
const NAMES_WIDTH = 190;
const VALUES_WIDTH = 70;
const MAX_NAME = 26;

/** How a result is drawn: its last column of numbers by the columns of names before it; undefined without both. */
export function chartOf(
  columns: NonNullable<Execution["columns"]>,
  rows: readonly (readonly (string | null)[])[],
): ChartData | undefined {
  const numbers = columns.flatMap(({ type }, index) => (isNumberType(type) ? [index] : []));
  const names = columns.flatMap(({ type }, index) => (isNumberType(type) ? [] : [index]));
  const value = numbers[0];
  if (value === undefined || names.length === 0) return undefined;
  const shown = names.slice(0, 2);
  const bars = rows.flatMap((row) => {
    const number = Number(row[value] ?? Number.NaN);
    const name = shown.map((index) => row[index] ?? "null").join(", ");
    return Number.isFinite(number) ? [{ name, value: number }] : [];
  });
  return {
    nameColumn: shown.map((index) => columns[index]!.name).join(", "),
    valueColumn: columns[value]!.name,
    bars: bars.slice(0, MAX_BARS),
    left: Math.max(0, bars.length - MAX_BARS),
  };
}

/** Horizontal bars, which have room for names. */
export function Chart({
  chart: { nameColumn, valueColumn, bars, left },
}: {
  readonly chart: ChartData;
}): JSX.Element {
  const most = Math.max(0, ...bars.map(({ value }) => value));
  const least = Math.min(0, ...bars.map(({ value }) => value));
  const room = WIDTH - NAMES_WIDTH - VALUES_WIDTH;
  const xOf = (value: number): number => NAMES_WIDTH + ((value - least) / (most - least || 1)) * room;
  const height = bars.length * BAR_HEIGHT + 8;
  return (
    <figure class="ask-chart">
      <figcaption>
        {valueColumn} by {nameColumn}
        {left > 0 && `; ${left} more rows are in the table`}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={`${valueColumn} by ${nameColumn}, ${bars.length} bars`}
      >
        {bars.map(({ name, value }, index) => {
          const y = index * BAR_HEIGHT + 4;
          const [from, to] = [xOf(Math.min(0, value)), xOf(Math.max(0, value))];
          return (
            <g key={index}>
              <title>{`${name}: ${value.toLocaleString("en")}`}</title>
              <text x={NAMES_WIDTH - 8} y={y + 15} text-anchor="end">
                {name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name}
              </text>
              <rect x={from} y={y + 2} width={Math.max(1, to - from)} height={BAR_HEIGHT - 8} rx="3" />
              <text class="value" x={to + 6} y={y + 15}>
                {value.toLocaleString("en", { maximumFractionDigits: 2 })}
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
