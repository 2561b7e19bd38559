import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { queueUrl } from "../messaging/queues.ts";
import type { ResourceType } from "../template/resource.ts";
import { QueuePoller } from "./queue-poller.ts";
import { functionArn } from "./resources.ts";
import type { FunctionRuntime } from "./runtime.ts";

const whole = (least: number, most: number) =>
  v.pipe(v.unknown(), v.transform(Number), v.integer(), v.minValue(least), v.maxValue(most));

/** Documented (Lambda API, CreateEventSourceMapping). */
const mappingProperties = v.object({
  EventSourceArn: v.pipe(v.string(), v.regex(/^arn:[^:]+:sqs:/, "only queues (arn:…:sqs:…) are emulated")),
  FunctionName: v.string(),
  BatchSize: v.optional(whole(1, 10_000), 10),
  MaximumBatchingWindowInSeconds: v.optional(whole(0, 300), 0),
  FunctionResponseTypes: v.optional(v.array(v.literal("ReportBatchItemFailures")), []),
  ScalingConfig: v.optional(v.strictObject({ MaximumConcurrency: v.optional(whole(2, 1000)) }), {}),
  Enabled: v.optional(v.pipe(v.unknown(), v.transform(String)), "true"),
});

/** What Lambda needs of the function's role (documented: LAM with-sqs, permissions). */
const NEEDED_ACTIONS = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

/** Documented (Lambda API, CreateEventSourceMapping): more than ten messages need a window, which a FIFO queue has not. */
const MOST_WITHOUT_WINDOW = 10;

/** The queues that Lambda reads on behalf of functions. */
export class EventSourceMappings {
  readonly #cloud: Cloud;
  readonly #functions: ReadonlyMap<string, FunctionRuntime>;
  readonly #pollers: QueuePoller[] = [];

  constructor(cloud: Cloud, functions: ReadonlyMap<string, FunctionRuntime>) {
    this.#cloud = cloud;
    this.#functions = functions;
  }

  readonly resourceType: ResourceType = {
    properties: Object.keys(mappingProperties.entries),
    create: async ({ generatedName, properties }) => {
      const parsed = v.safeParse(mappingProperties, properties);
      if (!parsed.success) throw new OperatorError(v.summarize(parsed.issues));
      const { EventSourceArn: queueArn, FunctionName, BatchSize, ...settings } = parsed.output;
      const windowMs = settings.MaximumBatchingWindowInSeconds * 1000;
      if (BatchSize > MOST_WITHOUT_WINDOW && windowMs === 0)
        throw new OperatorError(
          `BatchSize is ${BatchSize}; more than ${MOST_WITHOUT_WINDOW} need MaximumBatchingWindowInSeconds`,
        );
      if (windowMs > 0 && queueArn.endsWith(".fifo"))
        throw new OperatorError("a FIFO queue has no MaximumBatchingWindowInSeconds");
      const runtime = this.#functions.get(functionArn(this.#cloud, FunctionName));
      if (!runtime) throw new OperatorError(`FunctionName: there is no function ${FunctionName}`);
      const queue = { arn: queueArn, url: queueUrl(this.#cloud, queueArn.split(":").at(-1)!) };
      await this.#checkQueue(queue, runtime);
      if (settings.Enabled === "true")
        this.#pollers.push(
          new QueuePoller(this.#cloud, runtime, {
            queue,
            batchSize: BatchSize,
            windowMs,
            maxConcurrency: settings.ScalingConfig.MaximumConcurrency,
            reportsFailures: settings.FunctionResponseTypes.length > 0,
          }),
        );
      return { ref: generatedName, attributes: { Id: generatedName } };
    },
  };

  start(): void {
    for (const poller of this.#pollers) poller.start();
  }

  stop(): void {
    for (const poller of this.#pollers) poller.stop();
  }

  /** What AWS checks when a mapping is made: the role's rights and the queue's visibility timeout. */
  async #checkQueue(queue: { arn: string; url: string }, { config }: FunctionRuntime): Promise<void> {
    const { access } = this.#cloud;
    const role = access.assumeRole(config.roleArn, "lambda.amazonaws.com");
    for (const action of NEEDED_ACTIONS) access.authorise(role, `sqs:${action}`, queue.arn);
    const { Attributes } = await this.#cloud
      .client(SQSClient, role)
      .send(new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["VisibilityTimeout"] }));
    const visibilitySeconds = Number(Attributes?.["VisibilityTimeout"]);
    const timeoutSeconds = config.timeoutMs / 1000;
    if (visibilitySeconds < timeoutSeconds)
      throw new OperatorError(
        `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
      );
  }
}
