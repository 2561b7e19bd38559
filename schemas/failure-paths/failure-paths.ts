import {
  anyMessage,
  counted,
  oldestMessage,
  oldestOfShards,
  type FailurePath,
  type Watched,
} from "./failure-path.ts";
import { ALERT_PATHS } from "./alert-paths.ts";
import { FACE_PATHS } from "./face-paths.ts";
import { DELIVERY_PATHS } from "./delivery-paths.ts";

const ofFunction = (logicalId: string): Watched => ({ kind: "function", logicalId });

/** In five minutes. A camera with a wrong credential is refused a few times; a stranger's program, or a fleet, more often. */
const MANY_REFUSALS = 100;
/** Wake-ups are delayed by up to 900 s on purpose, and whether their age counts from then is unconfirmed. */
const LONGEST_WAKE_SECONDS = 1200;
/** Steps are delayed by up to a minute, and a fleet that wakes together waits for its turn. */
const LONGEST_SAMPLE_SECONDS = 600;
/** Checks are delayed by half a minute at most. */
const LONGEST_FACE_CHECK_SECONDS = 180;
/** As long as an alert on an unknown person may be late; batches are gathered for seconds. */
const LONGEST_RECORD_SECONDS = 900;
/** A thousand stops, one a second, take seventeen minutes. */
const LONGEST_STOP_SECONDS = 1800;

/**
 * Every failure path, in the order in which data travels. docs/operations.md, the alarms and the dashboard are generated
 * from this list, so they always agree.
 */
