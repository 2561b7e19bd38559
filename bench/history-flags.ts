import { parseArgs } from "node:util";
import type { HistoryOptions } from "../analysis/synthetic/history.ts";
import { DAY_MS } from "../base/durations.ts";

const UNTIL_MS = Date.UTC(2026, 10, 1);

/** The synthetic history that a bench measures, from its command line: by default, a month of a hundred busy cameras. */
export function historyFlags(defaults: { readonly days: string } = { days: "30" }): HistoryOptions {
  const { values } = parseArgs({
    options: {
      cameras: { type: "string", default: "100" },
      days: { type: "string", default: defaults.days },
      "detections-per-day": { type: "string", default: "1000" },
      json: { type: "boolean", default: false },
    },
  });
  const { cameras, days } = values;
  return {
    cameras: Number(cameras),
    fromMs: UNTIL_MS - Number(days) * DAY_MS,
    untilMs: UNTIL_MS,
    seed: 1,
    detectionsPerDay: Number(values["detections-per-day"]),
    streamPrefix: "doorstep-dev-camera-",
    evidenceBucket: "no-such-evidence",
  };
}
