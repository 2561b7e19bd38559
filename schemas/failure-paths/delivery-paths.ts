import { anythingIn, counted, staler, type Arrow, type RedrivePath } from "./failure-path.ts";

/** Buffers are emptied every minute and the backup every five; a quarter of an hour is late for both. */
const STALE_SECONDS = 900;

/** The two ways into the lake, which are alike. */
const FACTS = [
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
] as const satisfies readonly { errors: RedrivePath; [name: string]: string }[];

const toStream = ({ what, logicalId, queue }: (typeof FACTS)[number]): Arrow => ({
  name: `topic-to-${what}`,
  stage: "delivery",
  from: "topic",
  to: `delivery stream of ${what}`,
  fails: "the subscription's role is refused, the stream is gone or takes no more",
  retried:
    "100,015 times over 23 days, throttled 50 times over 6 hours, refusals not at all (documented: SNS, message delivery retries)",
  lands: `queue undelivered-${what}, 14 days`,
  alarms: [
    anythingIn(`undelivered-${what}`, queue),
    counted(`throttled-${what}`, { kind: "deliveryStream", logicalId }, "ThrottledRecords"),
  ],
  returns: "put into the delivery stream",
  redrive: [what],
});

const transform: Arrow = {
  name: "transform",
  stage: "delivery",
  from: "Firehose",
  to: "transform",
  fails:
    "a record cannot be normalised (ProcessingFailed); the function throws, times out or answers too much",
  retried:
    "thrown errors 3 times, then the whole batch fails (NumberOfRetries in resources/lake.yml; documented: Firehose, data transformation failure handling); a record that the function gives back as failed not at all",
  lands: "errors/<table>/processing-failed/ in the lake bucket, each record byte for byte with its reason",
  alarms: [
    counted("records-not-transformed", { kind: "log" }, "RecordsNotTransformed"),
    counted("transform-errors", { kind: "function", logicalId: "TransformLambdaFunction" }, "Errors"),
    counted("transform-throttles", { kind: "function", logicalId: "TransformLambdaFunction" }, "Throttles"),
  ],
  returns: "the original bytes are put into the delivery stream",
  redrive: ["detection-errors", "session-errors"],
};

const conversion = ({ what, table, logicalId, errors }: (typeof FACTS)[number]): Arrow => ({
  name: `conversion-of-${what}`,
  stage: "lake",
  from: `transformed ${what}`,
  to: "Parquet",
  fails: "a row does not fit the Glue table; more than 500 partitions are active",
  retried:
    "not at all; while the errors themselves cannot be written the stream stands still (documented: Firehose, record format conversion error handling)",
  lands: `errors/${table}/format-conversion-failed/ and errors/${table}/activePartitionExceeded/ in the lake bucket`,
  alarms: [
    counted(`unconverted-${what}`, { kind: "deliveryStream", logicalId }, "FailedConversion.Records"),
    {
      ...counted(`partitions-of-${what}`, { kind: "deliveryStream", logicalId }, "PartitionCountExceeded"),
      statistic: "Maximum",
    },
  ],
  returns: "its notification is found in raw/ by its event id and put into the delivery stream",
  redrive: [errors],
});

const toBucket = ({ what, logicalId }: (typeof FACTS)[number]): Arrow => ({
  name: `${what}-to-lake`,
  stage: "lake",
  from: `delivery stream of ${what}`,
  to: "lake bucket",
  fails: "the role, the bucket's policy or the key refuses; the Glue table cannot be read",
  retried: "for 24 hours, then the records are lost (documented: Firehose, data delivery failure handling)",
  lands: "the delivery stream itself",
  alarms: [staler(`stale-${what}`, logicalId, "DeliveryToS3.DataFreshness", STALE_SECONDS)],
  returns:
    "by itself once the cause is mended within 24 hours; after that from the raw backup, if that was written",
  redrive: ["raw"],
});

const toBackup = ({ what, logicalId }: (typeof FACTS)[number]): Arrow => ({
  name: `${what}-to-raw`,
  stage: "lake",
  from: `delivery stream of ${what}`,
  to: "raw backup",
  fails: "the role, the bucket's policy or the key refuses",
  retried:
    "for 24 hours, then the copy is lost, not the rows (documented: Firehose, data delivery failure handling)",
  lands: "the delivery stream itself",
  alarms: [staler(`stale-raw-${what}`, logicalId, "BackupToS3.DataFreshness", STALE_SECONDS)],
  returns: "by itself once the cause is mended within 24 hours",
});

/** From the topic into the lake. */
export const DELIVERY_ARROWS: readonly Arrow[] = [
  ...FACTS.map(toStream),
  transform,
  ...FACTS.map(conversion),
  ...FACTS.map(toBucket),
  ...FACTS.map(toBackup),
];
