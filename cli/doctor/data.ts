import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { camerasTable } from "../../aws/cameras.ts";
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricName,
} from "../../schemas/observability/metrics.ts";
import { counted } from "../text.ts";
import { deployedCheck, type Deployed } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";
import { sumsOf, type Sum } from "./metrics.ts";

/** Cameras whose video is checked; of a larger fleet, the first of them. */
const MAX_CAMERAS = 100;
/** Whether data has recently gone from video to the lake, and what failed on the way. */
export const dataCheck = deployedCheck("data", async (account) => {
  const client = new CloudWatchClient(account.config);
  const dynamodb = new DynamoDBClient(account.config);
  try {
    const cameras = await camerasTable(account.outputs.CamerasTableName, dynamodb).list();
    const streams = cameras.slice(0, MAX_CAMERAS).map(({ streamName }) => streamName);
    const sums = await sumsOf(wantedOf(account, streams), account, client);
    return dataFindings(sums, account);
  } catch (error) {
    return [failed("the metrics", error, "cloudwatch:GetMetricData and dynamodb:Scan")];
  } finally {
    client.destroy();
    dynamodb.destroy();
  }
});

function wantedOf(
  { outputs, resources, stackName }: Deployed,
  streams: readonly string[],
): Omit<Sum, "value">[] {
  const idsOf = (type: string) =>
    resources.filter((one) => one.type === type).map(({ physicalId }) => physicalId);
  const all = (namespace: string, dimension: string, ids: readonly string[], metrics: readonly string[]) =>
    ids.flatMap((id) => metrics.map((metric) => ({ namespace, metric, dimensions: { [dimension]: id } })));
  const topic = outputs.DetectionsTopicArn.split(":").at(-1)!;
  const own = Object.keys(METRICS) as MetricName[];
  return [
    // That its dimension is StreamName is unconfirmed.
    ...all("AWS/KinesisVideo", "StreamName", streams, ["PutMedia.IncomingFragments"]),
    ...all("AWS/SNS", "TopicName", [topic], ["NumberOfMessagesPublished", "NumberOfNotificationsFailed"]),
    ...all("AWS/Firehose", "DeliveryStreamName", idsOf("AWS::KinesisFirehose::DeliveryStream"), [
      "IncomingRecords",
      "DeliveryToS3.Records",
    ]),
    ...all("AWS/Lambda", "FunctionName", idsOf("AWS::Lambda::Function"), ["Errors", "Throttles"]),
    ...own
      .filter((name) => METRICS[name].unit === "Count")
      .map((metric) => ({
        namespace: METRIC_NAMESPACE,
        metric,
        dimensions: { [METRIC_DIMENSION]: stackName },
      })),
  ];
}

/** The findings of the sums. Metrics arrive minutes late, so missing data is `unknown`, not `wrong`. */
export function dataFindings(
  sums: readonly Sum[],
  { sinceMs, nowMs }: Pick<Deployed, "sinceMs" | "nowMs">,
): Finding[] {
  const minutes = Math.round((nowMs - sinceMs) / 60_000);
  const of = (metric: string) => sums.filter((sum) => sum.metric === metric);
  const total = (metric: string) => of(metric).reduce((sum, { value }) => sum + value, 0);
  const arrived = (count: number, what: string, todo: string): Finding =>
    count > 0 ? ok(what) : unknown(`${what} in ${minutes} minutes`, todo);
  const streams = of("PutMedia.IncomingFragments");
  const withVideo = streams.filter(({ value }) => value > 0).length;
  const [fragments, published] = [total("PutMedia.IncomingFragments"), total("NumberOfMessagesPublished")];
  const [started, rows] = [total("SessionsStarted"), total("DeliveryToS3.Records")];
  const throttled = total("SamplesRefused");
  const failures = [
    ...of("Errors").map(
      ({ value, dimensions }) => [value, `errors of ${dimensions["FunctionName"]}`] as const,
    ),
    ...of("Throttles").map(
      ({ value, dimensions }) => [value, `throttles of ${dimensions["FunctionName"]}`] as const,
    ),
    [total("NumberOfNotificationsFailed"), "notifications that could not be delivered"],
    [total("SessionsFailed"), "sessions that failed"],
    [total("StartsRefused"), "starts that the engine refused"],
    [total("StartsThrottled"), "starts that the engine throttled"],
  ] as const;
  return [
    arrived(
      fragments,
      `${counted(fragments, "fragment")} of video, from ${withVideo} of ${counted(streams.length, "camera")}`,
      "npx doorstep upload sends some; metrics arrive some minutes late",
    ),
    arrived(started, `${counted(started, "session")} started`, "send a motion request for a camera"),
    arrived(
      published,
      `${counted(published, "notification")} published`,
      "a session publishes at least its completion notification",
    ),
    arrived(
      rows,
      `${counted(total("IncomingRecords"), "record")} accepted by Firehose, ${counted(rows, "row")} delivered to the lake`,
      "Firehose delivers within some minutes",
    ),
    ...failures
      .filter(([count]) => count > 0)
      .map(([count, what]) =>
        wrong(`${count} ${what} in ${minutes} minutes`, "see the functions' logs: docs/observability.md"),
      ),
    ...(throttled > 0
      ? [
          unknown(
            `${counted(throttled, "sample")} of frames were throttled and repeated in ${minutes} minutes, so the time between samples grew`,
            "if that is too long, request more calls of DetectLabels a second in the Service Quotas console, and deploy with --param detectLabelsPerSecond=<n>",
          ),
        ]
      : []),
  ];
}
