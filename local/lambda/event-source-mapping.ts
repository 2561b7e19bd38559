import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { queueUrl } from "../messaging/queue-url.ts";
import { parseProperties, wholeNumber } from "../template/properties.ts";
import { QueuePoller } from "./queue-poller.ts";
import type { FunctionRuntime } from "./runtime.ts";
import { functionArn, type LambdaState } from "./state.ts";

/** Documented (Lambda API, CreateEventSourceMapping). */
const mappingProperties = v.object({
  EventSourceArn: v.pipe(v.string(), v.regex(/^arn:[^:]+:sqs:/, "only queues (arn:…:sqs:…) are emulated")),
  FunctionName: v.string(),
  BatchSize: v.optional(wholeNumber(1, 10_000), 10),
  MaximumBatchingWindowInSeconds: v.optional(wholeNumber(0, 300), 0),
  FunctionResponseTypes: v.optional(v.array(v.literal("ReportBatchItemFailures")), []),
  ScalingConfig: v.optional(v.strictObject({ MaximumConcurrency: v.optional(wholeNumber(2, 1000)) }), {}),
  Enabled: v.optional(v.pipe(v.unknown(), v.transform(String)), "true"),
});

/** What Lambda needs of the function's role (documented: LAM with-sqs, permissions). */
const NEEDED_ACTIONS = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

/** Documented (Lambda API, CreateEventSourceMapping): more than ten messages need a window, which FIFO queues do not have. */
const MOST_WITHOUT_WINDOW = 10;

export const MAPPING_PROPERTIES = Object.keys(mappingProperties.entries);

/**
 * A queue that Lambda reads for a function, as the template describes it.
 * @returns nothing when the mapping is not enabled
 * @throws OperatorError, AwsError for what AWS refuses when the mapping is created
 */
export async function readMapping(
  cloud: Cloud,
  { functions }: LambdaState,
  properties: Readonly<Record<string, unknown>>,
): Promise<QueuePoller | undefined> {
  const {
    EventSourceArn: queueArn,
    FunctionName,
    BatchSize,
    ...settings
  } = parseProperties(mappingProperties, properties);
  const windowMs = settings.MaximumBatchingWindowInSeconds * 1000;
  if (BatchSize > MOST_WITHOUT_WINDOW && windowMs === 0)
    throw new OperatorError(
      `BatchSize is ${BatchSize}; more than ${MOST_WITHOUT_WINDOW} need MaximumBatchingWindowInSeconds`,
    );
  if (windowMs > 0 && queueArn.endsWith(".fifo"))
    throw new OperatorError("a FIFO queue has no MaximumBatchingWindowInSeconds");
  const runtime = functions.get(functionArn(cloud, FunctionName));
  if (!runtime) throw new OperatorError(`FunctionName: there is no function ${FunctionName}`);
  const queue = { arn: queueArn, url: queueUrl(cloud, queueArn.split(":").at(-1)!) };
  await checkQueue(cloud, queue, runtime);
  if (settings.Enabled !== "true") return undefined;
  return new QueuePoller(cloud, runtime, {
    queue,
    batchSize: BatchSize,
    windowMs,
    maxConcurrency: settings.ScalingConfig.MaximumConcurrency,
    reportsFailures: settings.FunctionResponseTypes.length > 0,
  });
}

/** Checks what AWS checks when a mapping is created: the role's permissions and the queue's visibility timeout. */
async function checkQueue(
  cloud: Cloud,
  queue: { readonly arn: string; readonly url: string },
  { config }: FunctionRuntime,
): Promise<void> {
  const role = cloud.access.assumeRole(config.roleArn, "lambda.amazonaws.com");
  for (const action of NEEDED_ACTIONS) cloud.access.authorise(role, `sqs:${action}`, queue.arn);
  const { Attributes } = await cloud
    .client(SQSClient, role)
    .send(new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["VisibilityTimeout"] }));
  const visibilitySeconds = Number(Attributes?.["VisibilityTimeout"]);
  const timeoutSeconds = config.timeoutMs / 1000;
  if (visibilitySeconds < timeoutSeconds)
    throw new OperatorError(
      `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
}
