import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { dimensionList, periodSeconds, statistic, time, valueOf } from "../inputs.ts";
import type { Dimensions, MetricStore } from "../store.ts";

/** Documented (CloudWatch API reference, GetMetricStatistics). */
const MAX_DATAPOINTS = 1440;

const input = v.object({
  Namespace: v.string(),
  MetricName: v.string(),
  Dimensions: dimensionList,
  StartTime: time,
  EndTime: time,
  Period: periodSeconds,
  Statistics: v.pipe(v.array(statistic), v.minLength(1)),
});

/** Datapoints in no promised order (documented). */
export const getMetricStatistics: Action<MetricStore, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ Namespace, MetricName, Dimensions, StartTime, EndTime, Period, Statistics }, { state }) => {
    if ((EndTime - StartTime) / (Period * 1000) > MAX_DATAPOINTS)
      throw new AwsError(
        "InvalidParameterCombinationException",
        `You have requested more than ${MAX_DATAPOINTS} datapoints; ask for less time or a longer Period`,
      );
    const key = { namespace: Namespace, name: MetricName, dimensions: Dimensions as Dimensions };
    const unit = state
      .list()
      .find(({ namespace, name }) => namespace === Namespace && name === MetricName)?.unit;
    return {
      Label: MetricName,
      Datapoints: [...state.periods(key, Period * 1000, StartTime, EndTime)].map(([startMs, set]) => ({
        Timestamp: startMs / 1000,
        Unit: unit,
        ...Object.fromEntries(Statistics.map((name) => [name, valueOf(set, name)])),
      })),
    };
  },
};
