import { backoffCeilingMs } from "../../base/backoff.ts";
import { errorMessage, isNamed } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { RetryQueue, type Attempt, type EndReason, type QueuedItem } from "../retry-queue.ts";
import { sendToDestination } from "./destination.ts";
import { RECURSIVE, THROTTLED } from "./errors.ts";
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
const THROTTLE_BACKOFF = { baseMs: 1000, maxMs: 300_000 };

interface AsyncEvent {
  readonly functionArn: string;
  readonly payload: string;
  /** X-Ray's header that came with the event. */
  readonly traceHeader?: string | undefined;
}
type Queued = QueuedItem<AsyncEvent>;

/** An attempt that failed: the function's response, how often it has run, and whether it was throttled. */
interface Failure {
  readonly response: string;
  readonly runs: number;
  readonly throttling?: { readonly throttles: number; readonly delayMs: number };
}

/** Lambda's queue of asynchronous invocations. Accepted events survive a restart. */
export class AsyncInvocations {
  readonly #cloud: Cloud;
  readonly #queue: RetryQueue<AsyncEvent, Failure>;
  readonly #runtime: (functionArn: string) => FunctionRuntime | undefined;
  readonly #config: (functionArn: string) => AsyncConfig;

  constructor(
    cloud: Cloud,
    runtime: (functionArn: string) => FunctionRuntime | undefined,
    config: (functionArn: string) => AsyncConfig,
  ) {
    this.#cloud = cloud;
    this.#runtime = runtime;
    this.#config = config;
    this.#queue = new RetryQueue<AsyncEvent, Failure>(cloud, {
      name: "lambda/async-queue",
      target: ({ functionArn }) => functionArn,
      limits: ({ functionArn }) => {
        const { maxRetries, maxEventAgeMs } = config(functionArn);
        return { maxRetries, maxAgeMs: maxEventAgeMs };
      },
      attempt: (queued) => this.#attempt(queued),
      onRetry: ({ item }, failure) => this.#emitFailure(item, failure),
      onEnd: async (queued, reason, failure) => {
        this.#emitFailure(queued.item, failure);
        await this.#sendToDestination(queued, reason, failure);
      },
    });
  }

  /** @param id the request's id, which every attempt gets */
  accept(id: string, functionArn: string, payload: string, traceHeader?: string): void {
    this.#queue.add(id, { functionArn, payload, traceHeader });
  }

  resume(): void {
    this.#queue.resume();
  }

  stop(): void {
    this.#queue.stop();
  }

  async settled(): Promise<void> {
    await this.#queue.settled();
  }

  async #attempt(queued: Queued): Promise<Attempt<Failure>> {
    const { functionArn } = queued.item;
    const runtime = this.#runtime(functionArn);
    const outcome = runtime
      ? await invokeUnlessRefused(runtime, queued)
      : { ok: false, payload: JSON.stringify({ errorMessage: "the function no longer exists" }) };
    if (outcome === "throttled") return this.#throttled(queued, runtime!);
    // The event of a stopped chain goes to the destination at once (documented: recursive loop detection).
    if (outcome === "recursive")
      return {
        kind: "refused",
        error: { response: JSON.stringify({ errorType: RECURSIVE }), runs: queued.retries },
      };
    const runs = queued.retries + 1;
    if (outcome.ok) {
      this.#emit("event-handled", queued.item, { attempts: runs, payload: outcome.payload });
      return { kind: "done" };
    }
    const retryAfterMs = RETRY_DELAYS_MS[queued.retries] ?? 0;
    return { kind: "failed", error: { response: outcome.payload, runs }, retryAfterMs };
  }

  /** A function without any concurrency gives the event up at once (documented: reserved concurrency). */
  #throttled({ retries, postponements }: Queued, { config }: FunctionRuntime): Attempt<Failure> {
    const throttles = postponements + 1;
    const retryAfterMs = backoffCeilingMs(throttles, THROTTLE_BACKOFF);
    const error = {
      response: JSON.stringify({ errorMessage: "Rate Exceeded." }),
      runs: retries,
      throttling: { throttles, delayMs: retryAfterMs },
    };
    return config.reservedConcurrency === 0
      ? { kind: "refused", error }
      : { kind: "postponed", error, retryAfterMs };
  }

  #emitFailure(event: AsyncEvent, { response, runs, throttling }: Failure): void {
    if (throttling) this.#emit("event-throttled", event, throttling);
    else this.#emit("event-failed", event, { attempts: runs, payload: response });
  }

  #emit(name: string, { functionArn }: AsyncEvent, detail: Record<string, unknown>): void {
    this.#cloud.events.emit("lambda", name, { function: functionArn.split(":").at(-1), ...detail });
  }

  /** Sends an invocation record with the function's own role (documented: Lambda, destinations). */
  async #sendToDestination(
    { id, item: { functionArn, payload }, acceptedAtMs }: Queued,
    reason: EndReason,
    { response, runs }: Failure,
  ): Promise<void> {
    const { onFailureArn: destinationArn } = this.#config(functionArn);
    if (!destinationArn) return;
    const record = JSON.stringify({
      version: "1.0",
      timestamp: new Date(acceptedAtMs).toISOString(),
      requestContext: {
        requestId: id,
        functionArn: `${functionArn}:$LATEST`,
        condition: reason === "age" ? "EventAgeExceeded" : "RetriesExhausted",
        approximateInvokeCount: runs,
      },
      requestPayload: JSON.parse(payload) as unknown,
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: JSON.parse(response) as unknown,
    });
    try {
      const { roleArn } = this.#runtime(functionArn)!.config;
      await sendToDestination(this.#cloud, destinationArn, record, roleArn);
    } catch (error) {
      const detail = { function: functionArn, destinationArn, error: errorMessage(error) };
      this.#cloud.events.emit("lambda", "destination-failed", detail);
    }
  }
}

async function invokeUnlessRefused(
  runtime: FunctionRuntime,
  { id, item: { payload, traceHeader } }: Queued,
): Promise<Outcome | "throttled" | "recursive"> {
  try {
    return await runtime.invoke(id, payload, traceHeader);
  } catch (error) {
    if (isNamed(error, THROTTLED)) return "throttled";
    if (isNamed(error, RECURSIVE)) return "recursive";
    throw error;
  }
}
