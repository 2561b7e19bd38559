import * as v from "valibot";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Action } from "../../api/action.ts";
import { dimensionList, periodSeconds, statistic, time, valueOf } from "../inputs.ts";
import type { MonitoringState } from "../state.ts";

/** Documented (CloudWatch API reference, GetMetricData). */
const MAX_QUERIES = 500;

const input = v.object({
  MetricDataQueries: v.pipe(
    v.array(
      v.object({
        Id: v.pipe(v.string(), v.regex(/^[a-z]\w{0,254}$/, "must start with a lower case letter")),
        Label: v.optional(v.string()),
        ReturnData: v.optional(v.boolean(), true),
        Expression: v.optional(v.never("metric math is not emulated; give a MetricStat")),
        MetricStat: v.object({
          Metric: v.object({ Namespace: v.string(), MetricName: v.string(), Dimensions: dimensionList }),
          Period: periodSeconds,
          Stat: statistic,
        }),
      }),
    ),
    v.maxLength(MAX_QUERIES),
  ),
  StartTime: time,
  EndTime: time,
  ScanBy: v.optional(v.picklist(["TimestampDescending", "TimestampAscending"]), "TimestampDescending"),
});

/** Returns all values in one page; by default, the newest first (documented: GetMetricData). */
export const getMetricData: Action<MonitoringState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ MetricDataQueries, StartTime, EndTime, ScanBy }, { state }) => ({
    MetricDataResults: MetricDataQueries.filter(({ ReturnData }) => ReturnData).map(
      ({ Id, Label, MetricStat: { Metric, Period, Stat } }) => {
        const key = { namespace: Metric.Namespace, name: Metric.MetricName, dimensions: Metric.Dimensions };
        const found = [...state.periods(key, Period * SECOND_MS, StartTime, EndTime)];
        if (ScanBy === "TimestampDescending") found.reverse();
        return {
          Id,
          Label: Label ?? Metric.MetricName,
          StatusCode: "Complete",
          Timestamps: found.map(([startMs]) => startMs / SECOND_MS),
          Values: found.map(([, set]) => valueOf(set, Stat)),
        };
      },
    ),
    Messages: [],
  }),
};
