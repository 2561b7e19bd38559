import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { filterLogEvents } from "./actions/filter-log-events.ts";
import { getMetricData } from "./actions/get-metric-data.ts";
import { getMetricStatistics } from "./actions/get-metric-statistics.ts";
import { listMetrics } from "./actions/list-metrics.ts";
import { embeddedMetrics } from "./embedded-metrics.ts";
import { serviceMetrics } from "./service-metrics.ts";
import { logResources } from "./resources.ts";
import { Logs, MonitoringState } from "./state.ts";

/** Amazon CloudWatch: metrics that services publish or functions log in embedded metric format, and what functions log. */
export const monitoring: Service = {
  name: "monitoring",
  start: (cloud) => {
    const state = new MonitoringState();
    const logs = new Logs();
    const unsubscribe = cloud.events.subscribe((event) => {
      const isLog = event.service === "lambda" && event.name === "log";
      const points = isLog ? embeddedMetrics(String(event.detail["line"])) : serviceMetrics(event);
      for (const point of points) state.add(point);
      if (isLog)
        logs.append(
          `/aws/lambda/${String(event.detail["function"])}`,
          String(event.detail["line"]),
          event.atMs,
        );
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
    const logsApi = jsonApi(
      {
        signingName: "logs",
        targetPrefix: "Logs_20140328",
        version: "1.1",
        invalidInputCode: "InvalidParameterException",
        actions: { FilterLogEvents: filterLogEvents },
      },
      cloud,
      logs,
    );
    return { apis: [api, logsApi], resources: logResources(cloud, logs), stop: unsubscribe };
  },
};
