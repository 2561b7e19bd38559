import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { randomId, systemRandom } from "../../base/random.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Timer } from "../../base/clock.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { queueUrl } from "../messaging/queues.ts";
import { errorCode, isRetried } from "./delivery-error.ts";
import type { BusEvent } from "./event.ts";
import type { Rule, Rules, RuleTarget } from "./rules.ts";

const SERVICE = "events.amazonaws.com";
/** Exponential with jitter (documented: EventBridge, retry policy); the figures are not documented. */
const FIRST_RETRY_DELAY_MS = 1000;
const LONGEST_RETRY_DELAY_MS = 600_000;

interface Pending {
  readonly id: string;
  readonly ruleArn: string;
  readonly targetId: string;
  readonly event: BusEvent;
  readonly acceptedAtMs: number;
  readonly retries: number;
  readonly dueAtMs: number;
}

/** Events on their way to targets: retried with backoff, then put into the dead-letter queue. They survive a restart. */
export class Deliveries {
  readonly #cloud: Cloud;
  readonly #rules: Rules;
  readonly #pending: Collection<Pending>;
  readonly #timers = new Map<string, Timer>();
  #stopped = false;

  constructor(cloud: Cloud, rules: Rules) {
    this.#cloud = cloud;
    this.#rules = rules;
    this.#pending = cloud.documents.collection("eventbridge/deliveries");
  }

  accept(rule: Rule, event: BusEvent): void {
    const nowMs = this.#cloud.clock.now();
    for (const { id: targetId } of rule.targets)
      this.#schedule({
        id: randomId(),
        ruleArn: rule.arn,
        targetId,
        event,
        acceptedAtMs: nowMs,
        retries: 0,
        dueAtMs: nowMs,
      });
  }

  /** Takes up what was on its way when the local cloud stopped. */
  resume(): void {
    for (const pending of this.#pending.list()) this.#schedule(pending);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #schedule(pending: Pending): void {
    this.#pending.put(pending.id, pending);
    const delayMs = Math.max(0, pending.dueAtMs - this.#cloud.clock.now());
    this.#timers.set(
      pending.id,
      this.#cloud.clock.after(delayMs, () => void this.#attempt(pending)),
    );
  }

  async #attempt(pending: Pending): Promise<void> {
    this.#timers.delete(pending.id);
    const rule = this.#rules.byArn(pending.ruleArn);
    const target = rule?.targets.find(({ id }) => id === pending.targetId);
    // The template was changed while the event waited, and nobody is after it any more.
    if (!rule || !target) return void this.#pending.delete(pending.id);
    try {
      await this.#send(rule, target, pending.event);
      this.#emit("delivered", rule, target, pending);
    } catch (error) {
      if (this.#stopped) return;
      const retry = this.#retryOf(pending, target, error);
      if (retry) {
        this.#emit("delivery-retried", rule, target, retry, error);
        return this.#schedule(retry);
      }
      this.#emit("delivery-failed", rule, target, pending, error);
      await this.#giveUp(pending, rule, target, error);
    }
    if (!this.#stopped) this.#pending.delete(pending.id);
  }

  async #send(rule: Rule, target: RuleTarget, event: BusEvent): Promise<void> {
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

  /** What comes of a failure: another attempt after a while, or nothing when it won't be retried. */
  #retryOf(pending: Pending, target: RuleTarget, error: unknown): Pending | undefined {
    if (!isRetried(error) || this.#exhausted(pending, target)) return undefined;
    const retries = pending.retries + 1;
    const longestMs = Math.min(FIRST_RETRY_DELAY_MS * 2 ** (retries - 1), LONGEST_RETRY_DELAY_MS);
    const delayMs = longestMs * (0.5 + systemRandom() / 2);
    return { ...pending, retries, dueAtMs: this.#cloud.clock.now() + delayMs };
  }

  #exhausted(pending: Pending, target: RuleTarget): string | undefined {
    if (pending.retries >= target.maxRetries) return "MaximumRetryAttempts";
    const ageMs = this.#cloud.clock.now() - pending.acceptedAtMs;
    return ageMs >= target.maxEventAgeMs ? "MaximumEventAgeInSeconds" : undefined;
  }

  /** The event with EventBridge's attributes (documented: dead-letter queues; their values observed). */
  async #giveUp(pending: Pending, rule: Rule, target: RuleTarget, error: unknown): Promise<void> {
    if (!target.deadLetterQueueArn) return;
    const attributes: Record<string, string> = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: errorCode(error),
      ERROR_MESSAGE: errorMessage(error),
      RETRY_ATTEMPTS: String(pending.retries),
    };
    const exhausted = isRetried(error) && this.#exhausted(pending, target);
    if (exhausted) attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted;
    try {
      await this.#cloud.client(SQSClient, this.#cloud.access.servicePrincipal(SERVICE, rule.arn)).send(
        new SendMessageCommand({
          QueueUrl: this.#urlOf(target.deadLetterQueueArn),
          MessageBody: JSON.stringify(pending.event),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, StringValue]) => [
              name,
              { DataType: "String", StringValue },
            ]),
          ),
        }),
      );
    } catch (failure) {
      this.#emit("dead-letter-failed", rule, target, pending, failure);
    }
  }

  #urlOf(queueArn: string): string {
    return queueUrl(this.#cloud, queueArn.split(":").at(-1)!);
  }

  #emit(name: string, rule: Rule, target: RuleTarget, { event, retries }: Pending, error?: unknown): void {
    this.#cloud.events.emit("eventbridge", name, {
      rule: rule.name,
      to: target.arn,
      eventId: event.id,
      detailType: event["detail-type"],
      retries,
      ...(error !== undefined && { error: errorMessage(error) }),
    });
  }
}
