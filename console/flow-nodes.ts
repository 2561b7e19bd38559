import type { MetricName } from "../schemas/observability/metrics.ts";
import { METRIC_NAMESPACE } from "../schemas/observability/metrics.ts";
import type { Flow } from "../schemas/console/flow.ts";

type Shown = Flow["nodes"][number];

/** A metric of CloudWatch: a resource's, by its logical id, or one of the stack's own. */
export interface NodeMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimension: string;
  /** Logical id of the resource whose physical name the dimension has; the stack's name if it is absent. */
  readonly logicalId?: string;
  readonly statistic: "Sum" | "Maximum" | "Average";
  /** What a value is multiplied with. */
  readonly factor?: number;
}

export interface FlowNode extends Pick<Shown, "id" | "name" | "stage" | "kind"> {
  /** Of a function or a queue. */
  readonly logicalId?: string;
  readonly count?: readonly NodeMetric[];
  readonly failed?: readonly NodeMetric[];
  /** Milliseconds. */
  readonly lag?: NodeMetric;
}

const own = (metric: MetricName, statistic: NodeMetric["statistic"] = "Sum"): NodeMetric => ({
  namespace: METRIC_NAMESPACE,
  metric,
  dimension: "stack",
  statistic,
});

const ofFunction = (logicalId: string, metric: string, statistic: NodeMetric["statistic"] = "Sum") => ({
  namespace: "AWS/Lambda",
  metric,
  dimension: "FunctionName",
  logicalId,
  statistic,
});

const fn = (name: string, stage: Shown["stage"]): FlowNode => {
  const logicalId = `${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`;
  return {
    id: name,
    name,
    stage,
    kind: "function",
    logicalId,
    count: [ofFunction(logicalId, "Invocations")],
    failed: [ofFunction(logicalId, "Errors")],
    lag: ofFunction(logicalId, "Duration", "Maximum"),
  };
};

const queue = (id: string, name: string, logicalId: string, stage: Shown["stage"]): FlowNode => ({
  id,
  name,
  stage,
  kind: "queue",
  logicalId,
  lag: {
    namespace: "AWS/SQS",
    metric: "ApproximateAgeOfOldestMessage",
    dimension: "QueueName",
    logicalId,
    statistic: "Maximum",
    factor: 1000,
  },
});

const STREAMS = ["Detections", "Sessions", "Alerts", "Faces"] as const;

const firehose = (logicalId: string, metric: string, statistic: NodeMetric["statistic"] = "Sum") => ({
  namespace: "AWS/Firehose",
  metric,
  dimension: "DeliveryStreamName",
  logicalId,
  statistic,
});

const stream = (what: (typeof STREAMS)[number]): FlowNode => {
  const logicalId = `${what}DeliveryStream`;
  return {
    id: logicalId,
    name: `${what.toLowerCase()} to the lake`,
    stage: "delivery",
    kind: "deliveryStream",
    logicalId,
    count: [firehose(logicalId, "IncomingRecords")],
    lag: { ...firehose(logicalId, "DeliveryToS3.DataFreshness", "Maximum"), factor: 1000 },
  };
};

const sns = (metric: string): NodeMetric => ({
  namespace: "AWS/SNS",
  metric,
  dimension: "TopicName",
  logicalId: "DetectionsTopic",
  statistic: "Sum",
});

/** The parts of the way of the data, in the order in which it travels. */
export const FLOW_NODES: readonly FlowNode[] = [
  {
    id: "motion",
    name: "motion requests",
    stage: "motion",
    kind: "api",
    count: [own("MotionReported")],
    failed: [own("MotionRefused")],
  },
  fn("startSession", "motion"),
  fn("stopSession", "motion"),
  queue("wakeQueue", "wake queue", "WakeQueue", "sessions"),
  fn("driveSession", "sessions"),
  {
    id: "engine",
    name: "sessions",
    stage: "sessions",
    kind: "engine",
    count: [own("SessionsStarted")],
    failed: [own("SessionsFailed")],
  },
  queue("sampleQueue", "sample queue", "SampleQueue", "sessions"),
  fn("sampleFrames", "sessions"),
  {
    id: "topic",
    name: "notifications",
    stage: "notifications",
    kind: "topic",
    logicalId: "DetectionsTopic",
    count: [sns("NumberOfMessagesPublished")],
    failed: [sns("NumberOfNotificationsFailed")],
  },
  fn("closeSession", "notifications"),
  queue("faceQueue", "face queue", "FaceQueue", "notifications"),
  fn("searchFaces", "notifications"),
  queue("alertQueue", "alert queue", "AlertQueue", "alerts"),
  fn("raiseAlerts", "alerts"),
  queue("alertDeliveryQueue", "alert delivery queue", "AlertDeliveryQueue", "alerts"),
  fn("sendAlerts", "alerts"),
  ...STREAMS.map(stream),
  { ...fn("transform", "delivery"), failed: [own("RecordsQuarantined")] },
  {
    id: "lake",
    name: "rows of the lake",
    stage: "lake",
    kind: "lake",
    count: STREAMS.map((what) => firehose(`${what}DeliveryStream`, "DeliveryToS3.Records")),
    lag: own("TimeToDetection", "Average"),
  },
];

/** Which part passes data to which. */
export const FLOW_EDGES: readonly (readonly [from: string, to: string])[] = [
  ["motion", "startSession"],
  ["motion", "stopSession"],
  ["startSession", "engine"],
  ["startSession", "wakeQueue"],
  ["wakeQueue", "driveSession"],
  ["driveSession", "engine"],
  ["driveSession", "SessionsDeliveryStream"],
  ["engine", "sampleQueue"],
  ["sampleQueue", "sampleFrames"],
  ["sampleFrames", "topic"],
  ["sampleFrames", "faceQueue"],
  ["engine", "topic"],
  ["topic", "closeSession"],
  ["topic", "alertQueue"],
  ["topic", "DetectionsDeliveryStream"],
  ["topic", "SessionsDeliveryStream"],
  ["closeSession", "wakeQueue"],
  ["faceQueue", "searchFaces"],
  ["searchFaces", "FacesDeliveryStream"],
  ["alertQueue", "raiseAlerts"],
  ["raiseAlerts", "AlertsDeliveryStream"],
  ["raiseAlerts", "alertDeliveryQueue"],
  ["alertDeliveryQueue", "sendAlerts"],
  ...STREAMS.map((what) => [`${what}DeliveryStream`, "transform"] as const),
  ["transform", "lake"],
];

/** Functions whose errors a failure path has, by the words of its ends: `closeSession` in `topic to closeSession`. */
export function functionsOf({ from, to }: { readonly from: string; readonly to: string }): string[] {
  const names = (text: string) => text.match(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g) ?? [];
  const ofTarget = names(to);
  return ofTarget.length > 0 ? ofTarget : to === "transform" ? ["transform"] : names(from);
}
