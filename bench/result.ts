import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { styleText } from "node:util";
import { BENCHES, type BenchName } from "./benches.ts";
import { rounded } from "./figures.ts";

export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** A measured number. */
export interface Figure {
  readonly name: string;
  /** Null where there is nothing to measure, e.g. a median of no cases. */
  readonly value: number | null;
  readonly unit: string;
  readonly goal?: Goal;
  /** Whether the goal is met; present with a goal. */
  readonly isMet?: boolean;
}

/** What the figures are compared with, in the same run. */
interface Rival {
  readonly name: string;
  readonly ratio: number;
  /** What the ratio divides, e.g. `its time / ours`. */
  readonly ratioOf: string;
  readonly goal?: Goal;
  readonly isMet?: boolean;
}

interface Conditions {
  /** ISO 8601 */
  readonly at: string;
  readonly node: string;
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryGb: number;
  /** Processes that wanted to run in the last minute, on average (not on Windows). */
  readonly load: number;
}

/** What the work of each size took, for a chart. */
export interface Series {
  /** What the sizes count, e.g. `events`. */
  readonly name: string;
  /** Ascending by size. */
  readonly points: readonly Point[];
}

export interface Point {
  readonly size: number;
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  /** Resident memory of the process since its start. */
  readonly peakMb: number;
}

export interface BenchResult {
  readonly name: BenchName;
  readonly what: string;
  readonly figures: readonly Figure[];
  readonly rival?: Rival;
  readonly series?: readonly Series[];
  /** What was asserted of the work: that both sides did the same, or that all of it was done. */
  readonly sameWork: string;
  /** Rules that did not hold; such a run fails. A missed goal is none. */
  readonly failures: readonly string[];
  readonly conditions: Conditions;
}

/** What a bench hands to `report`; whether a goal is met follows from the value. */
export interface Measured extends Pick<BenchResult, "sameWork" | "series"> {
  readonly figures: readonly Omit<Figure, "isMet">[];
  readonly rival?: Omit<Rival, "isMet">;
  readonly failures?: readonly string[];
}

export const figure = (name: string, value: number, unit: string, goal?: Goal): Omit<Figure, "isMet"> => ({
  name,
  value: Number.isFinite(value) ? value : null,
  unit,
  ...(goal && { goal }),
});

const isMet = (value: number | null, goal: Goal): boolean =>
  value !== null && ("atMost" in goal ? value <= goal.atMost : value >= goal.atLeast);

/** The whole result of a bench that has just run on this machine. */
export function resultOf(name: BenchName, measured: Measured): BenchResult {
  const { figures, rival, series, sameWork, failures = [] } = measured;
  return {
    name,
    what: BENCHES[name].what,
    figures: figures.map((one) => (one.goal ? { ...one, isMet: isMet(one.value, one.goal) } : one)),
    ...(rival && { rival: rival.goal ? { ...rival, isMet: isMet(rival.ratio, rival.goal) } : rival }),
    ...(series && { series }),
    sameWork,
    failures,
    conditions: {
      at: new Date().toISOString(),
      node: process.version,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memoryGb: rounded(totalmem() / 1e9, 1),
      load: rounded(loadavg()[0]!, 1),
    },
  };
}

export const goalText = (goal: Goal): string =>
  "atMost" in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`;

/** The result for people. Colours follow the terminal and NO_COLOR. */
export function textOf({ name, what, figures, rival, sameWork, failures, conditions }: BenchResult): string {
  const style = (format: "bold" | "dim" | "green" | "yellow" | "red", text: string) =>
    styleText(format, text, { stream: process.stdout });
  const verdict = ({ goal, isMet: met }: Pick<Figure, "goal" | "isMet">) =>
    goal ? `  (goal: ${goalText(goal)}, ${met ? style("green", "met") : style("yellow", "missed")})` : "";
  const width = Math.max(...figures.map((one) => one.name.length));
  const { node, cores, cpu, memoryGb, load } = conditions;
  return [
    `${style("bold", name)}: ${what}`,
    ...figures.map(
      (one) => `  ${one.name.padEnd(width)}  ${one.value ?? "none"} ${one.unit}`.trimEnd() + verdict(one),
    ),
    ...(rival ? [`  beside ${rival.name}: ${rival.ratioOf} is ${rival.ratio}${verdict(rival)}`] : []),
    `  asserted: ${sameWork}`,
    ...failures.map((one) => style("red", `  fail: ${one}`)),
    style("dim", `  Node ${node}, ${cores} cores of ${cpu}, ${memoryGb} GB, load ${load}`),
  ].join("\n");
}

/** Prints what a bench measured, as text or with `--json` as a line; the process fails if a rule did not hold. */
export function report(name: BenchName, measured: Measured): void {
  const result = resultOf(name, measured);
  console.log(process.argv.includes("--json") ? JSON.stringify(result) : textOf(result));
  if (result.failures.length > 0) process.exitCode = 1;
}
