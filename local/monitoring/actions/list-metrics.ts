import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { dimensionsOf } from "../inputs.ts";
import type { MetricStore } from "../store.ts";

const input = v.object({
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.array(v.object({ Name: v.string(), Value: v.optional(v.string()) })), []),
});

/** In one page: there are few. A filter on a dimension may leave its value open (documented: ListMetrics). */
export const listMetrics: Action<MetricStore, v.InferOutput<typeof input>, unknown> = {
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
        Dimensions: dimensionsOf(dimensions),
      })),
  }),
};
