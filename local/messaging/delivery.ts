import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { sleep } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { firehoseRecord, lambdaEvent } from "./envelope.ts";
import { queueUrl } from "./queue-url.ts";

/** Where a subscription delivers. */
export type Target = {
  readonly topicArn: string;
  /** ARN of the function or the delivery stream. */
  readonly endpoint: string;
  readonly raw: boolean;
  readonly deadLetterQueueArn?: string | undefined;
} & ({ readonly protocol: "lambda" } | { readonly protocol: "firehose"; readonly roleArn: string });

const LONG_POLL_SECONDS = 20;
const RECEIVE_BATCH = 10;
const VISIBILITY_TIMEOUT_SECONDS = 60;
/**
 * AWS retries 100,015 times over 23 days (documented: SNS message delivery retries); here a delivery only has these
 * retries, so that the messages of a broken target soon reach the dead-letter queue.
 */
const RETRY_DELAYS_MS = [0, 1000, 5000];

/** A deleted endpoint or a denied call is a client error, which is never retried (documented). */
const isClientError = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|ResourceNotFound|InvalidArgument/.test(error.name);

/** Delivers the messages of a subscription's queue to its target. */
export class Delivery {
  readonly #cloud: Cloud;
  readonly #queueName: string;
  readonly #target: Target;
  readonly #subscriptionArn: string;
  readonly #sqs: SQSClient;
  readonly #stopping = new AbortController();
  /** Messages that neither the target nor the dead-letter queue accepted, by id. */
  readonly #stuck = new Map<string, Message>();
  #running: Promise<void> = Promise.resolve();

  constructor(cloud: Cloud, queueName: string, target: Target, subscriptionArn: string) {
    this.#cloud = cloud;
    this.#queueName = queueName;
    this.#target = target;
    this.#subscriptionArn = subscriptionArn;
    this.#sqs = cloud.client(SQSClient, cloud.owner);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when no delivery is in progress; undelivered messages stay in the queue. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#putBack([...this.#stuck.values()]);
  }

  get #queueUrl(): string {
    return queueUrl(this.#cloud, this.#queueName);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted)
      try {
        const { Messages = [] } = await this.#sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: this.#queueUrl,
            MaxNumberOfMessages: RECEIVE_BATCH,
            MessageSystemAttributeNames: ["AWSTraceHeader"],
            WaitTimeSeconds: LONG_POLL_SECONDS,
            VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
          }),
          { abortSignal: signal },
        );
        // Firehose accepts a batch in one call; a function is invoked for each message.
        const batches = this.#target.protocol === "firehose" ? [Messages] : Messages.map((one) => [one]);
        await Promise.all(batches.map((batch) => this.#deliver(batch)));
      } catch (error) {
        if (signal.aborted) return;
        this.#emit("delivery-interrupted", { error: errorMessage(error) });
        await sleep(this.#cloud.clock, RETRY_DELAYS_MS[1]!, signal);
      }
  }

  /** Retries until every message is delivered or given up. */
  async #deliver(batch: readonly Message[]): Promise<void> {
    const { signal } = this.#stopping;
    let left = batch;
    let failure: unknown;
    for (const delayMs of RETRY_DELAYS_MS) {
      if (left.length === 0) return;
      await sleep(this.#cloud.clock, delayMs, signal);
      if (signal.aborted) return await this.#putBack(left);
      const errors = await this.#send(left).catch((error: unknown) => left.map(() => error));
      const delivered = left.filter((_message, index) => errors[index] === undefined);
      for (const message of delivered) {
        await this.#delete(message);
        this.#emit("delivered", {});
      }
      left = left.filter((_message, index) => errors[index] !== undefined);
      failure = errors.find((error) => error !== undefined);
      if (isClientError(failure)) break;
    }
    for (const message of left) await this.#giveUp(message, failure);
  }

  /**
   * Moves a message to the dead-letter queue. If that refuses it, the message stays in the subscription's queue and is
   * retried when its visibility timeout ends; AWS loses it (documented: SNS dead-letter queues), which would hide the
   * mistake here.
   */
  async #giveUp(message: Message, failure: unknown): Promise<void> {
    const { topicArn, deadLetterQueueArn } = this.#target;
    const { access } = this.#cloud;
    this.#emit("delivery-failed", { error: errorMessage(failure) });
    if (deadLetterQueueArn)
      try {
        const sns = access.servicePrincipal("sns.amazonaws.com", topicArn);
        const name = deadLetterQueueArn.split(":").at(-1)!;
        await this.#cloud.client(SQSClient, sns).send(
          new SendMessageCommand({
            QueueUrl: queueUrl(this.#cloud, name),
            MessageBody: message.Body ?? "",
          }),
        );
      } catch (error) {
        this.#emit("dead-letter-refused", { deadLetterQueueArn, error: errorMessage(error) });
        this.#stuck.set(message.MessageId!, message);
        return;
      }
    await this.#delete(message);
  }

  /** @returns for each message the error of its delivery, or undefined */
  async #send(batch: readonly Message[]): Promise<unknown[]> {
    const { access } = this.#cloud;
    const target = this.#target;
    const bodies = batch.map(({ Body = "" }) => Body);
    if (target.protocol === "lambda") {
      const principal = access.servicePrincipal("sns.amazonaws.com", target.topicArn);
      const lambda = this.#cloud.client(LambdaClient, principal);
      for (const { Body = "", Attributes } of batch) {
        const command = new InvokeCommand({
          FunctionName: target.endpoint,
          InvocationType: "Event",
          Payload: JSON.stringify(lambdaEvent(Body, this.#subscriptionArn)),
        });
        await lambda.send(withTraceHeader(command, Attributes?.AWSTraceHeader));
      }
      return [];
    }
    // SNS calls PutRecordBatch (observed), so a role that only allows PutRecord fails.
    const principal = access.assumeRole(target.roleArn, "sns.amazonaws.com", {
      "aws:SourceArn": target.topicArn,
    });
    const { RequestResponses = [] } = await this.#cloud.client(FirehoseClient, principal).send(
      new PutRecordBatchCommand({
        DeliveryStreamName: target.endpoint.split("/").at(-1)!,
        Records: bodies.map((body) => ({ Data: Buffer.from(target.raw ? body : firehoseRecord(body)) })),
      }),
    );
    return RequestResponses.map(
      ({ ErrorCode, ErrorMessage }) => ErrorCode && new Error(`${ErrorCode}: ${ErrorMessage}`),
    );
  }

  async #delete({ MessageId, ReceiptHandle }: Message): Promise<void> {
    this.#stuck.delete(MessageId!);
    await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle }));
  }

  async #putBack(batch: readonly Message[]): Promise<void> {
    for (const { ReceiptHandle } of batch)
      await this.#sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: this.#queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      );
  }

  #emit(name: string, detail: Record<string, unknown>): void {
    const { topicArn, endpoint } = this.#target;
    this.#cloud.events.emit("sns", name, { topicArn, to: endpoint, ...detail });
  }
}

/** The call with the trace header of the message that it delivers, as SNS hands it on (documented: X-Ray guide, SNS). */
function withTraceHeader(command: InvokeCommand, traceHeader: string | undefined): InvokeCommand {
  if (traceHeader !== undefined)
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers["x-amzn-trace-id"] = traceHeader;
        return next(args);
      },
      { step: "build" },
    );
  return command;
}
