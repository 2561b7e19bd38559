import { coverageOf, coveredShares, type Coverage, type Span } from "../../analysis/coverage.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { findFragments, FOOTAGE_FLAGS, openFootage } from "../footage.ts";
import { textTable } from "../table.ts";
import { counted, duration, iso, megabytes, readTime, TIME_NOTE } from "../text.ts";

const FLAGS = {
  from: { type: "string", value: "<time>", about: "start of the interval; by default the first footage" },
  to: { type: "string", value: "<time>", about: "end of the interval; by default the last footage" },
  ...FOOTAGE_FLAGS,
} as const;

const NOTES = `${TIME_NOTE}
Fragments that follow each other within 1 s count as continuous; longer pauses are gaps, and so is time without footage at
the requested start or end. An overlap is time that more than one fragment shows: the same video was uploaded twice.
Needs kinesisvideo:GetDataEndpoint and ListFragments, and for a camera cloudformation:DescribeStacks and dynamodb:GetItem.`;

/** The width of the bar: the terminal's, within these limits; fixed without a terminal or colours. */
const BAR = { plainCells: 72, minCells: 50, maxCells: 200 } as const;

export const coverage = defineCommand({
  name: "coverage",
  about: "Show which footage of a camera exists, and its gaps",
  operands: ["<camera>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [camera], console, signal, clock }) {
    const nowMs = clock.now();
    const requested = {
      ...(flags.from !== undefined && { startMs: readTime("--from", flags.from, nowMs) }),
      ...(flags.to !== undefined && { endMs: readTime("--to", flags.to, nowMs) }),
    };
    if ((requested.startMs ?? -Infinity) >= (requested.endMs ?? Infinity))
      throw new UsageError("--from must be before --to");
    const { footage, streamName } = await openFootage(camera!, flags, clock);
    try {
      const fragments = await findFragments(footage, requested, { console, signal, nowMs });
      const found = coverageOf(fragments, requested);
      for (const line of coverageLines(camera!, found, requested, console)) console.say(line);
      console.result({ camera, streamName, ...requested, ...found });
    } finally {
      footage.close();
    }
  },
});

/** The bar and the table, for people. */
function coverageLines(
  camera: string,
  found: Coverage,
  requested: Partial<Span>,
  console: Console,
): string[] {
  const { intervals, gaps, overlaps } = found;
  const startMs = requested.startMs ?? intervals[0]?.startMs;
  const endMs = requested.endMs ?? intervals.at(-1)?.endMs;
  if (intervals.length === 0 || startMs === undefined || endMs === undefined)
    return [
      `${camera}: no footage${requested.startMs === undefined && requested.endMs === undefined ? "" : " in this time"}`,
    ];
  const isPlain = console.style("green", "x") === "x";
  const columns = (process.stdout.columns ?? BAR.plainCells + 1) - 1;
  const cells = isPlain ? BAR.plainCells : Math.min(BAR.maxCells, Math.max(BAR.minCells, columns));
  const shares = coveredShares(intervals, { startMs, endMs }, cells);
  const bytes = intervals.reduce((sum, one) => sum + one.bytes, 0);
  const fragments = intervals.reduce((sum, one) => sum + one.fragments, 0);
  const footageMs = intervals.reduce((sum, one) => sum + one.endMs - one.startMs, 0);
  const rows = [
    ...intervals.map((one) => ({ ...one, kind: "footage" })),
    ...gaps.map((one) => ({ ...one, kind: "gap", fragments: undefined, bytes: undefined })),
  ].toSorted((a, b) => a.startMs - b.startMs);
  const table = textTable(
    ["", "start", "end", " duration", " fragments", " size"],
    rows.map((row) => [
      row.kind,
      iso(row.startMs),
      iso(row.endMs),
      duration(row.endMs - row.startMs),
      row.fragments === undefined ? "" : String(row.fragments),
      row.bytes === undefined ? "" : megabytes(row.bytes),
    ]),
  );
  return [
    `${console.style("bold", camera)}: ${duration(footageMs)} of footage, ${counted(fragments, "fragment")}, ${megabytes(bytes)}, ${counted(gaps.length, "gap")}`,
    "",
    shares.map((share) => (isPlain ? plainCell(share) : blockCell(share, console))).join(""),
    `${iso(startMs)}${iso(endMs).padStart(cells - iso(startMs).length)}`,
    "",
    ...table.split("\n").map((line) => (line.startsWith("gap") ? console.style("yellow", line) : line)),
    ...overlaps.map(
      (one) =>
        `overlap of ${duration(one.endMs - one.startMs)} from ${iso(one.startMs)} to ${iso(one.endMs)}: ${counted(one.fragments, "fragment")} that repeat the time of others`,
    ),
  ];
}

const EIGHTHS = "▁▂▃▄▅▆▇█";
const ALL = 0.999;

const plainCell = (share: number): string => (share === 0 ? "." : share > ALL ? "#" : "+");

const blockCell = (share: number, console: Console): string =>
  share === 0
    ? console.style("dim", "·")
    : console.style("green", EIGHTHS[Math.max(0, Math.round(share * EIGHTHS.length) - 1)]!);
