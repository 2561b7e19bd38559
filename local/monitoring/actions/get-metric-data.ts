import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { dimensionList, MAX_QUERIES, periodSeconds, statistic, time, valueOf } from "../inputs.ts";
import type { MetricStore } from "../store.ts";

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

/** All values in one page; the newest first unless asked otherwise (documented: GetMetricData). */
export const getMetricData: Action<MetricStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ MetricDataQueries, StartTime, EndTime, ScanBy }, { state }) => ({
    MetricDataResults: MetricDataQueries.filter(({ ReturnData }) => ReturnData).map(
      ({ Id, Label, MetricStat }) => {
        const { Metric, Period, Stat } = MetricStat;
        const { Namespace: namespace, MetricName: name, Dimensions: dimensions } = Metric;
        const key = { namespace, name, dimensions: dimensions as Readonly<Record<string, string>> };
        const found = [...state.periods(key, Period * 1000, StartTime, EndTime)];
        if (ScanBy === "TimestampDescending") found.reverse();
        return {
          Id,
          Label: Label ?? name,
          StatusCode: "Complete",
          Timestamps: found.map(([startMs]) => startMs / 1000),
          Values: found.map(([, set]) => valueOf(set, Stat)),
        };
      },
    ),
    Messages: [],
  }),
};