export const FAILURE_PATHS: readonly FailurePath[] = [
  {
    name: "camera-to-api",
    stage: "motion",
    from: "camera",
    to: "startSession, stopSession, showSession",
    failure:
      "API Gateway or a function returns 5xx: a fault, DynamoDB or the secret out of reach, no concurrency left",
    retries:
      "by the camera: a webhook whose request failed may be sent again under the same id (docs/motion-api.md)",
    keptIn: "nowhere: the camera gets the error",
    alarms: [
      // Errors and throttles of the functions are 5xx too.
      counted("motion-api-faults", { kind: "api", logicalId: "HttpApi" }, "5xx"),
    ],
    recovery:
      "the camera reports motion again; motion that is never stopped ends after the camera's motionTimeoutSeconds",
  },
  {
    name: "stranger-to-api",
    stage: "motion",
    from: "anyone",
    to: "motion API",
    failure:
      "requests are refused, 4xx: a camera's credential is wrong, a camera reports too often, or a stranger found the API's address",
    retries: "by the sender",
    keptIn:
      "nowhere; the access log has the addresses, and the functions' logs the camera and the reason (docs/observability.md)",
    alarms: [counted("motion-api-refusals", { kind: "api", logicalId: "HttpApi" }, "4xx", MANY_REFUSALS)],
    recovery:
      "`doorstep camera show <id> --credentials` shows a camera's credential; against a stranger, lower apiRequestsPerSecond (docs/deploy.md)",
  },
  {
    name: "start-to-engine",
    stage: "sessions",
    from: "startSession, driveSession",
    to: "engine",
    failure:
      "throttled, the camera's last session still running, the role or the stream refused; for frames DynamoDB or the sample queue out of reach",
    retries:
      "with growing random delays for the camera's startTimeoutSeconds (core/sessions/plan.ts), each attempt recorded before it is made",
    keptIn: "the coverage ledger: a gap with its reason, so that every second of motion is accounted for",
    alarms: [counted("starts-refused", { kind: "own" }, "StartsRefused")],
    recovery:
      "by itself within the camera's startTimeoutSeconds; `npx doorstep query gaps-by-reason` shows what was given up",
  },
  {
    name: "wake-queue-to-drive-session",
    stage: "sessions",
    from: "wake queue",
    to: "driveSession",
    failure: "driveSession throws, times out or is throttled; a message is not a wake-up",
    retries:
      "5 receives, 180 s apart (RedrivePolicy and VisibilityTimeout in resources/sessions.yml; documented: SQS, dead-letter queues); also, each minute wakeSessions wakes every session that is due",
    keptIn: "queue unwoken, 14 days",
    alarms: [
      anyMessage("unwoken", "UnwokenQueue"),
      oldestMessage("wake-queue-age", "WakeQueue", LONGEST_WAKE_SECONDS),
    ],
    recovery: "the message is sent to the wake queue again; a wake-up too many finds nothing to do",
    redrive: ["wake-ups"],
  },
  {
    name: "schedule-to-wake-sessions",
    stage: "sessions",
    from: "schedule",
    to: "wakeSessions",
    failure: "EventBridge may not invoke the function; the function throws or times out",
    retries:
      "EventBridge: 3 times within 5 minutes, refusals never (documented: EventBridge, retry policy and dead-letter queues); the function: never, since the next minute's run does the same",
    keptIn: "queue missed-schedules, 14 days",
    alarms: [anyMessage("missed-schedules", "MissedSchedulesQueue")],
    recovery: "wakeSessions is invoked once for all missed runs",
    redrive: ["schedule"],
  },
  {
    name: "stop-queue-to-stop-processor",
    stage: "sessions",
    from: "stop queue",
    to: "stopProcessor",
    failure: "Rekognition throttles or refuses the stop",
    retries:
      "10 receives, 60 s apart, in order (resources/sessions.yml; documented: SQS, dead-letter queues)",
    keptIn: "queue unstopped.fifo, 14 days",
    alarms: [
      anyMessage("unstopped", "UnstoppedQueue"),
      oldestMessage("stop-queue-age", "StopQueue", LONGEST_STOP_SECONDS),
    ],
    recovery: "the message is sent to the stop queue again; a processor that is not running stays as it is",
    redrive: ["stops"],
  },
  {
    name: "sample-queue-to-sample-frames",
    stage: "sessions",
    from: "sample queue",
    to: "sampleFrames",
    failure:
      "sampleFrames throws because a service is out of reach, times out or is throttled; a message is not a step",
    retries:
      "5 receives, 60 s apart (RedrivePolicy and VisibilityTimeout in resources/frames.yml; documented: SQS, dead-letter queues); a repeated step publishes the same event ids",
    keptIn:
      "queue unsampled, 14 days; the session's samples so far in DynamoDB. The ledger has a session without an end as failed or lost",
    alarms: [
      anyMessage("unsampled", "UnsampledQueue"),
      oldestMessage("sample-queue-age", "SampleQueue", LONGEST_SAMPLE_SECONDS),
    ],
    recovery:
      "the message is sent to the sample queue again: the session samples the rest of its stored video, unless its camera has a newer session; a step that was done meanwhile is dropped",
    redrive: ["samples"],
  },
  {
    name: "sample-frames-to-images",
    stage: "sessions",
    from: "sampleFrames",
    to: "Kinesis Video Streams, GetImages; Rekognition, DetectLabels",
    failure:
      "throttled, or the limit detectLabelsPerSecond is reached; the stream stores no video, the role is refused, the Region lacks DetectLabels; an image cannot be read",
    retries:
      "a call that is throttled is repeated after a growing random delay, and the time between samples grows (engines/frames); what is refused is not repeated",
    keptIn:
      "the coverage ledger: a gap with its reason, or the failed session with the reason of the refusal",
    alarms: [],
    withoutAlarm:
      "nothing is lost: the metric SamplesRefused counts refused calls, `npx doorstep query gaps-by-reason` shows the gaps, and a refused session publishes SessionFailed",
    recovery: "by itself: the next session samples again",
  },
  {
    name: "face-check-queue-to-end-face-search",
    stage: "sessions",
    from: "face check queue",
    to: "endFaceSearch",
    failure:
      "endFaceSearch throws because a service is out of reach, times out or is throttled; a message is not a check",
    retries:
      "5 receives, 60 s apart (RedrivePolicy and VisibilityTimeout in resources/face-search.yml; documented: SQS, dead-letter queues); Rekognition's throttled calls after 2 s, without end",
    keptIn:
      "queue unchecked, 14 days. The processor runs on, and is billed, until driveSession's check of the session, the next session or the daily sweep stops it",
    alarms: [
      anyMessage("unchecked", "UncheckedQueue"),
      oldestMessage("face-check-queue-age", "FaceCheckQueue", LONGEST_FACE_CHECK_SECONDS),
    ],
    recovery:
      "the message is sent to the face check queue again: the session is ended and its processor stopped, unless its camera has a newer session",
    redrive: ["face-checks"],
  },
  {
    name: "data-stream-to-record-faces",
    stage: "sessions",
    from: "a camera's data stream",
    to: "recordFaces",
    failure:
      "a record is none of a face search, or of another stack's camera; recordFaces throws, times out or is throttled; Firehose or the alert queue refuses faces",
    retries:
      "an unreadable record never; others up to 100 times within twelve hours, from the record that failed, in halves of the batch (the mapping that `doorstep camera add` creates; documented: Lambda with Kinesis)",
    keptIn:
      "queue unrecorded, 14 days: an unreadable record with its reason, or the place in the data stream of a batch that was given up; the data stream keeps its records for 24 hours",
    alarms: [
      anyMessage("unrecorded", "UnrecordedQueue"),
      oldestOfShards("record-faces-age", "RecordFacesLambdaFunction", LONGEST_RECORD_SECONDS),
    ],
    recovery:
      "by itself within twelve hours; after that recordFaces is invoked with the record, or with the batch's records, read from the data stream again. A message whose records the data stream no longer has stays and says so until it expires; no face of a person forgotten meanwhile is recorded",
    redrive: ["face-records"],
  },
  {
    name: "drive-session-to-fragments",
    stage: "sessions",
    from: "driveSession",
    to: "Kinesis Video Streams, ListFragments",
    failure: "throttled, refused, or the stream no longer exists",
    retries:
      "5 attempts within a minute for an ended session (core/sessions/reduce.ts), and the SDK's three for each; a search for video is repeated for the camera's startTimeoutSeconds",
    keptIn:
      "the coverage ledger: the session's interval from its requested start, or the gap, with the reason unverified",
    alarms: [],
    withoutAlarm:
      "nothing is lost: the function logs `fragments not listed`, and `doorstep query gaps-by-reason` shows the intervals",
    recovery: "by itself: the next session's video is listed again",
  },
  {
    name: "drive-session-to-outbox",
    stage: "sessions",
    from: "driveSession",
    to: "ledger's delivery stream, event bus, stop queue, table of frames sessions",
    failure: "Firehose, EventBridge, SQS or DynamoDB accept some entries or none",
    retries:
      "every entry stays in the session's record until it is accepted, under the same id; each wake-up sends the rest again, at the latest a minute later (core/sessions/drive.ts)",
    keptIn:
      "the session's record in DynamoDB, without end; a record with 200 entries is full (core/sessions/ledger.ts)",
    alarms: [],
    withoutAlarm:
      "`unwoken` goes off: a wake-up of whose outbox nothing is accepted fails, and is in queue unwoken after its retries",
    recovery: "by itself; wake-ups that failed meanwhile are in queue unwoken, which has an alarm",
    redrive: ["wake-ups"],
  },
  {
    name: "bus-to-targets",
    stage: "sessions",
    from: "event bus",
    to: "your targets",
    failure: "a target refuses, throttles or does not exist",
    retries:
      "for 24 hours and up to 185 times, refusals never (documented: EventBridge, retry policy and dead-letter queues)",
    keptIn: "the DeadLetterConfig that you give the rule's target; without one the event is lost",
    alarms: [],
    withoutAlarm:
      "the stack's own rule is below, of the alert queue; give each target of yours a DeadLetterConfig and an alarm on the rule's FailedInvocations",
    recovery: "from the target's own queue; every fact on the bus is also a row of the lake",
  },
  {
    name: "engine-to-topic",
    stage: "notifications",
    from: "stream processor",
    to: "topic",
    failure:
      "the role may not publish, or the key may not be used (of the engine frames, that is a step that fails, see sample queue)",
    retries: "unconfirmed: not in Rekognition's documentation",
    keptIn: "nowhere; the session's end is never reported",
    alarms: [],
    withoutAlarm:
      "the ledger has the session as lost: `npx doorstep query unsuccessful-sessions`; CloudWatch has no metric for it",
    recovery:
      "detections are not recovered: the interval is accounted for as lost, though its video is kept; motion that starts after it is analysed",
  },
  {
    name: "topic-to-close-session",
    stage: "notifications",
    from: "topic",
    to: "closeSession",
    failure: "the function does not exist or may not be invoked",
    retries: "100,015 times over 23 days, refusals never (documented: SNS, message delivery retries)",
    keptIn: "queue undelivered, 14 days",
    alarms: [
      anyMessage("undelivered", "UndeliveredQueue"),
      counted(
        "topic-losses",
        { kind: "topic", logicalId: "DetectionsTopic" },
        "NumberOfNotificationsFailedToRedriveToDlq",
      ),
    ],
    recovery: "closeSession is invoked with the notification; a duplicate changes nothing",
    redrive: ["session-ends"],
  },
  {
    name: "close-session",
    stage: "notifications",
    from: "closeSession",
    to: "sessions table",
    failure: "the function throws, times out or is throttled",
    retries:
      "twice, after one and two minutes; throttled events for 6 hours (documented: Lambda, asynchronous invocation)",
    keptIn: "queue undelivered as the invocation record, 14 days",
    alarms: [
      counted(
        "close-session-losses",
        ofFunction("CloseSessionLambdaFunction"),
        "DestinationDeliveryFailures",
      ),
    ],
    recovery: "closeSession is invoked with the same event",
    redrive: ["session-ends"],
  },
  ...FACE_PATHS,
  ...ALERT_PATHS,
  ...DELIVERY_PATHS,
  {
    name: "schedule-to-sweep-faces",
    stage: "lake",
    from: "daily schedule",
    to: "sweepFaces, Rekognition's collection, files of face_records",
    failure:
      "EventBridge may not invoke the function; the table of persons, the collection or the bucket is refused or out of reach; a file cannot be read; the time of a run is up",
    retries:
      "EventBridge: 3 times within an hour, refusals never; the function: twice, each run from where the one before ended (documented: EventBridge, retry policy and dead-letter queues; Lambda, asynchronous invocation)",
    keptIn:
      "queue missed-sweeps, 14 days; the table of persons has how far each is forgotten, and each step can be repeated",
    alarms: [anyMessage("missed-sweeps", "MissedSweepsQueue")],
    recovery:
      "by itself with the next day's run; sweepFaces is invoked once for all missed runs. `npx doorstep faces forget` finishes one person at once",
    redrive: ["sweeps"],
  },
];
