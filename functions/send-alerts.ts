import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { alertSettingsTable } from "../aws/alert-settings.ts";
import { personsTable } from "../aws/persons.ts";
import { deliveryQueue } from "../aws/queues.ts";
import { readSecret } from "../aws/secrets.ts";
import { alertTopic } from "../aws/topic.ts";
import { webhookSender } from "../aws/webhook-sender.ts";
import { systemClock } from "../base/clock.ts";
import { systemRandom } from "../base/random.ts";
import { sendAlert, type Sending, type SendParts } from "../core/alerts/send.ts";
import { SlowTargets } from "../core/alerts/slow-targets.ts";
import { count, environment, log } from "./_runtime.ts";

const secretArn = environment("ALERT_SECRET_ARN");
const queue = deliveryQueue({
  queueUrl: environment("ALERT_DELIVERY_QUEUE_URL"),
  unsentUrl: environment("UNSENT_QUEUE_URL"),
});

const settings = alertSettingsTable(environment("ALERT_SETTINGS_TABLE"));

const parts: SendParts = {
  now: systemClock.now,
  random: systemRandom,
  ...settings,
  secret: () => readSecret(secretArn),
  ...webhookSender(),
  ...alertTopic(environment("ALERT_TOPIC_ARN")),
  persons: personsTable(environment("PERSONS_TABLE")),
  slowTargets: new SlowTargets(),
  apiUrl: environment("MOTION_API_URL"),
};

const MESSAGES = {
  sent: "alert sent",
  "not-needed": "alert not needed",
  postponed: "alert not accepted",
  unsent: "alert given up",
} as const;

/**
 * Sends messages to targets, all of a batch at the same time. One that was not accepted stays in the queue, invisible until
 * its next attempt; one that is given up is put into the queue of the unsent with the reason.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const outcomes = await Promise.all(Records.map(send));
  const sent = outcomes.filter(({ kind }) => kind === "sent").length;
  const refused = outcomes.filter(({ kind }) => kind === "postponed" || kind === "unsent").length;
  count({ AlertsSent: sent || undefined, AlertsRefused: refused || undefined });
  return {
    batchItemFailures: outcomes.flatMap(({ isDone, messageId }) =>
      isDone ? [] : [{ itemIdentifier: messageId }],
    ),
  };
};

async function send(record: SQSRecord) {
  const { messageId, body, attributes } = record;
  const attempt = Number(attributes.ApproximateReceiveCount);
  const sending = await sendAlert(parts, { body, attempt, sentAtMs: Number(attributes.SentTimestamp) });
  const { kind, delivery, host, reason } = sending;
  const { alertId, revision, cameraId } = delivery?.detail ?? {};
  log.info(MESSAGES[kind], {
    alertId,
    revision,
    cameraId,
    targetId: delivery?.targetId,
    host,
    attempt,
    reason,
    messageId,
  });
  const [isDone] = await Promise.all([settle(record, sending), enterTest(sending)]);
  return { kind, messageId, isDone };
}

/** @returns whether the message may be deleted */
async function settle(record: SQSRecord, sending: Sending): Promise<boolean> {
  try {
    if (sending.kind === "unsent") await queue.giveUp(record, sending.reason);
    if (sending.kind === "postponed") await queue.postpone(record, sending.delayMs);
    return sending.kind !== "postponed";
  } catch (error) {
    // It is received again after the queue's visibility timeout.
    log.error("message not moved", error, { messageId: record.messageId });
    return false;
  }
}

const TEST_OUTCOMES = {
  sent: "accepted",
  "not-needed": "accepted",
  postponed: "failed",
  unsent: "unsent",
} as const;

/** Enters what became of a test message, which `doorstep alert test` waits for. */
async function enterTest({ kind, delivery, reason }: Sending): Promise<void> {
  if (delivery?.type !== "AlertTest") return;
  const { eventId } = delivery.detail;
  try {
    await settings.putTest(eventId, {
      outcome: TEST_OUTCOMES[kind],
      ...(reason !== undefined && { reason }),
      atMs: systemClock.now(),
    });
  } catch (error) {
    log.error("outcome of a test not entered", error, { eventId });
  }
}
