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
import { systemClock, type Clock } from "../base/clock.ts";
import { pollUntil } from "../base/poll.ts";
import { randomId } from "../base/random.ts";
import { readDurationMs, readEpochMs } from "../schemas/values.ts";
import type { ClientConfig } from "./client-config.ts";

const LONG_POLL_SECONDS = 5;
const MESSAGES_AT_ONCE = 10;
/** Sessions whose notifications are kept until a caller waits for them; the oldest are dropped. */
const MAX_SESSIONS_KEPT = 10_000;

/** Times are parsed as for the lake, to epoch milliseconds; undefined where they are invalid. */
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

export type ReceivedNotification = v.InferOutput<typeof notification> & {
  /** The notification as it was received. */
  readonly raw: unknown;
};

/** Whether it is a session's completion notification. */
export const isCompletion = ({ eventNamespace }: ReceivedNotification): boolean =>
  eventNamespace.type === "STREAM_PROCESSING_COMPLETE";

/** Receives the notifications of the detections topic through a queue of its own. */
export class DetectionsListener {
  readonly #sns: SNSClient;
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  readonly #closing = new AbortController();
  readonly #clock: Clock;
  /** By session: a session's notifications may arrive before the response to its start. */
  readonly #received = new Map<string, ReceivedNotification[]>();
  #subscriptionArn: string | undefined;
  #receiving: Promise<void> | undefined;

  private constructor(sns: SNSClient, sqs: SQSClient, queueUrl: string, clock: Clock) {
    this.#sns = sns;
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#clock = clock;
  }

  /** Creates the queue and subscribes it; {@link close} removes both. */
  static async subscribe(
    topicArn: string,
    config: ClientConfig,
    clock: Clock = systemClock,
  ): Promise<DetectionsListener> {
    const sqs = new SQSClient(config);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `listener-${randomId()}` }));
    const listener = new DetectionsListener(new SNSClient(config), sqs, QueueUrl!, clock);
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
   * Waits for a session's completion notification.
   * @returns all of the session's notifications, each once; undefined when it does not complete within that time
   * @throws the signal's reason as soon as it aborts
   */
  untilCompleted(
    sessionId: string,
    withinMs: number,
    signal?: AbortSignal,
  ): Promise<ReceivedNotification[] | undefined> {
    const receive = async () => {
      // Callers that wait at the same time share one call and what it receives.
      this.#receiving ??= this.#receive().finally(() => (this.#receiving = undefined));
      await orAborted(this.#receiving, signal);
      return this.#takeCompleted(sessionId);
    };
    return pollUntil(() => this.#takeCompleted(sessionId) ?? receive(), {
      clock: this.#clock,
      everyMs: 0,
      withinMs,
      signal,
    });
  }

  /**
   * Waits for the completion notifications of all these sessions.
   * @throws Error when one is missing after that time
   */
  async untilAllCompleted(sessionIds: readonly string[], withinMs: number): Promise<ReceivedNotification[]> {
    const received = await Promise.all(sessionIds.map((id) => this.untilCompleted(id, withinMs)));
    const missing = sessionIds.filter((_, index) => !received[index]);
    if (missing.length > 0)
      throw new Error(`no completion notification of ${missing.join(", ")} within ${withinMs / 1000} s`);
    return received.flatMap((notifications) => notifications ?? []);
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
    // Without this policy, SNS may not send to the queue (documented: SNS guide, "Subscribing an SQS queue to an SNS topic").
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
    for (const { Body } of Messages) this.#keep(Body ?? "");
    await this.#sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: this.#queueUrl,
        Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }

  #takeCompleted(sessionId: string): ReceivedNotification[] | undefined {
    const received = this.#received.get(sessionId);
    if (!received?.some(isCompletion)) return undefined;
    this.#received.delete(sessionId);
    return received;
  }

  /** Ignores what is not a notification, and repetitions: SQS delivers at least once (documented). */
  #keep(body: string): void {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), notification), body);
    if (!parsed.success) return;
    const { sessionId, eventId } = parsed.output;
    const before = this.#received.get(sessionId) ?? [];
    if (eventId !== undefined && before.some((one) => one.eventId === eventId)) return;
    this.#received.set(sessionId, [...before, { ...parsed.output, raw: JSON.parse(body) as unknown }]);
    const [oldest] = this.#received.keys();
    if (this.#received.size > MAX_SESSIONS_KEPT) this.#received.delete(oldest!);
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
