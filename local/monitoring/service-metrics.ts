import type { CloudEvent } from "../events.ts";
import type { Dimensions, Point } from "./state.ts";

type Detail = CloudEvent["detail"];
type Value = readonly [name: string, unit: "Count" | "Bytes" | "Milliseconds", value: number];

interface Rule {
  readonly namespace: string;
  readonly dimensions: (detail: Detail) => Dimensions;
  /** Whether each metric is there without dimensions as well, for all together. */
  readonly hasTotals?: boolean;
  /** By the name of the event. */
  readonly values: Readonly<Record<string, (detail: Detail) => readonly Value[]>>;
}

const last = (arn: unknown): string => String(arn).split(":").at(-1)!;
const number = (value: unknown): number => Number(value ?? 0);

/** By the outcome of a call. */
const REKOGNITION_COUNTS: Readonly<Record<string, string>> = {
  successful: "SuccessfulRequestCount",
  throttled: "ThrottledCount",
  "user-error": "UserErrorCount",
  "server-error": "ServerErrorCount",
};

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
      // Of data streams alone.
      "batch-handled": ({ iteratorAgeMs }) =>
        iteratorAgeMs === undefined ? [] : [["IteratorAge", "Milliseconds", number(iteratorAgeMs)]],
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
  kinesis: {
    namespace: "AWS/Kinesis",
    dimensions: ({ streamName }) => ({ StreamName: String(streamName) }),
    values: {
      "record-put": ({ error, sizeBytes }) =>
        error === undefined
          ? [
              ["IncomingRecords", "Count", 1],
              ["IncomingBytes", "Bytes", number(sizeBytes)],
              ["PutRecord.Bytes", "Bytes", number(sizeBytes)],
              ["PutRecord.Success", "Count", 1],
              ["WriteProvisionedThroughputExceeded", "Count", 0],
            ]
          : [
              ["PutRecord.Success", "Count", 0],
              ["WriteProvisionedThroughputExceeded", "Count", 1],
            ],
      "records-put": ({ records, throttled, sizeBytes }) => [
        ["IncomingRecords", "Count", number(records)],
        ["IncomingBytes", "Bytes", number(sizeBytes)],
        ["PutRecords.Bytes", "Bytes", number(sizeBytes)],
        // A request is a success when at least one of its records is.
        ["PutRecords.Success", "Count", number(records) > 0 ? 1 : 0],
        ["PutRecords.TotalRecords", "Count", number(records) + number(throttled)],
        ["PutRecords.SuccessfulRecords", "Count", number(records)],
        ["PutRecords.FailedRecords", "Count", 0],
        ["PutRecords.ThrottledRecords", "Count", number(throttled)],
        ["WriteProvisionedThroughputExceeded", "Count", number(throttled)],
      ],
      "records-read": ({ records, sizeBytes, iteratorAgeMs }) => [
        ["GetRecords.Records", "Count", number(records)],
        ["GetRecords.Bytes", "Bytes", number(sizeBytes)],
        ["GetRecords.Success", "Count", 1],
        ["GetRecords.IteratorAgeMilliseconds", "Milliseconds", number(iteratorAgeMs)],
        ["ReadProvisionedThroughputExceeded", "Count", 0],
      ],
      "read-throttled": () => [
        ["GetRecords.Success", "Count", 0],
        ["ReadProvisionedThroughputExceeded", "Count", 1],
      ],
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
  rekognition: {
    namespace: "AWS/Rekognition",
    dimensions: ({ operation }) => ({ Operation: String(operation) }),
    hasTotals: true,
    values: {
      called: ({ outcome, durationMs, detectedFaces, detectedLabels }) => [
        [REKOGNITION_COUNTS[String(outcome)]!, "Count", 1],
        ...(outcome === "successful"
          ? ([["ResponseTime", "Milliseconds", number(durationMs)]] as const)
          : []),
        ...(detectedFaces === undefined
          ? []
          : ([["DetectedFaceCount", "Count", number(detectedFaces)]] as const)),
        ...(detectedLabels === undefined
          ? []
          : ([["DetectedLabelCount", "Count", number(detectedLabels)]] as const)),
      ],
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
  const everywhere = [rule.dimensions(detail), ...(rule.hasTotals ? [{}] : [])];
  return values(detail).flatMap(([metric, unit, value]) =>
    everywhere.map((dimensions) => ({ namespace, name: metric, dimensions, unit, value, atMs })),
  );
}
