import { anyMessage, oldestMessage, type FailurePath } from "./failure-path.ts";

/** Wake-ups are delayed by up to 900 s on purpose, and whether their age counts from then is unconfirmed. */
const LONGEST_WAKE_SECONDS = 1200;

/** From a detection to a message at its target. */
export const ALERT_PATHS: readonly FailurePath[] = [
  {
    name: "topic-to-alert-queue",
    stage: "alerts",
    from: "topic",
    to: "alert queue",
    failure: "the queue does not exist, or its policy or key refuses",
    retries: "100,015 times over 23 days, refusals never (documented: SNS, message delivery retries)",
    keptIn: "queue unraised, 14 days",
    alarms: [],
    withoutAlarm: "`unraised` goes off; `topic-losses` if that queue refuses as well",
    recovery:
      "the notification is sent to the alert queue; a detection of more than five minutes ago raises no alert, and the lake has it as late",
    redrive: ["alerts"],
  },
  {
    name: "bus-to-alert-queue",
    stage: "alerts",
    from: "event bus",
    to: "alert queue",
    failure: "the queue does not exist, or its policy or key refuses",
    retries:
      "for 24 hours and up to 185 times, refusals never (documented: EventBridge, retry policy and dead-letter queues)",
    keptIn: "queue unraised, 14 days",
    alarms: [],
    withoutAlarm: "`unraised` goes off",
    recovery:
      "the event is sent to the alert queue, and the alert of its motion ends; without it, an alert ends with the camera's next alert, or after six hours",
    redrive: ["alerts"],
  },
  {
    name: "alert-queue-to-raise-alerts",
    stage: "alerts",
    from: "alert queue",
    to: "raiseAlerts",
    failure:
      "raiseAlerts throws because a service is out of reach, times out or is throttled; a message is neither a notification, one about faces, an end of motion nor a wake-up",
    retries:
      "5 receives, 60 s apart (RedrivePolicy and VisibilityTimeout in resources/alerts.yml; documented: SQS, dead-letter queues); a detection that was decided is not decided again",
    keptIn: "queue unraised, 14 days; the camera's alerts so far in DynamoDB",
    alarms: [
      anyMessage("unraised", "UnraisedQueue"),
      oldestMessage("alert-queue-age", "AlertQueue", LONGEST_WAKE_SECONDS),
    ],
    recovery:
      "the message is sent to the alert queue again; a detection of more than five minutes ago raises no alert, and a wake-up does what is due since",
    redrive: ["alerts"],
  },
  {
    name: "raise-alerts-to-outbox",
    stage: "alerts",
    from: "raiseAlerts",
    to: "delivery stream of alerts, event bus, alert delivery queue",
    failure: "Firehose, EventBridge or SQS accept some entries or none",
    retries:
      "every entry stays in the record of the camera's alerts until it is accepted, under the same id; each message of the camera sends the rest again (core/alerts/drive.ts)",
    keptIn: "the record of the camera's alerts in DynamoDB, without end",
    alarms: [],
    withoutAlarm:
      "`unraised` goes off: a message of whose outbox nothing is accepted fails, and is in queue unraised after its retries",
    recovery: "by itself with the camera's next message; those that failed meanwhile are in queue unraised",
    redrive: ["alerts"],
  },
  {
    name: "alert-delivery-queue-to-targets",
    stage: "alerts",
    from: "alert delivery queue",
    to: "sendAlerts, targets",
    failure:
      "a target refuses, does not respond in time, or is no longer there; the function throws or is throttled; a message is not a delivery",
    retries:
      "after growing random delays for a day, or when the target says so (Retry-After); a target that is gone (410) never again",
    keptIn: "queue unsent, 14 days, with the reason as an attribute of the message",
    alarms: [anyMessage("unsent", "UnsentQueue")],
    recovery: "the message is sent to the alert delivery queue, and has a day again",
    redrive: ["alert-deliveries"],
  },
];
