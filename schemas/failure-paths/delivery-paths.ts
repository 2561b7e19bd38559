import type { LakeTable } from "../tables/lake-tables.ts";
import { anyMessage, counted, oldestRecord, type FailurePath, type RedrivePath } from "./failure-path.ts";

/** Rows are late when they are older than two buffers and this; with the default buffer of a minute, a quarter of an hour. */
const STALE_ROWS = { seconds: 780, beyond: { times: 2, parameter: "LakeBufferSeconds" } } as const;

interface Fact {
  readonly what: string;
  readonly table: LakeTable;
  readonly logicalId: string;
  readonly errors: RedrivePath;
}

/** What the topic delivers to the lake. */
const PUBLISHED = [
  {
    what: "detections",
    table: "detection_records",
    logicalId: "DetectionsDeliveryStream",
    queue: "UndeliveredDetectionsQueue",
    errors: "detection-errors",
  },
  {
    what: "sessions",
    table: "session_records",
    logicalId: "SessionsDeliveryStream",
    queue: "UndeliveredSessionsQueue",
    errors: "session-errors",
  },
] as const satisfies readonly (Fact & { readonly queue: string })[];

/** What has a raw backup. Decisions about alerts wait in an outbox until their stream accepts them. */
const BACKED_UP: readonly Fact[] = [
  ...PUBLISHED,
  { what: "alerts", table: "alert_records", logicalId: "AlertsDeliveryStream", errors: "alert-errors" },
];

/** Of faces no copy is kept besides the rows, so that a person can be forgotten. */
const FACES: Fact = {
  what: "faces",
  table: "face_records",
  logicalId: "FacesDeliveryStream",
  errors: "face-errors",
};

/** The ways into the lake, which are alike. */
const FACTS: readonly Fact[] = [...BACKED_UP, FACES];

/** Where Firehose logs why it could not deliver. */
const errorLog = (what: string, stream: string): string =>
  `log group /aws/kinesisfirehose/<stack>-${what}, stream ${stream}`;

const toStream = ({ what, logicalId, queue }: (typeof PUBLISHED)[number]): FailurePath => ({
  name: `topic-to-${what}`,
  stage: "delivery",
  from: "topic",
  to: `delivery stream of ${what}`,
  failure: "the subscription's role is refused, the stream does not exist or throttles",
  retries:
    "100,015 times over 23 days, throttled 50 times over 6 hours, refusals never (documented: SNS, message delivery retries)",
  keptIn: `queue undelivered-${what}, 14 days`,
  alarms: [
    anyMessage(`undelivered-${what}`, queue),
    counted(`throttled-${what}`, { kind: "deliveryStream", logicalId }, "ThrottledRecords"),
  ],
  recovery: "the notification is put into the delivery stream",
  redrive: [what],
});

const transform: FailurePath = {
  name: "transform",
  stage: "delivery",
  from: "Firehose",
  to: "transform",
  failure:
    "a record cannot be normalised (ProcessingFailed), also one of a form or type that no filter policy matches; the function throws, times out or returns too much",
  retries:
    "thrown errors 3 times, then the whole batch fails (NumberOfRetries in resources/lake.yml; documented: Firehose, data transformation failure handling); a record that the function returns as failed never",
  keptIn: "errors/<table>/processing-failed/ in the lake bucket, each record byte for byte with its reason",
  alarms: [
    counted("records-not-transformed", { kind: "own" }, "RecordsQuarantined"),
    counted("transform-errors", { kind: "function", logicalId: "TransformLambdaFunction" }, "Errors"),
    counted("transform-throttles", { kind: "function", logicalId: "TransformLambdaFunction" }, "Throttles"),
    counted(
      "transform-faces-errors",
      { kind: "function", logicalId: "TransformFacesLambdaFunction" },
      "Errors",
    ),
  ],
  recovery:
    "the original bytes are put into the delivery stream; a completion notification that only the detections' stream got also goes to closeSession and the sessions' stream",
  redrive: FACTS.map(({ errors }) => errors),
};

const conversion = ({ what, table, logicalId, errors }: Fact): FailurePath => ({
  name: `conversion-of-${what}`,
  stage: "lake",
  from: `transformed ${what}`,
  to: "Parquet",
  failure: "a row does not fit the Glue table; more than 500 partitions are active",
  retries:
    "never; while the errors themselves cannot be written, the stream delivers nothing (documented: Firehose, record format conversion error handling)",
  keptIn: `errors/${table}/format-conversion-failed/ and errors/${table}/activePartitionExceeded/ in the lake bucket`,
  alarms: [
    counted(`unconverted-${what}`, { kind: "deliveryStream", logicalId }, "FailedConversion.Records"),
    {
      ...counted(`partitions-of-${what}`, { kind: "deliveryStream", logicalId }, "PartitionCountExceeded"),
      statistic: "Maximum",
    },
  ],
  recovery:
    what === FACES.what
      ? "its record is built from the row and put into the delivery stream"
      : "its record is found in raw/ by its id and put into the delivery stream",
  redrive: [errors],
});

const toBucket = ({ what, logicalId }: Fact): FailurePath => ({
  name: `${what}-to-lake`,
  stage: "lake",
  from: `delivery stream of ${what}`,
  to: "lake bucket",
  failure: `the role, the bucket's policy or the key refuses; the Glue table cannot be read; the reason is in ${errorLog(what, "DestinationDelivery")}`,
  retries: "for 24 hours, then the records are lost (documented: Firehose, data delivery failure handling)",
  keptIn: "the delivery stream itself",
  alarms: [
    {
      ...oldestRecord(`stale-${what}`, logicalId, "DeliveryToS3.DataFreshness", STALE_ROWS.seconds),
      beyond: STALE_ROWS.beyond,
    },
  ],
  ...(what === FACES.what
    ? { recovery: "by itself if the cause is fixed within 24 hours; after that the faces are lost" }
    : {
        recovery:
          "by itself if the cause is fixed within 24 hours; after that from the raw backup, if that was written",
        redrive: ["raw"],
      }),
});

const toBackup = ({ what }: Fact): FailurePath => ({
  name: `${what}-to-raw`,
  stage: "lake",
  from: `delivery stream of ${what}`,
  to: "raw backup",
  failure: `the role, the bucket's policy or the key refuses; the reason is in ${errorLog(what, "BackupDelivery")}`,
  retries:
    "for 24 hours, then the copy is lost, not the rows (documented: Firehose, data delivery failure handling)",
  keptIn: "the delivery stream itself",
  alarms: [],
  withoutAlarm: `\`stale-${what}\` goes off: the same role writes the rows into the same bucket, under the same key`,
  recovery: "by itself if the cause is fixed within 24 hours",
});

/** From the topic, from raiseAlerts and from the searches of faces into the lake. */
export const DELIVERY_PATHS: readonly FailurePath[] = [
  ...PUBLISHED.map(toStream),
  transform,
  ...FACTS.map(conversion),
  ...FACTS.map(toBucket),
  ...BACKED_UP.map(toBackup),
];
