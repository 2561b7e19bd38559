/** A quota or limit of AWS, of us-east-1 and without any increase. */
export interface AwsLimit {
  readonly value: number;
  readonly unit: string;
  /** What has the limit for itself. Whatever an account has is had again by a second account. */
  readonly of: "account" | "table" | "index partition" | "delivery stream" | "prefix";
  readonly source: string;
  /** `documented`: on AWS's own page; `secondary`: from another source; `unconfirmed`: no source. */
  readonly standing: "documented" | "secondary" | "unconfirmed";
}

const REKOGNITION = "AWS General Reference, Amazon Rekognition endpoints and quotas";
const KINESIS_VIDEO = "Kinesis Video Streams guide, limits";
const FIREHOSE = "Firehose guide, limits";
const account = { of: "account", standing: "documented" } as const;
const deliveryStream = { of: "delivery stream", standing: "documented", source: FIREHOSE } as const;

export const AWS_LIMITS = {
  streams: { ...account, value: 10_000, unit: "streams", source: KINESIS_VIDEO },
  streamsCreated: { ...account, value: 50, unit: "calls/s", source: KINESIS_VIDEO },
  processors: { ...account, value: 10_000, unit: "processors", source: REKOGNITION },
  processorsCreated: { ...account, value: 20, unit: "calls/s", source: REKOGNITION },
  labelSessions: { ...account, value: 200, unit: "sessions", source: REKOGNITION },
  processorStarts: { ...account, value: 20, unit: "calls/s", source: REKOGNITION },
  detectLabels: { ...account, value: 50, unit: "calls/s", source: REKOGNITION },
  httpApi: { ...account, value: 10_000, unit: "requests/s", source: "API Gateway guide, HTTP API quotas" },
  lambda: { ...account, value: 1000, unit: "executions", source: "Lambda guide, quotas" },
  tableWrites: {
    value: 40_000,
    unit: "write units/s",
    of: "table",
    source: "DynamoDB guide, quotas",
    standing: "documented",
  },
  partitionWrites: {
    value: 1000,
    unit: "write units/s",
    of: "index partition",
    source: "DynamoDB guide, partition keys",
    standing: "documented",
  },
  partitionReads: {
    value: 3000,
    unit: "read units/s",
    of: "index partition",
    source: "DynamoDB guide, partition keys",
    standing: "documented",
  },
  publishes: {
    value: 30_000,
    unit: "messages/s",
    of: "account",
    source: "AWS General Reference, Amazon SNS",
    standing: "unconfirmed",
  },
  putEvents: {
    value: 10_000,
    unit: "calls/s",
    of: "account",
    source: "EventBridge guide, quotas",
    standing: "secondary",
  },
  firehoseRecords: { ...deliveryStream, value: 500_000, unit: "records/s" },
  firehoseRequests: { ...deliveryStream, value: 2000, unit: "requests/s" },
  firehoseBytes: { ...deliveryStream, value: 5, unit: "MiB/s" },
  firehosePartitions: { ...deliveryStream, value: 500, unit: "partitions" },
  s3Puts: {
    value: 3500,
    unit: "requests/s",
    of: "prefix",
    source: "S3 guide, optimizing performance",
    standing: "documented",
  },
} as const satisfies Readonly<Record<string, AwsLimit>>;

export type LimitName = keyof typeof AWS_LIMITS;
