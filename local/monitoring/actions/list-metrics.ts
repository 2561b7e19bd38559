import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { MonitoringState } from "../state.ts";

const input = v.object({
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.array(v.object({ Name: v.string(), Value: v.optional(v.string()) })), []),
});

/** Returns all metrics in one page. A dimension filter may leave out its value (documented: ListMetrics). */
export const listMetrics: Action<MonitoringState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ Namespace, MetricName, Dimensions }, { state }) => ({
    Metrics: state
      .list()
      .filter(({ namespace }) => Namespace === undefined || namespace === Namespace)
      .filter(({ name }) => MetricName === undefined || name === MetricName)
      .filter(({ dimensions }) =>
        Dimensions.every(
          ({ Name, Value }) => Name in dimensions && (Value === undefined || dimensions[Name] === Value),
        ),
      )
      .map(({ namespace, name, dimensions }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
  }),
};
