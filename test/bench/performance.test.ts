import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { format, resolveConfig } from "prettier";
import type { BenchResult } from "../../bench/result.ts";
import { growthChart } from "../../tools/docs/growth-chart.ts";
import { performancePages } from "../../tools/docs/performance.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/** Plot shifts groups by half a pixel where a global `it` exists, as in a test. */
const unshifted = (svg: string): string => svg.replaceAll(/ transform="translate\([^)]*\)"/g, "");

test("docs/performance.md and its charts are made from bench/results.json (run `npm run docs` and review the diff)", async () => {
  const { results } = JSON.parse(read("bench/results.json")) as { results: BenchResult[] };
  const { page, charts } = performancePages(results);
  const options = { ...(await resolveConfig("docs/performance.md")), parser: "markdown" };
  expect(read("docs/performance.md").split("\n")).toEqual((await format(page, options)).split("\n"));
  for (const [name, svg] of Object.entries(charts))
    expect(unshifted(read(`docs/${name}`))).toBe(unshifted(svg));
});

test("a chart has a point of each size and names each series", () => {
  const point = (size: number, seconds: number) => ({ size, seconds, cpuSeconds: seconds, peakMb: 500 });
  const svg = growthChart(
    [
      { name: "events", points: [point(1000, 1), point(10_000, 9), point(100_000, 80)] },
      { name: "cameras", points: [point(10, 1), point(100, 2)] },
    ],
    "seconds",
    "seconds",
  );
  expect(svg.match(/<circle /g)).toHaveLength(5);
  for (const text of ["events", "cameras", "↑ seconds", "100K"]) expect(svg).toContain(`>${text}</text>`);
});
