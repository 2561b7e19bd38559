import type { CloudEvent } from "../events.ts";
import type { Dimensions, Point } from "./state.ts";

type Detail = CloudEvent["detail"];
type Value = readonly [name: string, unit: "Count" | "Bytes" | "Milliseconds", value: number];

interface Rule {
  readonly namespace: string;
  readonly dimensions: (detail: Detail) => Dimensions;
  /** By the name of the event. */
  readonly values: Readonly<Record<string, (detail: Detail) => readonly Value[]>>;
}

const last = (arn: unknown): string => String(arn).split(":").at(-1)!;
const number = (value: unknown): number => Number(value ?? 0);

/**
 * The metrics of each service, by the service's folder. Names, units and dimensions are documented in each service's
 * guide on monitoring with CloudWatch; the StreamName dimension of Kinesis Video is unconfirmed.
 */
const RULES: Readonly<Record<string, Rule>> = {
  lambda: {
    namespace: "AWS/Lambda",
    dimensions: ({ function: name }) => ({ FunctionName: String(name) }),
    values: {
      invoked: ({ ok, durationMs }) => [
        ["Invocations", "Count", 1],
        ["Errors", "Count", ok ? 0 : 1],
        ["Duration", "Milliseconds", number(durationMs)],
      ],
      throttled: () => [["Throttles", "Count", 1]],
      "recursion-stopped": () => [["RecursiveInvocationsDropped", "Count", 1]],
    },
  },
  sns: {
    namespace: "AWS/SNS",
    dimensions: ({ topicArn }) => ({ TopicName: last(topicArn) }),
    values: {
      published: ({ messages, sizeBytes }) => [
        ["NumberOfMessagesPublished", "Count", number(messages)],
        ["PublishSize", "Bytes", number(sizeBytes)],
      ],
      delivered: () => [["NumberOfNotificationsDelivered", "Count", 1]],
      "delivery-failed": () => [["NumberOfNotificationsFailed", "Count", 1]],
    },
  },
  firehose: {
    namespace: "AWS/Firehose",
    dimensions: ({ deliveryStreamName }) => ({ DeliveryStreamName: String(deliveryStreamName) }),
    values: {
      "record-accepted": ({ count, sizeBytes }) => [
        ["IncomingRecords", "Count", number(count)],
        ["IncomingBytes", "Bytes", number(sizeBytes)],
      ],
      "object-delivered": ({ rows }) => [
        ["DeliveryToS3.Records", "Count", number(rows)],
        ["DeliveryToS3.Success", "Count", 1],
      ],
      "delivery-failed": () => [["DeliveryToS3.Success", "Count", 0]],
    },
  },
  "kinesis-video": {
    namespace: "AWS/KinesisVideo",
    dimensions: ({ streamName }) => ({ StreamName: String(streamName) }),
    values: {
      "fragment-stored": ({ sizeBytes }) => [
        ["PutMedia.IncomingFragments", "Count", 1],
        ["PutMedia.IncomingBytes", "Bytes", number(sizeBytes)],
      ],
      "put-media-error": () => [["PutMedia.ErrorAckCount", "Count", 1]],
    },
  },
  eventbridge: {
    namespace: "AWS/Events",
    dimensions: ({ rule }) => ({ RuleName: String(rule) }),
    values: {
      delivered: () => [["Invocations", "Count", 1]],
      "delivery-failed": () => [["FailedInvocations", "Count", 1]],
    },
  },
};

/** The metric values of an event of a service. */
export function serviceMetrics({ service, name, detail, atMs }: CloudEvent): Point[] {
  const rule = RULES[service];
  const values = rule?.values[name];
  if (!rule || !values) return [];
  const { namespace } = rule;
  const dimensions = rule.dimensions(detail);
  return values(detail).map(([metric, unit, value]) => ({
    namespace,
    name: metric,
    dimensions,
    unit,
    value,
    atMs,
  }));
}
