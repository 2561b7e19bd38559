import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import type { Timer } from "../../base/clock.ts";
import type { Collection } from "../documents.ts";
import { AwsError } from "../errors.ts";
import type { FunctionRuntime } from "./runtime.ts";
import type { Outcome } from "./sandbox.ts";

/** How a function's asynchronous invocations are retried and where failed ones go. */
export interface AsyncConfig {
  readonly maxRetries: number;
  readonly maxEventAgeMs: number;
  readonly onFailureArn?: string | undefined;
}

/** Documented (Lambda, asynchronous invocation): two retries, after one and then two more minutes; events live 6 h. */
export const DEFAULT_ASYNC_CONFIG: AsyncConfig = { maxRetries: 2, maxEventAgeMs: 6 * 3_600_000 };
const RETRY_DELAYS_MS = [60_000, 120_000];
/** Documented as above: throttled events wait from one second, exponentially, to at most five minutes. */
const FIRST_THROTTLE_DELAY_MS = 1000;
const LONGEST_THROTTLE_DELAY_MS = 300_000;

interface PendingEvent {
  readonly id: string;
  readonly functionArn: string;
  readonly payload: string;
  readonly acceptedAtMs: number;
  readonly attempts: number;
  /** How often in a row the function had no concurrency left for it. */
  readonly throttles?: number;
  readonly dueAtMs: number;
}

/** Lambda's queue of asynchronous invocations. Accepted events survive a restart. */
export class AsyncInvocations {
  readonly #cloud: Cloud;
  readonly #events: Collection<PendingEvent>;
  readonly #runtime: (functionArn: string) => FunctionRuntime | undefined;
  readonly #config: (functionArn: string) => AsyncConfig;
  readonly #timers = new Map<string, Timer>();
  readonly #attempts = new Set<Promise<void>>();
  #stopped = false;

  constructor(
    cloud: Cloud,
    runtime: (functionArn: string) => FunctionRuntime | undefined,
    config: (functionArn: string) => AsyncConfig,
  ) {
    this.#cloud = cloud;
    this.#events = cloud.documents.collection("lambda/async-events");
    this.#runtime = runtime;
    this.#config = config;
  }

