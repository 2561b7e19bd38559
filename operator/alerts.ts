import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { alertSettingsTable } from "../aws/alert-settings.ts";
import { camerasTable } from "../aws/cameras.ts";
import { personsTable } from "../aws/persons.ts";
import { readSecret } from "../aws/secrets.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { pollUntil } from "../base/poll.ts";
import { randomId } from "../base/random.ts";
import { targetSecret } from "../core/alerts/keys.ts";
import { alertDelivery, type AlertDelivery } from "../schemas/alert-message.ts";
import type { AlertRule } from "../schemas/alert-rule.ts";
import type { Severity } from "../schemas/severity.ts";
import type { AlertTarget } from "../schemas/alert-target.ts";
import type { AlertTest } from "../schemas/alert-test.ts";
import type { Camera } from "../schemas/camera.ts";
import type { PersonRecord } from "../schemas/person.ts";
import type { Snooze, Snoozed } from "../schemas/snooze.ts";
import { ruleProblems, type RuleProblem } from "./alert-problems.ts";
import { alertSubscriptions, type Subscriber, type Subscription } from "./alert-subscriptions.ts";
import { runQuery, type QueryResult } from "./athena.ts";
import type { ClientConfig } from "./client-config.ts";
import { stackAlertOutputs, type StackAlertOutputs } from "./stack.ts";

const POLL_INTERVAL_MS = SECOND_MS / 2;

/** A test message that was put into the queue, and what became of it in time. */
export interface SentTest {
  readonly eventId: string;
  /** Undefined if nothing is known within the time. */
  readonly test: AlertTest | undefined;
}

/** A message that was given up. */
export interface UnsentMessage {
  readonly targetId: string | undefined;
  readonly reason: string | undefined;
}

/** The rules, targets and snoozes of one stack. */
export class Alerts {
  readonly outputs: StackAlertOutputs;
  readonly subscriptions: ReturnType<typeof alertSubscriptions>;
  readonly #settings: ReturnType<typeof alertSettingsTable>;
  readonly #cameras: ReturnType<typeof camerasTable>;
  readonly #persons: ReturnType<typeof personsTable>;
  readonly #secrets: SecretsManagerClient;
  readonly #queue: SQSClient;
  readonly #athena: AthenaClient;
  readonly #clock: Clock;
  readonly #clients: readonly { destroy(): void }[];

  private constructor(outputs: StackAlertOutputs, config: ClientConfig, clock: Clock) {
    this.outputs = outputs;
    this.#clock = clock;
    const dynamodb = new DynamoDBClient(config);
    const sns = new SNSClient(config);
    this.#secrets = new SecretsManagerClient(config);
    this.#queue = new SQSClient(config);
    this.#athena = new AthenaClient(config);
    this.#settings = alertSettingsTable(outputs.AlertSettingsTableName, dynamodb);
    this.#cameras = camerasTable(outputs.CamerasTableName, dynamodb);
    this.#persons = personsTable(outputs.PersonsTableName, dynamodb);
    this.subscriptions = alertSubscriptions(outputs.AlertTopicArn, sns);
    this.#clients = [dynamodb, sns, this.#secrets, this.#queue, this.#athena];
  }

