import { DescribeStreamSummaryCommand } from "@aws-sdk/client-kinesis";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { errorMessage, isNamed } from "../../base/errors.ts";
import { explain, pathOf } from "../api/action.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { KinesisHttp1Client } from "../kinesis/client.ts";
import { queueUrl } from "../messaging/queue-url.ts";
import { flag, number, wholeNumber } from "../template/properties.ts";
import { invalidParameter } from "./errors.ts";
import type { Poller } from "./poller.ts";
import { QueuePoller } from "./queue-poller.ts";
import type { FunctionRuntime } from "./runtime.ts";
import { StreamPoller, type Checkpoint } from "./stream-poller.ts";

/** A queue or a data stream that Lambda reads for a function. */
export interface Mapping {
  readonly uuid: string;
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly enabled: boolean;
  /** The other members of the request, as it had them. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly modifiedAtMs: number;
}

const responseTypes = v.optional(v.array(v.literal("ReportBatchItemFailures")), []);
const windowSeconds = v.optional(wholeNumber(0, 300), 0);

/** Documented (Lambda API, CreateEventSourceMapping); what is missing here is not emulated. */
const queueSettings = v.strictObject({
  BatchSize: v.optional(wholeNumber(1, 10_000), 10),
  MaximumBatchingWindowInSeconds: windowSeconds,
  FunctionResponseTypes: responseTypes,
  ScalingConfig: v.optional(v.strictObject({ MaximumConcurrency: v.optional(wholeNumber(2, 1000)) }), {}),
});

const destinationArn = v.pipe(
  v.string(),
  v.regex(/^arn:[^:]+:(sqs|sns):/, "only queues and topics (arn:…:sqs:…, arn:…:sns:…) are emulated"),
);
const infiniteOr = (min: number, max: number) =>
  v.union([v.pipe(number, v.literal(-1)), wholeNumber(min, max)]);

const streamSettings = v.strictObject({
  BatchSize: v.optional(wholeNumber(1, 10_000), 100),
  MaximumBatchingWindowInSeconds: windowSeconds,
  FunctionResponseTypes: responseTypes,
  StartingPosition: v.picklist(["LATEST", "TRIM_HORIZON", "AT_TIMESTAMP"]),
  /** Epoch seconds. */
  StartingPositionTimestamp: v.optional(number),
  ParallelizationFactor: v.optional(
    v.pipe(number, v.literal(1, "only one batch at a time per shard is emulated")),
    1,
  ),
  BisectBatchOnFunctionError: v.optional(flag, false),
  MaximumRetryAttempts: v.optional(infiniteOr(0, 10_000), -1),
  MaximumRecordAgeInSeconds: v.optional(infiniteOr(60, 604_800), -1),
  TumblingWindowInSeconds: v.optional(v.pipe(number, v.literal(0, "tumbling windows are not emulated")), 0),
  DestinationConfig: v.optional(
    v.strictObject({
      OnFailure: v.optional(v.strictObject({ Destination: v.optional(destinationArn) }), {}),
    }),
    {},
  ),
});

type QueueSettings = v.InferOutput<typeof queueSettings>;
type StreamSettings = v.InferOutput<typeof streamSettings>;

/** The members of a request that are not the settings of one kind of source. */
const common = {
  EventSourceArn: v.pipe(
    v.string(),
    v.regex(
      /^arn:[^:]+:(sqs:[^:]*:\d+:[\w.-]+|kinesis:[^:]*:\d+:stream\/[\w.-]+)$/,
      "only queues (arn:…:sqs:…) and data streams (arn:…:kinesis:…:stream/…) are emulated",
    ),
  ),
  FunctionName: v.string(),
  Enabled: v.optional(flag, true),
};

export const mappingRequest = v.looseObject(common);

export const MAPPING_PROPERTIES = [
  ...new Set(
    [common, queueSettings.entries, streamSettings.entries].flatMap((entries) => Object.keys(entries)),
  ),
];

/** What Lambda needs of the function's role (documented: LAM with-sqs and with-kinesis, permissions). */
const QUEUE_ACTIONS = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
const STREAM_ACTIONS = [
  "DescribeStream",
  "DescribeStreamSummary",
  "GetRecords",
  "GetShardIterator",
  "ListShards",
];

/** Documented (Lambda API, CreateEventSourceMapping): more than ten messages need a window, which FIFO queues do not have. */
const MOST_WITHOUT_WINDOW = 10;

const isQueue = (sourceArn: string): boolean => sourceArn.split(":")[2] === "sqs";

/**
 * The settings of a mapping with their defaults.
 * @throws AwsError InvalidParameterValueException
 */
export function settingsOf({ sourceArn, given }: Pick<Mapping, "sourceArn" | "given">) {
  return isQueue(sourceArn)
    ? { queue: parse(queueSettings, given, "a queue") }
    : { stream: parse(streamSettings, given, "a data stream") };
}

function parse<T>(schema: v.GenericSchema<unknown, T>, given: unknown, source: string): T {
  const parsed = v.safeParse(schema, given);
  if (parsed.success) return parsed.output;
  const unknown = parsed.issues.find(
    ({ type, expected }) => type === "strict_object" && expected === "never",
  );
  throw invalidParameter(
    unknown ? `${pathOf(unknown)} is not emulated for ${source}` : explain(parsed.issues),
  );
}

/**
 * Checks what AWS checks when a mapping is created: the settings, the role's permissions and the source.
 * @throws AwsError InvalidParameterValueException
 */
export async function checkMapping(cloud: Cloud, mapping: Mapping, runtime: FunctionRuntime): Promise<void> {
  const { queue, stream } = settingsOf(mapping);
  if (queue) await checkQueue(cloud, mapping, queue, runtime);
  else await checkStream(cloud, mapping, stream, runtime);
}

async function checkQueue(
  cloud: Cloud,
  { sourceArn }: Mapping,
  { BatchSize, MaximumBatchingWindowInSeconds: window }: QueueSettings,
  { config }: FunctionRuntime,
): Promise<void> {
  if (BatchSize > MOST_WITHOUT_WINDOW && window === 0)
    throw invalidParameter(
      `BatchSize is ${BatchSize}; more than ${MOST_WITHOUT_WINDOW} need MaximumBatchingWindowInSeconds`,
    );
  if (window > 0 && sourceArn.endsWith(".fifo"))
    throw invalidParameter("a FIFO queue has no MaximumBatchingWindowInSeconds");
  const role = cloud.access.assumeRole(config.roleArn, "lambda.amazonaws.com");
  for (const action of QUEUE_ACTIONS)
    refuseWithout(() => cloud.access.authorise(role, `sqs:${action}`, sourceArn));
  const { Attributes } = await cloud.client(SQSClient, role).send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl(cloud, sourceArn.split(":").at(-1)!),
      AttributeNames: ["VisibilityTimeout"],
    }),
  );
  const visibilitySeconds = Number(Attributes?.["VisibilityTimeout"]);
  const timeoutSeconds = config.timeoutMs / 1000;
  if (visibilitySeconds < timeoutSeconds)
    throw invalidParameter(
      `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
}

async function checkStream(
  cloud: Cloud,
  { sourceArn }: Mapping,
  settings: StreamSettings,
  { config }: FunctionRuntime,
): Promise<void> {
  const { StartingPosition, StartingPositionTimestamp: seconds, DestinationConfig } = settings;
  if ((StartingPosition === "AT_TIMESTAMP") !== (seconds !== undefined))
    throw invalidParameter(
      "StartingPositionTimestamp goes with the StartingPosition AT_TIMESTAMP, and only with it",
    );
  if (seconds !== undefined && seconds * 1000 > cloud.clock.now())
    throw invalidParameter("StartingPositionTimestamp cannot be in the future");
  const role = cloud.access.assumeRole(config.roleArn, "lambda.amazonaws.com");
  for (const action of STREAM_ACTIONS)
    refuseWithout(
      () => cloud.access.authorise(role, `kinesis:${action}`, sourceArn),
      `Cannot access stream ${sourceArn}. Please ensure the role can perform the ${STREAM_ACTIONS.join(", ")} Actions on your stream in IAM: `,
    );
  // Unconfirmed: that AWS checks the destination's permission when the mapping is created.
  const destination = DestinationConfig.OnFailure.Destination;
  if (destination !== undefined) {
    const action = isQueue(destination) ? "sqs:SendMessage" : "sns:Publish";
    refuseWithout(() => cloud.access.authorise(role, action, destination));
  }
  await cloud
    .client(KinesisHttp1Client, role)
    .send(new DescribeStreamSummaryCommand({ StreamARN: sourceArn }))
    .catch((error: unknown) => {
      throw isNamed(error, "ResourceNotFoundException")
        ? invalidParameter(`Stream not found: ${sourceArn}`)
        : error;
    });
}

function refuseWithout(authorise: () => void, prefix = ""): void {
  try {
    authorise();
  } catch (error) {
    throw invalidParameter(prefix + errorMessage(error));
  }
}

/** What reads the source of a mapping. */
export function pollerOf(
  cloud: Cloud,
  mapping: Mapping,
  runtime: FunctionRuntime,
  checkpoints: Collection<Checkpoint>,
): Poller {
  const { uuid: id, sourceArn } = mapping;
  const { queue, stream } = settingsOf(mapping);
  if (queue)
    return new QueuePoller(cloud, runtime, {
      queue: { arn: sourceArn, url: queueUrl(cloud, sourceArn.split(":").at(-1)!) },
      batchSize: queue.BatchSize,
      windowMs: queue.MaximumBatchingWindowInSeconds * 1000,
      maxConcurrency: queue.ScalingConfig.MaximumConcurrency,
      reportsFailures: queue.FunctionResponseTypes.length > 0,
    });
  const { StartingPosition: position, StartingPositionTimestamp: seconds = 0 } = stream;
  const settings = {
    id,
    streamArn: sourceArn,
    batchSize: stream.BatchSize,
    windowMs: stream.MaximumBatchingWindowInSeconds * 1000,
    start: position === "AT_TIMESTAMP" ? seconds * 1000 : position,
    bisects: stream.BisectBatchOnFunctionError,
    maxRetries: orInfinity(stream.MaximumRetryAttempts),
    maxRecordAgeMs: orInfinity(stream.MaximumRecordAgeInSeconds) * 1000,
    reportsFailures: stream.FunctionResponseTypes.length > 0,
    onFailureArn: stream.DestinationConfig.OnFailure.Destination,
  };
  return new StreamPoller(cloud, runtime, settings, checkpoints);
}

const orInfinity = (value: number): number => (value === -1 ? Infinity : value);
