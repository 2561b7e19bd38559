import { anythingIn, counted, waitsLonger, type Arrow, type Watched } from "./failure-path.ts";
import { DELIVERY_ARROWS } from "./delivery-paths.ts";

const ofFunction = (logicalId: string): Watched => ({ kind: "function", logicalId });

/** Wake-ups are delayed by up to 900 s on purpose, and whether their age counts from then is unconfirmed. */
const LONGEST_WAKE_SECONDS = 1200;
/** A thousand stops one a second take seventeen minutes. */
const LONGEST_STOP_SECONDS = 1800;

/**
 * Every arrow of the picture in the order in which data travels. docs/operations.md, the alarms and the dashboard are
 * made from this list, so none of them can tell another story.
 */
export const ARROWS: readonly Arrow[] = [
  {
    name: "camera-to-api",
    stage: "motion",
    from: "camera",
    to: "startSession, stopSession, showSession",
    fails:
      "API Gateway or a function answers 5xx: a fault, DynamoDB or the secret out of reach, no concurrency left",
    retried:
      "by the camera: a webhook that could not act may come again under the same id (docs/motion-api.md)",
    lands: "nowhere: the answer tells the camera",
    alarms: [counted("motion-api-faults", { kind: "api", logicalId: "HttpApi" }, "5xx")],
    returns:
      "the camera reports again; motion that is never stopped ends by the camera's motionTimeoutSeconds",
  },
  {
    name: "start-to-engine",
    stage: "sessions",
    from: "startSession, driveSession",
    to: "Rekognition",
    fails: "throttled, the processor busy, the role or the stream refused",
    retried:
      "with growing random delays for the camera's startTimeoutSeconds (core/sessions/plan.ts), each try written down before it is made",
    lands: "the coverage ledger: a gap with its reason, so that no second of motion is unaccounted for",
    alarms: [
      counted("start-session-errors", ofFunction("StartSessionLambdaFunction"), "Errors"),
      counted("start-session-throttles", ofFunction("StartSessionLambdaFunction"), "Throttles"),
    ],
    returns:
      "by itself while the motion is young enough to matter; `doorstep query gaps-by-reason` shows what was given up",
  },
  {
    name: "wake-queue-to-drive-session",
    stage: "sessions",
    from: "wake queue",
    to: "driveSession",
    fails: "driveSession throws, times out or is throttled; a message is not a wake-up",
    retried:
      "5 receives, 180 s apart (RedrivePolicy and VisibilityTimeout in resources/sessions.yml; documented: SQS, dead-letter queues); besides, wakeSessions wakes every session that is due each minute",
    lands: "queue unwoken, 14 days",
    alarms: [
      anythingIn("unwoken", "UnwokenQueue"),
      waitsLonger("wake-queue-age", "WakeQueue", LONGEST_WAKE_SECONDS),
      counted("drive-session-errors", ofFunction("DriveSessionLambdaFunction"), "Errors"),
    ],
    returns: "put into the wake queue again; a wake-up too many finds nothing to do",
    redrive: ["wake-ups"],
  },
  {
    name: "schedule-to-wake-sessions",
    stage: "sessions",
    from: "schedule",
    to: "wakeSessions",
    fails: "EventBridge may not call the function; the function throws or times out",
    retried:
      "EventBridge: 3 times within 5 minutes, refusals not at all (documented: EventBridge, retry policy and dead-letter queues); the function: not, the next minute does the same",
    lands: "queue missed-schedules, 14 days",
    alarms: [
      anythingIn("missed-schedules", "MissedSchedulesQueue"),
      counted("wake-sessions-errors", ofFunction("WakeSessionsLambdaFunction"), "Errors"),
      counted("schedule-failures", { kind: "rule", logicalId: "WakeSessionsSchedule" }, "FailedInvocations"),
    ],
    returns: "wakeSessions is run once for all that were missed",
    redrive: ["schedule"],
  },
  {
    name: "stop-queue-to-stop-processor",
    stage: "sessions",
    from: "stop queue",
    to: "stopProcessor",
    fails: "Rekognition throttles or refuses the stop",
    retried:
      "10 receives, 60 s apart, in order (resources/sessions.yml; documented: SQS, dead-letter queues)",
    lands: "queue unstopped.fifo, 14 days",
    alarms: [
      anythingIn("unstopped", "UnstoppedQueue"),
      waitsLonger("stop-queue-age", "StopQueue", LONGEST_STOP_SECONDS),
      counted("stop-processor-errors", ofFunction("StopProcessorLambdaFunction"), "Errors"),
    ],
    returns: "put into the stop queue again; a processor that is not at work stays so",
    redrive: ["stops"],
  },
  {
    name: "drive-session-to-outbox",
    stage: "sessions",
    from: "driveSession",
    to: "ledger's delivery stream, event bus, stop queue",
    fails: "Firehose, EventBridge or SQS take some entries or none",
    retried:
      "every entry stays in the session's record until it is taken, under the same id; what is left is sent with each wake-up, at the latest a minute later (core/sessions/drive.ts)",
    lands:
      "the session's record in DynamoDB, without end; one that has 200 entries to tell is full (core/sessions/ledger.ts)",
    alarms: [counted("drive-session-throttles", ofFunction("DriveSessionLambdaFunction"), "Throttles")],
    returns: "by itself; the wake-up that failed meanwhile lands in queue unwoken, whose alarm rings",
    redrive: ["wake-ups"],
  },
  {
    name: "bus-to-targets",
    stage: "sessions",
    from: "event bus",
    to: "the owner's targets",
    fails: "a target is refused, throttled or gone",
    retried:
      "for 24 hours and up to 185 times, refusals not at all (documented: EventBridge, retry policy and dead-letter queues)",
    lands: "the DeadLetterConfig that the owner gives the rule's target; without one it is lost",
    alarms: [],
    unseen:
      "the stack has no rule of its own on the bus; give each target a DeadLetterConfig and an alarm on the rule's FailedInvocations",
    returns: "from the target's own queue; every fact that the bus tells is a row of the lake besides",
  },
  {
    name: "engine-to-topic",
    stage: "notifications",
    from: "Rekognition",
    to: "topic",
    fails: "the role may not publish, or the key may not be used",
    retried: "unconfirmed: Rekognition's documentation says nothing of it",
    lands: "nowhere; the session's end never comes",
    alarms: [],
    unseen:
      "the ledger enters the session as lost: `doorstep query unsuccessful-sessions`; CloudWatch has no metric of it",
    returns:
      "not what was detected: the stretch is accounted for as lost, though its video is kept; motion that begins after it is analysed",
  },
  {
    name: "topic-to-close-session",
    stage: "notifications",
    from: "topic",
    to: "closeSession",
    fails: "the function is gone or may not be invoked",
    retried: "100,015 times over 23 days, refusals not at all (documented: SNS, message delivery retries)",
    lands: "queue undelivered, 14 days",
    alarms: [
      anythingIn("undelivered", "UndeliveredQueue"),
      counted(
        "topic-failures",
        { kind: "topic", logicalId: "DetectionsTopic" },
        "NumberOfNotificationsFailed",
      ),
      counted(
        "topic-losses",
        { kind: "topic", logicalId: "DetectionsTopic" },
        "NumberOfNotificationsFailedToRedriveToDlq",
      ),
    ],
    returns: "closeSession is invoked with the notification; an end that is known changes nothing",
    redrive: ["session-ends"],
  },
  {
    name: "close-session",
    stage: "notifications",
    from: "closeSession",
    to: "sessions table",
    fails: "the function throws, times out or is throttled",
    retried:
      "twice, after one and two minutes; throttled events for 6 hours (documented: Lambda, asynchronous invocation)",
    lands: "queue undelivered as the record of the invocation, 14 days",
    alarms: [
      counted("close-session-errors", ofFunction("CloseSessionLambdaFunction"), "Errors"),
      counted(
        "close-session-losses",
        ofFunction("CloseSessionLambdaFunction"),
        "DestinationDeliveryFailures",
      ),
    ],
    returns: "closeSession is invoked with the same event",
    redrive: ["session-ends"],
  },
  ...DELIVERY_ARROWS,
];
