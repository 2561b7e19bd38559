import type { QueryResult } from "../operator/athena.ts";
import { csvLine } from "../operator/csv-line.ts";
import type { Console } from "./console.ts";
import { textTable } from "./table.ts";

type Rows = Pick<QueryResult, "columns" | "columnTypes" | "rows">;

const NUMBER = /^(tinyint|smallint|int|integer|bigint|float|real|double|decimal)/;
/** Characters between two columns of a table. */
const SPACING = 2;
const MIN_COLUMN_WIDTH = 4;

/**
 * Formats a result as a table for people: numbers aligned to the right, NULL visible, control characters as dots.
 * @param maxWidth of a line in characters; the widest columns are cut with … until it fits
 */
export function resultTable(
  { columns, columnTypes, rows }: Rows,
  console: Console,
  maxWidth?: number,
): string {
  const isNumber = columnTypes.map((type) => NUMBER.test(type));
  const heads = columns.map((name, index) => `${isNumber[index] ? " " : ""}${plain(name)}`);
  const cells = rows.map((row) => row.map((value) => (value === null ? undefined : plain(value))));
  const natural = columns.map((name, index) =>
    Math.max(
      Array.from(name).length,
      ...cells.map((row) => (row[index] === undefined ? 4 : Array.from(row[index]).length)),
    ),
  );
  const total = natural.reduce((sum, width) => sum + width + SPACING, -SPACING);
  const widths =
    maxWidth === undefined || total <= maxWidth
      ? undefined
      : fit(natural, maxWidth - SPACING * (columns.length - 1));
  return textTable(
    heads,
    cells.map((row) => row.map((cell) => cell ?? console.style("dim", "NULL"))),
    widths,
  );
}

const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, "·");

/** Widths that sum up to at most `available`: the widest columns shrink, none below a few characters. */
function fit(widths: readonly number[], available: number): number[] {
  let cap = Math.max(...widths);
  const sum = () => widths.reduce((total, width) => total + Math.min(width, cap), 0);
  while (cap > MIN_COLUMN_WIDTH && sum() > available) cap--;
  return widths.map((width) => Math.min(width, cap));
}

/** Formats a result as CSV (RFC 4180), one text per line. */
export const resultCsv = ({ columns, rows }: Rows): string[] => [columns, ...rows].map(csvLine);

/** The rows as objects: numbers and booleans as such where JSON keeps them exactly, everything else as Athena prints it. */
export function resultObjects({ columns, columnTypes, rows }: Rows): Record<string, unknown>[] {
  const names = columns.map((name, index) => {
    const repetition = columns.slice(0, index).filter((one) => one === name).length;
    return repetition === 0 ? name : `${name}_${repetition + 1}`;
  });
  return rows.map((row) =>
    Object.fromEntries(
      row.map((value, index) => [names[index]!, jsonValue(value, columnTypes[index] ?? "")]),
    ),
  );
}

function jsonValue(value: string | null, type: string): unknown {
  if (value === null) return null;
  if (type === "boolean") return value === "true";
  if (!NUMBER.test(type) || type.startsWith("decimal")) return value;
  const number = Number(value);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))
    ? number
    : value;
}