  /** @param id the request's id, which every attempt is told */
  accept(id: string, functionArn: string, payload: string): void {
    const nowMs = this.#cloud.clock.now();
    this.#schedule({
      id,
      functionArn,
      payload,
      acceptedAtMs: nowMs,
      attempts: 0,
      dueAtMs: nowMs,
    });
  }

  /** Takes up the events that were waiting when the local cloud stopped. */
  resume(): void {
    for (const event of this.#events.list()) this.#schedule(event);
  }

  /** Starts no further attempt; those under way count only if they end before their function is stopped. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Resolves once no attempt is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#attempts);
  }

  #schedule(event: PendingEvent): void {
    this.#events.put(event.id, event);
    const delayMs = Math.max(0, event.dueAtMs - this.#cloud.clock.now());
    this.#timers.set(
      event.id,
      this.#cloud.clock.after(delayMs, () => {
        const attempt = this.#attempt(event).finally(() => this.#attempts.delete(attempt));
        this.#attempts.add(attempt);
      }),
    );
  }

  async #attempt(event: PendingEvent): Promise<void> {
    this.#timers.delete(event.id);
    const runtime = this.#runtime(event.functionArn);
    const { maxRetries, maxEventAgeMs, onFailureArn } = this.#config(event.functionArn);
    const { events, clock } = this.#cloud;
    const outcome = runtime
      ? await invokeUnlessThrottled(runtime, event)
      : { ok: false, payload: JSON.stringify({ errorMessage: "the function no longer exists" }) };
    if (this.#stopped && (outcome === "throttled" || !outcome.ok)) return;
    if (outcome === "throttled") return await this.#wait(event, runtime!, maxEventAgeMs, onFailureArn);
    const attempts = event.attempts + 1;
    events.emit("lambda", outcome.ok ? "event-handled" : "event-failed", {
      function: event.functionArn.split(":").at(-1),
      attempts,
      payload: outcome.payload,
    });
    if (outcome.ok) return void this.#events.delete(event.id);
    const delayMs = RETRY_DELAYS_MS[attempts - 1] ?? 0;
    const tooOld = clock.now() + delayMs - event.acceptedAtMs > maxEventAgeMs;
    if (attempts <= maxRetries && !tooOld)
      return this.#schedule({ ...event, attempts, dueAtMs: clock.now() + delayMs });
    const condition = attempts > maxRetries ? "RetriesExhausted" : "EventAgeExceeded";
    if (onFailureArn)
      await this.#sendToDestination(event, attempts, outcome.payload, onFailureArn, condition);
    this.#events.delete(event.id);
  }

  /** Keeps a throttled event; a function without any concurrency gives it up at once (documented: reserved concurrency). */
  async #wait(
    event: PendingEvent,
    { config }: FunctionRuntime,
    maxEventAgeMs: number,
    onFailureArn: string | undefined,
  ): Promise<void> {
    const { clock, events } = this.#cloud;
    const throttles = (event.throttles ?? 0) + 1;
    const delayMs = Math.min(FIRST_THROTTLE_DELAY_MS * 2 ** (throttles - 1), LONGEST_THROTTLE_DELAY_MS);
    const tooOld = clock.now() + delayMs - event.acceptedAtMs > maxEventAgeMs;
    events.emit("lambda", "event-throttled", { function: config.name, throttles, delayMs });
    if (config.reservedConcurrency !== 0 && !tooOld)
      return this.#schedule({ ...event, throttles, dueAtMs: clock.now() + delayMs });
    const response = JSON.stringify({ errorMessage: "Rate Exceeded." });
    const condition = tooOld ? "EventAgeExceeded" : "RetriesExhausted";
    if (onFailureArn) await this.#sendToDestination(event, event.attempts, response, onFailureArn, condition);
    this.#events.delete(event.id);
  }

  /** Sent with the function's own role, in the form of an invocation record (documented: Lambda, destinations). */
  async #sendToDestination(
    { id, functionArn, payload, acceptedAtMs }: PendingEvent,
    attempts: number,
    response: string,
    destinationArn: string,
    condition: string,
  ): Promise<void> {
    const { access, events } = this.#cloud;
    const record = JSON.stringify({
      version: "1.0",
      timestamp: new Date(acceptedAtMs).toISOString(),
      requestContext: {
        requestId: id,
        functionArn: `${functionArn}:$LATEST`,
        condition,
        approximateInvokeCount: attempts,
      },
      requestPayload: JSON.parse(payload) as unknown,
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: JSON.parse(response) as unknown,
    });
    try {
      const role = access.assumeRole(this.#runtime(functionArn)!.config.roleArn, "lambda.amazonaws.com");
      if (destinationArn.split(":")[2] === "sqs") {
        const queue = `${this.#cloud.endpoint}/${this.#cloud.accountId}/${destinationArn.split(":").at(-1)}`;
        await this.#cloud
          .client(SQSClient, role)
          .send(new SendMessageCommand({ QueueUrl: queue, MessageBody: record }));
      } else {
        await this.#cloud
          .client(SNSClient, role)
          .send(new PublishCommand({ TopicArn: destinationArn, Message: record }));
      }
    } catch (error) {
      events.emit("lambda", "destination-failed", {
        function: functionArn,
        destinationArn,
        error: errorMessage(error),
      });
    }
  }
}

async function invokeUnlessThrottled(
  runtime: FunctionRuntime,
  { id, payload }: PendingEvent,
): Promise<Outcome | "throttled"> {
  try {
    return await runtime.invoke(id, payload);
  } catch (error) {
    if (error instanceof AwsError && error.code === "TooManyRequestsException") return "throttled";
    throw error;
  }
}
