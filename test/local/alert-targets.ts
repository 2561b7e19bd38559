import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { alertSettingsTable } from "../../aws/alert-settings.ts";
import { deadLetters, type DeadLetter } from "../../operator/dead-letters.ts";
import type { AlertDelivery, AlertDetail } from "../../schemas/alert-message.ts";
import type { AlertTarget } from "../../schemas/alert-target.ts";
import { detailOf, targetOf } from "../core/alerts/samples.ts";
import { startReceiver, type Receiver, type Respond } from "../support/receiver.ts";
import type { TestStack } from "./stack.ts";

/** Targets of a stack's alerts, with receivers on this machine, and the queue of messages to them. */
export class AlertTargets {
  readonly settings: ReturnType<typeof alertSettingsTable>;
  readonly queueUrl: string;
  readonly sqs: SQSClient;
  readonly #stack: TestStack;
  readonly #unsent: ReturnType<typeof deadLetters>;
  readonly #receivers: Receiver[] = [];

  constructor(stack: TestStack) {
    const { outputs } = stack.local;
    this.#stack = stack;
    this.sqs = new SQSClient(stack.config);
    this.settings = alertSettingsTable(outputs["AlertSettingsTableName"]!, new DynamoDBClient(stack.config));
    this.queueUrl = outputs["AlertDeliveryQueueUrl"]!;
    this.#unsent = deadLetters(outputs["UnsentQueueUrl"]!, this.sqs);
  }

  /** A target at a receiver of its own, with settings over those of a signed webhook to this machine. */
  async add(
    targetId: string,
    respond?: Respond,
    settings: Parameters<typeof targetOf>[0] = {},
  ): Promise<{ readonly target: AlertTarget; readonly receiver: Receiver }> {
    const receiver = await startReceiver(respond);
    this.#receivers.push(receiver);
    const target = targetOf({ targetId, url: `${receiver.url}/hook`, allowPrivate: true, ...settings });
    await this.settings.putTarget(target);
    return { target, receiver };
  }

  /** Puts a message into the queue, as raiseAlerts does. */
  async deliver(
    targetId: string,
    detail: Partial<AlertDetail> = {},
    type: AlertDelivery["type"] = "AlertRaised",
  ): Promise<void> {
    const atMs = Math.round(this.#stack.clock.now());
    const delivery: AlertDelivery = { targetId, type, atMs, detail: detailOf(detail) };
    await this.sqs.send(
      new SendMessageCommand({ QueueUrl: this.queueUrl, MessageBody: JSON.stringify(delivery) }),
    );
  }

  /** Does what makes the function handle one batch, and waits for its end. */
  async handled(act: () => Promise<void> | void): Promise<void> {
    const { events } = this.#stack.local.cloud;
    let isHandled = false;
    const stop = events.subscribe(({ name, detail }) => {
      if (name === "batch-handled" && detail["queue"] === "doorstep-dev-alert-deliveries") isHandled = true;
    });
    try {
      await act();
      if (!isHandled) await events.waitFor(() => isHandled);
    } finally {
      stop();
    }
  }

  /** Waits for messages in the queue of the unsent. */
  async unsent(): Promise<DeadLetter[]> {
    for (;;) {
      const received = await this.#unsent.receive();
      if (received.length > 0) return received;
    }
  }

  /** Removes messages from the queue of the unsent. @returns why they were given up */
  async removeUnsent(letters?: readonly DeadLetter[]): Promise<(string | undefined)[]> {
    const removed = letters ?? (await this.unsent());
    await this.#unsent.delete(removed);
    return removed.map(reasonOf);
  }

  async stop(): Promise<void> {
    this.sqs.destroy();
    for (const receiver of this.#receivers) await receiver.stop();
  }
}

export const reasonOf = ({ attributes }: DeadLetter): string | undefined => attributes["reason"]?.StringValue;