  /** @throws Error that names the stack, when it does not exist or has no alerts */
  static async open(stackName: string, config: ClientConfig, clock = systemClock): Promise<Alerts> {
    return new Alerts(await stackAlertOutputs(stackName, config), config, clock);
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  rules(): Promise<AlertRule[]> {
    return this.#settings.rules();
  }

  findRule(ruleId: string): Promise<AlertRule | undefined> {
    return this.#settings.findRule(ruleId);
  }

  putRule(rule: AlertRule): Promise<void> {
    return this.#settings.putRule(rule);
  }

  /** Its snooze goes with it. @returns false when there was none */
  async removeRule(ruleId: string): Promise<boolean> {
    const isRemoved = await this.#settings.removeRule(ruleId);
    await this.#settings.wake({ kind: "rule", id: ruleId });
    return isRemoved;
  }

  /** What keeps a rule from raising alerts, with the stack's cameras, targets and persons as they are. */
  async problemsOf(rule: AlertRule): Promise<RuleProblem[]> {
    const [cameras, targets, persons] = await Promise.all([
      this.cameras(),
      this.targets(),
      this.personsOf([rule]),
    ]);
    return ruleProblems(rule, { cameras, targets, persons, nowMs: this.#clock.now() });
  }

  /** The persons' records if one of the rules is for persons. */
  async personsOf(rules: readonly AlertRule[]): Promise<PersonRecord[]> {
    return rules.some(({ persons }) => persons) ? await this.persons() : [];
  }

  persons(): Promise<PersonRecord[]> {
    return this.#persons.list();
  }

  /** Lets rules that name a person name another one. @returns the rules that did */
  async renamePerson(personId: string, otherId: string): Promise<AlertRule[]> {
    const naming = (await this.rules()).filter(({ persons }) => persons?.includes(personId));
    for (const rule of naming) {
      const persons = rule.persons!.map((one) => (one === personId ? otherId : one));
      await this.putRule({ ...rule, persons: [...new Set(persons)] });
    }
    return naming;
  }

  cameras(): Promise<Camera[]> {
    return this.#cameras.list();
  }

  findCamera(cameraId: string): Promise<Camera | undefined> {
    return this.#cameras.find(cameraId, true);
  }

  targets(): Promise<AlertTarget[]> {
    return this.#settings.targets();
  }

  findTarget(targetId: string): Promise<AlertTarget | undefined> {
    return this.#settings.findTarget(targetId);
  }

  putTarget(target: AlertTarget): Promise<void> {
    return this.#settings.putTarget(target);
  }

  /**
   * Adds a target and subscribes those who get its messages by e-mail or SMS.
   * @returns the subscribers that have to confirm
   */
  async addTarget(target: AlertTarget, subscribers: readonly Subscriber[]): Promise<Subscriber[]> {
    // First, so that a refused address leaves no target behind.
    const waiting: Subscriber[] = [];
    for (const subscriber of subscribers)
      if (await this.subscriptions.subscribe(target.targetId, subscriber)) waiting.push(subscriber);
    await this.putTarget(target);
    return waiting;
  }

  /**
   * Removes a target, its subscriptions, and its place in the rules that use it.
   * @returns the subscriptions that were removed or lost the target
   */
  async removeTarget(
    { targetId, format }: AlertTarget,
    usedBy: readonly AlertRule[],
  ): Promise<Subscription[]> {
    for (const rule of usedBy)
      await this.putRule({ ...rule, targets: rule.targets.filter((one) => one !== targetId) });
    const removed = format === "sns" ? await this.subscriptions.unsubscribe(targetId) : [];
    await this.#settings.removeTarget(targetId);
    return removed;
  }

  /** The secret that a target's messages are signed with, `whsec_…`. Secret: print it on request only. */
  async signingSecret(target: AlertTarget): Promise<string> {
    return targetSecret(await readSecret(this.outputs.AlertSecretArn, this.#secrets, this.#clock), target);
  }

  snoozes(): Promise<Snooze[]> {
    return this.#settings.snoozes(this.#clock.now());
  }

  snooze(of: Snoozed, untilMs: number): Promise<void> {
    return this.#settings.snooze(of, untilMs);
  }

  /** @returns false when it was not snoozed */
  wake(of: Snoozed): Promise<boolean> {
    return this.#settings.wake(of);
  }

  /**
   * Puts a test message for a target into the queue of deliveries, and waits for the outcome of an attempt to send it.
   * @throws the signal's reason once it aborts; the message stays in the queue
   */
  async sendTest(
    { targetId }: AlertTarget,
    { cameraId, severity }: { readonly cameraId: string; readonly severity: Severity },
    { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
  ): Promise<SentTest> {
    const atMs = this.#clock.now();
    const at = new Date(atMs).toISOString();
    const alertId = `test-${targetId}-${randomId()}`;
    const eventId = `${alertId}-1`;
    const delivery: AlertDelivery = {
      targetId,
      type: "AlertTest",
      atMs,
      detail: {
        eventId,
        alertId,
        revision: 1,
        cameraId,
        severity,
        silent: false,
        labels: [{ name: "PERSON", confidence: 99, detectedAt: at }],
        rules: [],
        chainStartedAt: at,
        raisedAt: at,
      },
    };
    await this.#queue.send(
      new SendMessageCommand({
        QueueUrl: this.outputs.AlertDeliveryQueueUrl,
        MessageBody: JSON.stringify(delivery),
      }),
    );
    const test = await pollUntil(() => this.#settings.findTest(eventId), {
      clock: this.#clock,
      everyMs: POLL_INTERVAL_MS,
      withinMs,
      signal,
    });
    return { eventId, test };
  }

  /**
   * Reads some messages of the queue of the unsent, and leaves all there: they stay visible to others.
   * @returns each with its target and the reason, as far as the message has them
   */
  async peekUnsent(): Promise<UnsentMessage[]> {
    const { Messages = [] } = await this.#queue.send(
      new ReceiveMessageCommand({
        QueueUrl: this.outputs.UnsentQueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ["reason"],
      }),
    );
    return Messages.map(({ Body, MessageAttributes }) => {
      const delivery = v.safeParse(v.pipe(v.string(), v.parseJson(), alertDelivery), Body);
      return {
        targetId: delivery.success ? delivery.output.targetId : undefined,
        reason: MessageAttributes?.["reason"]?.StringValue,
      };
    });
  }

  /** Runs a query on the lake. */
  async query(sql: string, signal: AbortSignal): Promise<QueryResult> {
    const { WorkGroupName, DatabaseName } = this.outputs;
    return await runQuery(
      sql,
      { client: this.#athena, workGroup: WorkGroupName, database: DatabaseName },
      { signal, clock: this.#clock },
    );
  }
}
