import { systemClock } from "../base/clock.ts";
import { emfLine, type MetricValues } from "../core/metrics.ts";
import { environment } from "./_environment.ts";

const stack = environment("STACK_NAME");

/** Prints metrics straight to the output: `console` would put the time and request id before them on Lambda. */
export function count(values: MetricValues, dimensions: Readonly<Record<string, string>> = {}): void {
  const line = emfLine(values, { stack, ...dimensions }, systemClock.now());
  if (line !== undefined) process.stdout.write(`${line}\n`);
}
