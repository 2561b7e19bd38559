import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { chunksOf } from "../../base/chunks.ts";
import { randomId } from "../../base/random.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { longestChain } from "./lineage.ts";
import type { Poller } from "./poller.ts";
import type { FunctionRuntime } from "./runtime.ts";
import { failedIds, sqsEvent } from "./sqs-event.ts";

/** One queue, read for one function. */
interface QueuePollerSettings {
  readonly queue: { readonly arn: string; readonly url: string };
  readonly batchSize: number;
  /** How long a batch is gathered, on the cloud's clock. */
  readonly windowMs: number;
  /** How many batches the function may process at once. */
  readonly maxConcurrency?: number | undefined;
  /** Whether the function's response lists the messages that failed. */
  readonly reportsFailures: boolean;
}

/** SQS's own limit of one call (documented: SQS quotas). */
const MAX_PER_CALL = 10;
const LONG_POLL_SECONDS = 20;
/** While a batch is gathered; the window's end is noticed up to this late. */
const SHORT_POLL_SECONDS = 1;
/** Lambda begins with five concurrent batches and adds more (documented: LAM services-sqs-scaling); here it stays at five. */
const DEFAULT_CONCURRENCY = 5;
const PAUSE_AFTER_ERROR_MS = 1000;

/**
 * Receives batches with the function's role, runs the function on each, and deletes what succeeded. Failed and
 * throttled messages are left to the queue's visibility timeout and redrive policy (documented: LAM with-sqs), and so are
 * those of a chain that is stopped: they end in the queue's dead-letter queue (observed by users of AWS; that it takes
 * the policy's number of receives is unconfirmed). The visibility timeout that a function sets for a message that it
 * reports as failed stays as it is (unconfirmed).
 */
export class QueuePoller implements Poller {
  readonly #cloud: Cloud;
  readonly #function: FunctionRuntime;
  readonly #settings: QueuePollerSettings;
  readonly #stopping = new AbortController();
  #processing = 0;
  #freed: () => void = () => undefined;

  constructor(cloud: Cloud, runtime: FunctionRuntime, settings: QueuePollerSettings) {
    this.#cloud = cloud;
    this.#function = runtime;
    this.#settings = settings;
  }

  start(): void {
    void this.#run();
  }

  /** Batches in progress are handled to their end, and their messages are received again. */
  stop(): Promise<void> {
    this.#stopping.abort();
    this.#freed();
    return Promise.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const most = this.#settings.maxConcurrency ?? DEFAULT_CONCURRENCY;
    while (!signal.aborted) {
      if (this.#processing >= most) await new Promise<void>((resolve) => (this.#freed = resolve));
      else
        try {
          const batch = await this.#gather();
          if (batch.length > 0) this.#process(batch);
        } catch (error) {
          if (!signal.aborted) await this.#pauseAfter(error);
        }
    }
  }

  #process(batch: readonly Message[]): void {
    this.#processing++;
    void this.#handle(batch)
      .catch((error: unknown) =>
        this.#emit("batch-failed", { messages: batch.length, error: errorMessage(error) }),
      )
      .finally(() => {
        this.#processing--;
        this.#freed();
      });
  }

  /** A batch: the messages in the queue, and those that arrive until the window ends or the batch is full. */
  async #gather(): Promise<readonly Message[]> {
    const { batchSize, windowMs } = this.#settings;
    const batch = await this.#receive(batchSize, LONG_POLL_SECONDS);
    if (batch.length === 0 || windowMs === 0) return batch;
    const untilMs = this.#cloud.clock.now() + windowMs;
    while (batch.length < batchSize && this.#cloud.clock.now() < untilMs && !this.#stopping.signal.aborted)
      batch.push(...(await this.#receive(batchSize - batch.length, SHORT_POLL_SECONDS)));
    return batch;
  }

  async #receive(most: number, WaitTimeSeconds: number): Promise<Message[]> {
    const { Messages = [] } = await this.#client().send(
      new ReceiveMessageCommand({
        QueueUrl: this.#settings.queue.url,
        MaxNumberOfMessages: Math.min(most, MAX_PER_CALL),
        WaitTimeSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
      { abortSignal: this.#stopping.signal },
    );
    return Messages;
  }

  async #handle(batch: readonly Message[]): Promise<void> {
    const { queue, reportsFailures } = this.#settings;
    const allowed = batch.filter((message) => !this.#function.stopsChain(traceHeaderOf(message)));
    if (allowed.length < batch.length)
      this.#emit("recursion-stopped", { messages: batch.length - allowed.length });
    if (allowed.length === 0) return;
    const ids = allowed.map(({ MessageId }) => MessageId!);
    const event = sqsEvent(allowed, queue.arn, this.#cloud.region);
    const { ok, payload } = await this.#function.invoke(
      randomId(),
      JSON.stringify(event),
      longestChain(allowed.map(traceHeaderOf), this.#function.config.arn),
    );
    if (this.#stopping.signal.aborted) return;
    const failed = !ok ? ids : reportsFailures ? failedIds(payload, ids) : [];
    await this.#delete(allowed.filter(({ MessageId }) => !failed.includes(MessageId!)));
    this.#emit("batch-handled", { messages: ids.length, failed: failed.length });
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    for (const chunk of chunksOf(messages, MAX_PER_CALL))
      await this.#client().send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.#settings.queue.url,
          Entries: chunk.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
  }

  #client(): SQSClient {
    const { access } = this.#cloud;
    return this.#cloud.client(
      SQSClient,
      access.assumeRole(this.#function.config.roleArn, "lambda.amazonaws.com"),
    );
  }

  async #pauseAfter(error: unknown): Promise<void> {
    this.#emit("poll-failed", { error: errorMessage(error) });
    await new Promise<void>((resolve) => {
      this.#cloud.clock.after(PAUSE_AFTER_ERROR_MS, resolve);
      this.#stopping.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #emit(name: string, detail: Record<string, unknown>): void {
    if (this.#stopping.signal.aborted) return;
    const { queue } = this.#settings;
    this.#cloud.events.emit("lambda", name, {
      ...detail,
      function: this.#function.config.name,
      queue: queue.arn.split(":").at(-1),
    });
  }
}

const traceHeaderOf = ({ Attributes }: Message): string | undefined => Attributes?.AWSTraceHeader;
