import {
  paginateGetMetricData,
  type CloudWatchClient,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import { chunksOf } from "../../base/chunks.ts";
import type { Deployed } from "./check.ts";

/** Documented (CloudWatch API reference, GetMetricData). */
const MAX_QUERIES = 500;
/** CloudWatch keeps this resolution for 63 days (documented: CloudWatch concepts, "Metrics retention"). */
const PERIOD_SECONDS = 300;

/** A metric, summed over the interval. */
export interface Sum {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads metrics of the interval that doctor looks at; one without data is 0. */
export async function sumsOf(
  wanted: readonly Omit<Sum, "value">[],
  { sinceMs, nowMs }: Pick<Deployed, "sinceMs" | "nowMs">,
  client: CloudWatchClient,
): Promise<Sum[]> {
  const queries = wanted.map(({ namespace, metric, dimensions }, index): MetricDataQuery => ({
    Id: `m${index}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: PERIOD_SECONDS,
      Stat: "Sum",
    },
  }));
  const values = new Map<string, number>();
  for (const MetricDataQueries of chunksOf(queries, MAX_QUERIES)) {
    const between = { StartTime: new Date(sinceMs), EndTime: new Date(nowMs) };
    for await (const { MetricDataResults = [] } of paginateGetMetricData(
      { client },
      { MetricDataQueries, ...between },
    ))
      for (const { Id = "", Values = [] } of MetricDataResults)
        values.set(
          Id,
          Values.reduce((sum, value) => sum + value, values.get(Id) ?? 0),
        );
  }
  return wanted.map((one, index) => ({ ...one, value: values.get(`m${index}`) ?? 0 }));
}
