/**
 * How time and memory grow with the events of the topic, the cameras and the files of the lake, on the local cloud with the
 * packaged functions. Each point is a process of its own (`growth-point.ts`). Growth is linear where its exponent between
 * the two largest sizes is 1: ten times the size, ten times the time.
 *
 *     npm run bench -- growth [-- --sizes=3]
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { START_FLAGS } from "../test/support/start-flags.ts";
import { rounded } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { figure, report, type Point, type Series } from "./result.ts";

/** Of each, the first three are measured by default: the last one of events takes most of an hour. */
const SIZES = {
  events: [1000, 10_000, 100_000, 1_000_000],
  cameras: [10, 100, 1000, 10_000],
  "files of the lake": [10, 100, 1000, 10_000],
} as const;
/** Measured exponents of linear growth are not exactly 1. */
const LINEAR = { atMost: 1.1 } as const;

// An exponent needs two.
const count = Math.max(2, numberFlag("sizes", 3));
const pointFile = fileURLToPath(new URL("./growth-point.ts", import.meta.url));

const series: Series[] = [];
for (const [name, sizes] of Object.entries(SIZES)) {
  const points = sizes.slice(0, count).map((size) => {
    console.error(`  ${size} ${name}`);
    const args = [...START_FLAGS, pointFile, name, String(size)];
    const printed = execFileSync(process.execPath, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    return JSON.parse(printed.trim().split("\n").at(-1)!) as Point;
  });
  series.push({ name, points });
}

/** By which power of the size a measure grows from the second largest size to the largest. */
function exponentOf({ points }: Series, measure: "seconds" | "cpuSeconds" | "peakMb"): number {
  const [before, last] = points.slice(-2);
  return rounded(Math.log(last![measure] / before![measure]) / Math.log(last!.size / before!.size));
}

report("growth", {
  figures: series.flatMap((one) => [
    ...one.points.map(({ size, seconds }) => figure(`${size} ${one.name}`, seconds, "s")),
    figure(`${one.name}: exponent of the time`, exponentOf(one, "seconds"), "", LINEAR),
    figure(`${one.name}: exponent of the processor time`, exponentOf(one, "cpuSeconds"), "", LINEAR),
    figure(`${one.name}: exponent of the peak memory`, exponentOf(one, "peakMb"), "", LINEAR),
  ]),
  series,
  sameWork: "every event is in the lake once, every camera had one session, and the query read every row",
});
