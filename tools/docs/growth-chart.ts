import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
import type { Point, Series } from "../../bench/result.ts";

const SIZE = { width: 760, height: 400 } as const;
/** Okabe and Ito's colours, and dashes for those who cannot distinguish them. */
const LINES = [
  { light: "#0072b2", dark: "#56b4e9", dash: "" },
  { light: "#d55e00", dark: "#f0894a", dash: "7 3" },
  { light: "#007a59", dark: "#35c79d", dash: "2 3" },
] as const;
const STYLE = `svg { --paper: #fdfcfa; --ink: #1c2024; --line: #e3e1dc; ${LINES.map(({ light }, index) => `--${index}: ${light};`).join(" ")}
  background: var(--paper); color: var(--ink); font-family: system-ui, sans-serif }
@media (prefers-color-scheme: dark) { svg { --paper: #14171c; --ink: #e8e9ec; --line: #343a46; ${LINES.map(({ dark }, index) => `--${index}: ${dark};`).join(" ")} } }`;

/** 1, 2 and 5 times each power of ten, from a thousandth to a billion. */
const ROUND = Array.from({ length: 13 }, (_, index) => 10 ** (index - 3)).flatMap((power) => [
  power,
  2 * power,
  5 * power,
]);
const within = (numbers: readonly number[], [least, most]: readonly [number, number]): number[] =>
  numbers.filter((one) => one >= least && one <= most);
const compact = new Intl.NumberFormat("en-US", { notation: "compact" });

/**
 * How a measure grows with the size, both axes logarithmic: an SVG document that follows the reader's light or dark scheme.
 * A faint line from each first point is linear growth.
 */
export function growthChart(
  series: readonly Series[],
  measure: Exclude<keyof Point, "size">,
  title: string,
): string {
  const values = series.flatMap(({ points }) => points.map((one) => one[measure]));
  const sizes = series.flatMap(({ points }) => points.map(({ size }) => size));
  const sizeRange = [Math.min(...sizes), Math.max(...sizes)] as const;
  const valueRange = [Math.min(...values) / 1.5, Math.max(...values) * 1.5] as const;
  const xTicks = [...new Set(sizes)];
  const yTicks = within(ROUND, valueRange);
  const { document } = new JSDOM("").window;
  const svg = Plot.plot({
    document: document as never,
    ...SIZE,
    marginLeft: 64,
    marginRight: 118,
    marginBottom: 44,
    ariaLabel: title,
    style: { fontSize: "13px" },
    x: {
      type: "log",
      domain: sizeRange,
      label: "size →",
      labelOffset: 40,
      ticks: xTicks,
      tickFormat: (value: number) => compact.format(value),
    },
    y: {
      type: "log",
      domain: valueRange,
      label: `↑ ${title}`,
      ticks: yTicks,
      tickFormat: (value: number) => compact.format(value),
    },
    marks: [
      Plot.gridX({ ticks: xTicks, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.gridY({ ticks: yTicks, stroke: "var(--line)", strokeOpacity: 1 }),
      ...series.flatMap(({ name, points }, index) => {
        const { dash } = LINES[index % LINES.length]!;
        const colour = `var(--${index % LINES.length})`;
        const [first] = points;
        const last = points.at(-1)!;
        // As far as the chart goes.
        const times = Math.min(last.size / first!.size, valueRange[1] / first![measure]);
        const linear = [1, times].map((one) => ({
          size: first!.size * one,
          [measure]: first![measure] * one,
        }));
        return [
          Plot.line(linear, { x: "size", y: measure, stroke: colour, strokeOpacity: 0.35 }),
          Plot.line(points, {
            x: "size",
            y: measure,
            stroke: colour,
            strokeWidth: 2.5,
            strokeDasharray: dash,
          }),
          Plot.dot(points, { x: "size", y: measure, fill: colour, r: 4 }),
          Plot.text([last], {
            x: "size",
            y: measure,
            text: () => name,
            fill: colour,
            stroke: "var(--paper)",
            strokeWidth: 4,
            fontWeight: "bold",
            textAnchor: "start",
            dx: 9,
          }),
        ];
      }),
    ],
  });
  const style = document.createElement("style");
  style.textContent = STYLE;
  svg.append(style);
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  // Hundredths of a pixel are precise enough.
  return `${svg.outerHTML.replaceAll(/(\d+\.\d\d)\d+/g, "$1")}\n`;
}
