import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import type { Cloud } from "../cloud.ts";
import { sleep } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { queueUrl } from "./queues.ts";

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
 * AWS retries 100,015 times over 23 days (documented: SNS message delivery retries); here a delivery is given up
 * after these few, so that a broken target reaches its dead-letter queue while one is watching.
 */
const RETRY_DELAYS_MS = [0, 1000, 5000];

/** Documented: a deleted endpoint or a denied call is a client error and is never retried. */
const isClientError = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|ResourceNotFound|InvalidArgument/.test(error.name);

/** Empties a subscription's queue into its target. */
export class Delivery {
  readonly #cloud: Cloud;
  readonly #queueName: string;
  readonly #target: Target;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(cloud: Cloud, queueName: string, target: Target) {
    this.#cloud = cloud;
    this.#queueName = queueName;
    this.#target = target;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const sqs = this.#cloud.client(SQSClient, this.#cloud.owner);
    const QueueUrl = queueUrl(this.#cloud, this.#queueName);
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: RECEIVE_BATCH,
            WaitTimeSeconds: LONG_POLL_SECONDS,
            VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
          }),
          { abortSignal: signal },
        );
        for (const message of Messages) {
          await this.#deliver(message, sqs);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#cloud.events.tell("sns", "delivery-interrupted", {
          error: messageOf(error),
          to: this.#target.endpoint,
        });
        await sleep(this.#cloud.clock, RETRY_DELAYS_MS[1]!);
      }
    }
  }

  async #deliver(message: Message, sqs: SQSClient): Promise<void> {
    const { endpoint, topicArn, deadLetterQueueArn } = this.#target;
    let failure: unknown;
    for (const delayMs of RETRY_DELAYS_MS) {
      if (delayMs > 0) await sleep(this.#cloud.clock, delayMs);
      try {
        await this.#send(message.Body ?? "");
        this.#cloud.events.tell("sns", "delivered", { topicArn, to: endpoint });
        return;
      } catch (error) {
        failure = error;
        if (isClientError(error)) break;
      }
    }
    this.#cloud.events.tell("sns", "delivery-failed", { topicArn, to: endpoint, error: messageOf(failure) });
    if (!deadLetterQueueArn) return;
    const name = deadLetterQueueArn.split(":").at(-1)!;
    this.#cloud.access.authorise(
      this.#cloud.access.servicePrincipal("sns.amazonaws.com", topicArn),
      "sqs:SendMessage",
      deadLetterQueueArn,
    );
    await sqs.send(
      new SendMessageCommand({ QueueUrl: queueUrl(this.#cloud, name), MessageBody: message.Body ?? "" }),
    );
  }

  async #send(body: string): Promise<void> {
    const { access } = this.#cloud;
    const target = this.#target;
    if (target.protocol === "lambda") {
      const principal = access.servicePrincipal("sns.amazonaws.com", target.topicArn);
      const Payload = JSON.stringify(lambdaEvent(body, target.topicArn));
      await this.#cloud
        .client(LambdaClient, principal)
        .send(new InvokeCommand({ FunctionName: target.endpoint, InvocationType: "Event", Payload }));
      return;
    }
    // Observed: SNS calls PutRecordBatch, so a role with PutRecord alone fails. A wrapped message ends with a line feed.
    const principal = access.assumeRole(target.roleArn, "sns.amazonaws.com", {
      "aws:SourceArn": target.topicArn,
    });
    const { FailedPutCount } = await this.#cloud.client(FirehoseClient, principal).send(
      new PutRecordBatchCommand({
        DeliveryStreamName: target.endpoint.split("/").at(-1)!,
        Records: [{ Data: Buffer.from(target.raw ? body : `${body}\n`) }],
      }),
    );
    if (FailedPutCount) throw new Error(`${target.endpoint} did not take the record`);
  }
}

/** SNS's envelope as Lambda receives it; Lambda spells two of the addresses differently (documented: LAM with-sns). */
export function lambdaEvent(envelopeText: string, topicArn: string): unknown {
  const { SigningCertURL, UnsubscribeURL, Subject, MessageAttributes, ...envelope } = JSON.parse(
    envelopeText,
  ) as Record<string, unknown>;
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: `${topicArn}:local`,
        Sns: {
          ...envelope,
          Subject: Subject ?? null,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
          MessageAttributes: MessageAttributes ?? {},
        },
      },
    ],
  };
}
