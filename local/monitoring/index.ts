import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { getMetricData } from "./actions/get-metric-data.ts";
import { getMetricStatistics } from "./actions/get-metric-statistics.ts";
import { listMetrics } from "./actions/list-metrics.ts";
import { embeddedMetrics } from "./embedded-metrics.ts";
import { serviceMetrics } from "./service-metrics.ts";
import { logResources } from "./resources.ts";
import { MonitoringState } from "./state.ts";

/** Amazon CloudWatch metrics: those that services publish, and those that functions log in embedded metric format; log groups by name. */
export const monitoring: Service = {
  name: "monitoring",
  start: (cloud) => {
    const state = new MonitoringState();
    const unsubscribe = cloud.events.subscribe((event) => {
      const isLog = event.service === "lambda" && event.name === "log";
      const points = isLog ? embeddedMetrics(String(event.detail["line"])) : serviceMetrics(event);
      for (const point of points) state.add(point);
    });
    const api = jsonApi(
      {
        signingName: "monitoring",
        iamPrefix: "cloudwatch",
        targetPrefix: "GraniteServiceVersion20100801",
        version: "1.0",
        invalidInputCode: "InvalidParameterValueException",
        actions: {
          GetMetricData: getMetricData,
          GetMetricStatistics: getMetricStatistics,
          ListMetrics: listMetrics,
        },
      },
      cloud,
      state,
    );
    return { apis: [api], resources: logResources(cloud), stop: unsubscribe };
  },
};
