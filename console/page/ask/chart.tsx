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

/** Horizontal bars, which have room for names at every width. */
export function Chart({ chart }: { readonly chart: ChartData }): JSX.Element {
  const { nameColumn, valueColumn, bars, left } = chart;
  const most = Math.max(0, ...bars.map(({ value }) => value));
  const least = Math.min(0, ...bars.map(({ value }) => value));
  const shareOf = (value: number): number => ((value - least) / (most - least || 1)) * 100;
  return (
    <figure class="ask-chart">
      <figcaption>
        {valueColumn} by {nameColumn}
        {left > 0 && `; ${left} more rows are in the table`}
      </figcaption>
      <ul>
        {bars.map(({ name, value }, index) => {
          const [from, to] = [shareOf(Math.min(0, value)), shareOf(Math.max(0, value))];
          return (
            <li key={index}>
              <span class="ask-bar-name">{name}</span>
              <svg aria-hidden="true">
                <rect x={`${from}%`} width={`${Math.max(0.3, to - from)}%`} height="100%" rx="3" />
              </svg>
              <b>{value.toLocaleString("en", { maximumFractionDigits: 2 })}</b>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}
