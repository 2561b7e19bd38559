import * as v from "valibot";
import { SECOND_MS } from "../../base/durations.ts";
import type { Dimensions, StatisticSet } from "./state.ts";

/** Documented (CloudWatch API reference, Metric). */
const MAX_DIMENSIONS = 30;

/** The emulated statistics; percentiles and trimmed means are not. */
const STATISTICS = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"] as const;

export const statistic = v.picklist(
  STATISTICS,
  `expected one of ${STATISTICS.join(", ")}; others are not emulated`,
);

/** Epoch seconds in the request, epoch milliseconds here. */
export const time = v.pipe(
  v.number("expected epoch seconds"),
  v.transform((seconds) => seconds * SECOND_MS),
);

export const periodSeconds = v.pipe(
  v.number(),
  v.integer(),
  v.check(
    (value) => value > 0 && value % 60 === 0,
    "must be a multiple of 60; finer resolution is not emulated",
  ),
);

export const dimensionList = v.pipe(
  v.optional(v.array(v.object({ Name: v.string(), Value: v.string() })), []),
  v.maxLength(MAX_DIMENSIONS),
  v.transform((list): Dimensions => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]))),
);

export const valueOf = (set: StatisticSet, name: (typeof STATISTICS)[number]): number =>
  name === "Average" ? set.Sum / set.SampleCount : set[name];
