import * as v from "valibot";
import type { Dimensions, StatisticSet } from "./store.ts";

/** Documented (CloudWatch API reference, GetMetricData). */
export const MAX_QUERIES = 500;
const MAX_DIMENSIONS = 30;

/** The statistics that are kept; percentiles and trimmed means are not emulated. */
export const STATISTICS = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"] as const;
export type Statistic = (typeof STATISTICS)[number];

export const statistic = v.picklist(
  STATISTICS,
  `expected one of ${STATISTICS.join(", ")}; others are not emulated`,
);

/** Epoch seconds on the wire. */
export const time = v.pipe(
  v.number("expected epoch seconds"),
  v.transform((seconds) => seconds * 1000),
);

export const periodSeconds = v.pipe(
  v.number(),
  v.integer(),
  v.check(
    (value) => value > 0 && value % 60 === 0,
    "must be a multiple of 60; finer resolution is not emulated",
  ),
);

export const dimensionList = v.optional(
  v.pipe(
    v.array(v.object({ Name: v.string(), Value: v.string() })),
    v.maxLength(MAX_DIMENSIONS),
    v.transform((list): Dimensions => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]))),
  ),
  [],
);

export const dimensionsOf = (dimensions: Dimensions) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

export const valueOf = (set: StatisticSet, name: Statistic): number =>
  name === "Average" ? set.Sum / set.SampleCount : set[name];
