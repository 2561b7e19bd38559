import { METRIC_DIMENSION, METRIC_NAMESPACE } from "../observability/metrics.ts";
import type { Alarm, Watched } from "./failure-path.ts";

const SERVICE: Readonly<Record<Exclude<Watched["kind"], "own">, { namespace: string; dimension: string }>> = {
  queue: { namespace: "AWS/SQS", dimension: "QueueName" },
  function: { namespace: "AWS/Lambda", dimension: "FunctionName" },
  deliveryStream: { namespace: "AWS/Firehose", dimension: "DeliveryStreamName" },
  topic: { namespace: "AWS/SNS", dimension: "TopicName" },
  api: { namespace: "AWS/ApiGateway", dimension: "ApiId" },
};

/** A metric's namespace and dimension, whose value may be an intrinsic function of CloudFormation. */
interface MetricAddress {
  readonly namespace: string;
  readonly dimension: { readonly name: string; readonly value: object | string };
}

/** @param stack name of the stack, which is the dimension of its own metrics */
export function metricAddress(watched: Watched, stack: string): MetricAddress {
  if (watched.kind === "own")
    return { namespace: METRIC_NAMESPACE, dimension: { name: METRIC_DIMENSION, value: stack } };
  const { namespace, dimension } = SERVICE[watched.kind];
  const { kind, logicalId } = watched;
  // A queue's Ref is its URL and a topic's its ARN; the others' is the name that CloudWatch uses.
  const value =
    kind === "queue"
      ? { "Fn::GetAtt": [logicalId, "QueueName"] }
      : kind === "topic"
        ? { "Fn::GetAtt": [logicalId, "TopicName"] }
        : { Ref: logicalId };
  return { namespace, dimension: { name: dimension, value } };
}

/** `UnwokenAlarm` for `unwoken`. */
export const alarmLogicalId = ({ name }: Pick<Alarm, "name">): string =>
  `${name
    .split("-")
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join("")}Alarm`;
