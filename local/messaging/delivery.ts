import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { sleep } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { sendToDeadLetterQueue } from "./dead-letters.ts";
import type { DeliveryQueue, TakenMessage } from "./delivery-queue.ts";
import { firehoseRecord, lambdaEvent } from "./envelope.ts";

/** Where a subscription delivers. */
export type Target = {
  readonly topicArn: string;
  /** ARN of the function or the delivery stream. */
  readonly endpoint: string;
  readonly raw: boolean;
  readonly deadLetterQueueArn?: string | undefined;
} & ({ readonly protocol: "lambda" } | { readonly protocol: "firehose"; readonly roleArn: string });

/** PutRecordBatch takes 500 records of 4 MiB (documented); ten messages of SNS's maximum size fit beside the last byte. */
const BATCH = { count: 500, bytes: 1024 * 1024 };
/** How many messages are on their way to a function at a time. */
const MAX_IN_FLIGHT = 20;
/**
 * AWS retries 100,015 times over 23 days (documented: SNS message delivery retries); here a delivery only has these
 * retries, so that the messages of a broken target soon reach the dead-letter queue.
 */
const RETRY_DELAYS_MS = [0, 1000, 5000];

/** A deleted endpoint or a denied call is a client error, which is never retried (documented). */
const isClientError = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|ResourceNotFound|InvalidArgument/.test(error.name);

/**
 * Delivers the messages of a subscription's queue to its target: to Firehose in the order of the queue, in batches; to a
 * function one by one, several at a time.
 */
export class Delivery {
  readonly #cloud: Cloud;
  readonly #queue: DeliveryQueue;
  readonly #target: Target;
  readonly #subscriptionArn: string;
  readonly #stopping = new AbortController();
  /** Messages that neither the target nor the dead-letter queue accepted, by id. */
  readonly #stuck = new Map<string, TakenMessage>();
  readonly #inFlight = new Set<Promise<void>>();
  /** Callers that wait for messages: their ids, and how to answer. */
  readonly #callers = new Set<{ readonly ids: Set<string>; readonly resolve: () => void }>();
  #running: Promise<void> = Promise.resolve();
  /** Whether a message waits for another attempt. */
  #isRefused = false;

  constructor(cloud: Cloud, queue: DeliveryQueue, target: Target, subscriptionArn: string) {
    this.#cloud = cloud;
    this.#queue = queue;
    this.#target = target;
    this.#subscriptionArn = subscriptionArn;
  }

  get isToStream(): boolean {
    return this.#target.protocol === "firehose";
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the messages that the queue has now are delivered or given up, or when the target refuses any. */
  passedOn(): Promise<void> {
    const ids = new Set(this.#queue.ids().filter((id) => !this.#stuck.has(id)));
    if (ids.size === 0 || this.#isRefused) return Promise.resolve();
    return new Promise((resolve) => void this.#callers.add({ ids, resolve }));
  }

  /** Resolves when no delivery is in progress; undelivered messages stay in the queue. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#queue.stopWaiting();
    await this.#running;
    this.#queue.putBack([...this.#stuck.values()]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted)
      try {
        await this.#deliverNext();
      } catch (error) {
        if (signal.aborted) break;
        this.#emit("delivery-interrupted", { error: errorMessage(error) });
        this.#refused();
        await sleep(this.#cloud.clock, RETRY_DELAYS_MS[1]!, signal);
      }
    await Promise.allSettled(this.#inFlight);
    this.#refused();
  }

  async #deliverNext(): Promise<void> {
    this.#isRefused = false;
    const isBatched = this.#target.protocol === "firehose";
    const messages = this.#queue.take(
      isBatched ? BATCH : { ...BATCH, count: MAX_IN_FLIGHT - this.#inFlight.size },
    );
    if (messages.length === 0) return await this.#queue.wait();
    if (isBatched) return await this.#deliver(messages);
    for (const message of messages) {
      const delivery = this.#deliver([message])
        .catch((error: unknown) => this.#emit("delivery-interrupted", { error: errorMessage(error) }))
        .finally(() => this.#inFlight.delete(delivery));
      this.#inFlight.add(delivery);
    }
    if (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
  }

  /** Retries until every message is delivered or given up. */
  async #deliver(batch: readonly TakenMessage[]): Promise<void> {
    const { signal } = this.#stopping;
    let left = batch;
    let failure: unknown;
    for (const delayMs of RETRY_DELAYS_MS) {
      if (left.length === 0) return;
      if (delayMs > 0) this.#refused();
      await sleep(this.#cloud.clock, delayMs, signal);
      this.#isRefused = false;
      if (signal.aborted) return this.#queue.putBack(left);
      const errors = await this.#send(left).catch((error: unknown) => left.map(() => error));
      const delivered = left.filter((_message, index) => errors[index] === undefined);
      this.#remove(delivered);
      for (let index = 0; index < delivered.length; index++) this.#emit("delivered", {});
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
  async #giveUp(message: TakenMessage, failure: unknown): Promise<void> {
    const { topicArn, deadLetterQueueArn } = this.#target;
    this.#emit("delivery-failed", { error: errorMessage(failure) });
    if (deadLetterQueueArn)
      try {
        await sendToDeadLetterQueue(this.#cloud, topicArn, deadLetterQueueArn, message.body);
      } catch (error) {
        this.#emit("dead-letter-refused", { deadLetterQueueArn, error: errorMessage(error) });
        this.#stuck.set(message.id, message);
        this.#answer([message]);
        return;
      }
    this.#remove([message]);
  }

  /** @returns for each message the error of its delivery, or undefined */
  async #send(batch: readonly TakenMessage[]): Promise<unknown[]> {
    const { access } = this.#cloud;
    const target = this.#target;
    if (target.protocol === "lambda") {
      const principal = access.servicePrincipal("sns.amazonaws.com", target.topicArn);
      const lambda = this.#cloud.client(LambdaClient, principal);
      for (const { body, traceHeader } of batch) {
        const command = new InvokeCommand({
          FunctionName: target.endpoint,
          InvocationType: "Event",
          Payload: JSON.stringify(lambdaEvent(body, this.#subscriptionArn)),
        });
        await lambda.send(withTraceHeader(command, traceHeader));
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
        Records: batch.map(({ body }) => ({ Data: Buffer.from(target.raw ? body : firehoseRecord(body)) })),
      }),
    );
    return RequestResponses.map(
      ({ ErrorCode, ErrorMessage }) => ErrorCode && new Error(`${ErrorCode}: ${ErrorMessage}`),
    );
  }

  #remove(messages: readonly TakenMessage[]): void {
    for (const { id } of messages) this.#stuck.delete(id);
    this.#queue.remove(messages);
    this.#answer(messages);
  }

  #answer(messages: readonly TakenMessage[]): void {
    for (const caller of this.#callers) {
      for (const { id } of messages) caller.ids.delete(id);
      if (caller.ids.size > 0) continue;
      this.#callers.delete(caller);
      caller.resolve();
    }
  }

  #refused(): void {
    this.#isRefused = true;
    for (const { resolve } of this.#callers) resolve();
    this.#callers.clear();
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
