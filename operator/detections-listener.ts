import { SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { randomId } from "../base/random.ts";
import { readDurationMs, readEpochMs } from "../schemas/values.ts";
import type { ClientConfig } from "./client-config.ts";

const LONG_POLL_SECONDS = 5;
const MESSAGES_AT_ONCE = 10;
/** Of sessions that nobody has asked about yet; the oldest are forgotten. */
const MAX_SESSIONS_KEPT = 10_000;

/** Times are read like those of the lake: epoch milliseconds; undefined where they cannot be. */
const time = v.pipe(v.optional(v.unknown()), v.transform(readEpochMs));
const duration = v.pipe(v.optional(v.unknown()), v.transform(readDurationMs));

const notification = v.object({
  sessionId: v.string(),
  eventId: v.optional(v.string()),
  eventNamespace: v.object({ type: v.string() }),
  inputInformation: v.optional(
    v.object({
      kinesisVideo: v.object({ processedVideoDurationMillis: duration }),
    }),
  ),
  labels: v.optional(
    v.array(
      v.object({
        name: v.string(),
        confidence: v.nullish(v.number()),
        videoMapping: v.optional(
          v.object({
            kinesisVideoMapping: v.object({ producerTimestamp: time, frameOffsetMillis: duration }),
          }),
        ),
      }),
    ),
    [],
  ),
});

export type HeardNotification = v.InferOutput<typeof notification> & {
  /** The whole notification as it came. */
  readonly raw: unknown;
};

const isEnd = ({ eventNamespace }: Pick<HeardNotification, "eventNamespace">): boolean =>
  eventNamespace.type === "STREAM_PROCESSING_COMPLETE";

/** Listens to the detections topic through a queue of its own. */
export class DetectionsListener {
  readonly #sns: SNSClient;
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  readonly #closing = new AbortController();
  /** By session, since a session may be heard of before its start is answered. */
  readonly #heard = new Map<string, HeardNotification[]>();
  #subscriptionArn: string | undefined;
  #receiving: Promise<void> | undefined;

  private constructor(sns: SNSClient, sqs: SQSClient, queueUrl: string) {
    this.#sns = sns;
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  /** Makes the queue and subscribes it; {@link close} removes both. */
  static async subscribe(topicArn: string, config: ClientConfig): Promise<DetectionsListener> {
    const sqs = new SQSClient(config);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `listener-${randomId()}` }));
    const listener = new DetectionsListener(new SNSClient(config), sqs, QueueUrl!);
    try {
      await listener.#subscribe(topicArn);
      return listener;
    } catch (error) {
      await listener.close();
      throw error;
    }
  }

  get queueUrl(): string {
    return this.#queueUrl;
  }

  /**
   * All that is heard of a session once it is complete, each notification once; undefined when it is not within the
   * given time.
   */
  async untilEnded(
    sessionId: string,
    withinMs: number,
    signal?: AbortSignal,
  ): Promise<HeardNotification[] | undefined> {
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      const heard = this.#heard.get(sessionId);
      if (heard?.some(isEnd)) {
        this.#heard.delete(sessionId);
        return heard;
      }
      signal?.throwIfAborted();
      if (performance.now() > deadlineMs) return undefined;
      // Whoever waits shares one call, and what it brings.
      this.#receiving ??= this.#receive().finally(() => (this.#receiving = undefined));
      await orAborted(this.#receiving, signal);
    }
  }

  /**
   * Hears the topic until every session has said that it is complete.
   * @throws Error when they have not within the given time
   */
  async untilComplete(sessionIds: readonly string[], withinMs: number): Promise<HeardNotification[]> {
    const heard = await Promise.all(sessionIds.map((sessionId) => this.untilEnded(sessionId, withinMs)));
    const silent = sessionIds.filter((_, index) => !heard[index]);
    if (silent.length > 0)
      throw new Error(`no word of the end of ${silent.join(", ")} within ${withinMs / 1000} s`);
    return heard.flatMap((notifications) => notifications ?? []);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#receiving?.catch(() => {});
    if (this.#subscriptionArn !== undefined)
      await this.#sns.send(new UnsubscribeCommand({ SubscriptionArn: this.#subscriptionArn }));
    await this.#sqs.send(new DeleteQueueCommand({ QueueUrl: this.#queueUrl }));
    this.#sns.destroy();
    this.#sqs.destroy();
  }

  async #subscribe(topicArn: string): Promise<void> {
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#queueUrl, AttributeNames: ["QueueArn"] }),
    );
    const queueArn = Attributes!["QueueArn"]!;
    // Without it SNS may not send to the queue (documented: SNS guide, "Subscribing an SQS queue to an SNS topic").
    const policy = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queueArn,
          Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
        },
      ],
    };
    await this.#sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: this.#queueUrl,
        Attributes: { Policy: JSON.stringify(policy) },
      }),
    );
    const { SubscriptionArn } = await this.#sns.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: "sqs",
        Endpoint: queueArn,
        Attributes: { RawMessageDelivery: "true" },
        ReturnSubscriptionArn: true,
      }),
    );
    this.#subscriptionArn = SubscriptionArn;
  }

  async #receive(): Promise<void> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: MESSAGES_AT_ONCE,
        WaitTimeSeconds: LONG_POLL_SECONDS,
      }),
      { abortSignal: this.#closing.signal },
    );
    if (Messages.length === 0) return;
    for (const { Body } of Messages) this.#hear(Body ?? "");
    await this.#sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: this.#queueUrl,
        Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }

  /** What is no notification is left to those whose business it is. SQS delivers at least once (documented). */
  #hear(body: string): void {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), notification), body);
    if (!parsed.success) return;
    const { sessionId, eventId } = parsed.output;
    const heard = this.#heard.get(sessionId) ?? [];
    if (eventId !== undefined && heard.some((one) => one.eventId === eventId)) return;
    this.#heard.set(sessionId, [...heard, { ...parsed.output, raw: JSON.parse(body) as unknown }]);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_SESSIONS_KEPT) this.#heard.delete(oldest!);
  }
}

/** @throws the signal's reason as soon as it aborts */
async function orAborted<T>(waited: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await waited;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([waited, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
