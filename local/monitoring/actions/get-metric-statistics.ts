import * as v from "valibot";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Action } from "../../api/action.ts";
import { invalidCombination } from "../errors.ts";
import { dimensionList, periodSeconds, statistic, time, valueOf } from "../inputs.ts";
import type { MonitoringState } from "../state.ts";

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

/** Returns datapoints in no particular order (documented). */
export const getMetricStatistics: Action<MonitoringState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: (request, { state }) => {
    const { Namespace: namespace, MetricName: name, Dimensions: dimensions, StartTime, EndTime } = request;
    const periodMs = request.Period * SECOND_MS;
    if ((EndTime - StartTime) / periodMs > MAX_DATAPOINTS)
      throw invalidCombination(
        `You have requested more than ${MAX_DATAPOINTS} datapoints; request less time or a longer Period`,
      );
    const metric = state.list().find((one) => one.namespace === namespace && one.name === name);
    return {
      Label: name,
      Datapoints: Array.from(
        state.periods({ namespace, name, dimensions }, periodMs, StartTime, EndTime),
        ([startMs, set]) => ({
          Timestamp: startMs / SECOND_MS,
          Unit: metric?.unit,
          ...Object.fromEntries(request.Statistics.map((one) => [one, valueOf(set, one)])),
        }),
      ),
    };
  },
};
