import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { backoffMs } from "../../base/backoff.ts";
import { errorMessage } from "../../base/errors.ts";
import { randomId, systemRandom } from "../../base/random.ts";
import type { Cloud } from "../cloud.ts";
import { queueUrl } from "../messaging/queue-url.ts";
import { RetryQueue, type Attempt, type EndReason, type QueuedItem } from "../retry-queue.ts";
import { errorCode, isRetried } from "./delivery-error.ts";
import type { BusEvent } from "./event.ts";
import type { Rule, Rules, RuleTarget } from "./rules.ts";

const SERVICE = "events.amazonaws.com";
/** Exponential with jitter (documented: EventBridge, retry policy); the figures are not documented. */
const BACKOFF = { minMs: 500, baseMs: 1000, maxMs: 600_000 };

/** An event for one target. */
interface Delivery {
  readonly ruleArn: string;
  readonly targetId: string;
  readonly event: BusEvent;
}
type Queued = QueuedItem<Delivery>;

/** A rule and one of its targets. */
interface Destination {
  readonly rule: Rule;
  readonly target: RuleTarget;
}

/** Values of EXHAUSTED_RETRY_CONDITION (documented: EventBridge, dead-letter queues). */
const EXHAUSTED: Readonly<Record<EndReason, string | undefined>> = {
  retries: "MaximumRetryAttempts",
  age: "MaximumEventAgeInSeconds",
  refused: undefined,
};

/** Delivers events to targets: retries with backoff, then sends to the dead-letter queue. Events survive a restart. */
export class Deliveries {
  readonly #cloud: Cloud;
  readonly #rules: Rules;
  readonly #queue: RetryQueue<Delivery>;

  constructor(cloud: Cloud, rules: Rules) {
    this.#cloud = cloud;
    this.#rules = rules;
    this.#queue = new RetryQueue<Delivery>(cloud, {
      name: "eventbridge/delivery-queue",
      target: ({ ruleArn, targetId }) => `${ruleArn} ${targetId}`,
      limits: (delivery) => {
        const { maxRetries = 0, maxEventAgeMs = 0 } = this.#destination(delivery)?.target ?? {};
        return { maxRetries, maxAgeMs: maxEventAgeMs };
      },
      attempt: (queued) => this.#attempt(queued),
      onRetry: (queued, error) => this.#emit("delivery-retried", queued, error),
      onEnd: (queued, reason, error) => this.#giveUp(queued, reason, error),
    });
  }

  accept(rule: Rule, event: BusEvent): void {
    for (const { id } of rule.targets)
      this.#queue.add(randomId(), { ruleArn: rule.arn, targetId: id, event });
  }

  resume(): void {
    this.#queue.resume();
  }

  async stop(): Promise<void> {
    this.#queue.stop();
    await this.#queue.settled();
  }

  #destination({ ruleArn, targetId }: Delivery): Destination | undefined {
    const rule = this.#rules.byArn(ruleArn);
    const target = rule?.targets.find(({ id }) => id === targetId);
    return rule && target && { rule, target };
  }

  async #attempt(queued: Queued): Promise<Attempt<unknown>> {
    const destination = this.#destination(queued.item);
    // The template was changed while the event waited, and the target is gone.
    if (!destination) return { kind: "done" };
    try {
      await this.#send(destination, queued.item.event);
    } catch (error) {
      if (!isRetried(error)) return { kind: "refused", error };
      return {
        kind: "failed",
        error,
        retryAfterMs: backoffMs(queued.retries + 1, systemRandom(), BACKOFF),
      };
    }
    this.#emit("delivered", queued);
    return { kind: "done" };
  }

  async #send({ rule, target }: Destination, event: BusEvent): Promise<void> {
    const principal = this.#cloud.access.servicePrincipal(SERVICE, rule.arn);
    const input = target.input(event);
    if (target.kind === "lambda")
      await this.#cloud
        .client(LambdaClient, principal)
        .send(new InvokeCommand({ FunctionName: target.arn, InvocationType: "Event", Payload: input }));
    else
      await this.#cloud
        .client(SQSClient, principal)
        .send(new SendMessageCommand({ QueueUrl: this.#urlOf(target.arn), MessageBody: input }));
  }

  /** Sends the event with EventBridge's attributes (documented: dead-letter queues; their values observed). */
  async #giveUp(queued: Queued, reason: EndReason, error: unknown): Promise<void> {
    this.#emit("delivery-failed", queued, error);
    const { rule, target } = this.#destination(queued.item)!;
    if (!target.deadLetterQueueArn) return;
    const exhausted = EXHAUSTED[reason];
    const attributes: Record<string, string> = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: errorCode(error),
      ERROR_MESSAGE: errorMessage(error),
      RETRY_ATTEMPTS: String(queued.retries),
      ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    try {
      await this.#cloud.client(SQSClient, this.#cloud.access.servicePrincipal(SERVICE, rule.arn)).send(
        new SendMessageCommand({
          QueueUrl: this.#urlOf(target.deadLetterQueueArn),
          MessageBody: JSON.stringify(queued.item.event),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, StringValue]) => [
              name,
              { DataType: "String", StringValue },
            ]),
          ),
        }),
      );
    } catch (failure) {
      this.#emit("dead-letter-failed", queued, failure);
    }
  }

  #urlOf(queueArn: string): string {
    return queueUrl(this.#cloud, queueArn.split(":").at(-1)!);
  }

  #emit(name: string, { item, retries }: Queued, error?: unknown): void {
    const destination = this.#destination(item);
    this.#cloud.events.emit("eventbridge", name, {
      rule: destination?.rule.name,
      to: destination?.target.arn,
      eventId: item.event.id,
      detailType: item.event["detail-type"],
      retries,
      ...(error !== undefined && { error: errorMessage(error) }),
    });
  }
}
