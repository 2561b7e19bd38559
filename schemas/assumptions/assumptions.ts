/**
 * What the project assumes of AWS though the documentation does not say it, or not clearly. The one list behind
 * docs/assumptions.md and `doorstep doctor --prove`.
 */

export interface Assumption {
  /** What is assumed. */
  readonly claim: string;
  /** How well it is supported: `documented` in part, `observed` by third parties, or `unconfirmed`. */
  readonly standing: "documented" | "observed" | "unconfirmed";
  readonly source: string;
  /** What would have to change if it is wrong. */
  readonly ifFalse: string;
  /** Whether `doctor --prove` checks it. */
  readonly isProved: boolean;
}

export const ASSUMPTIONS = {
  "account-is-open": {
    claim: "This account may use stream processors.",
    standing: "documented",
    source:
      "Rekognition guide, availability changes: closed from 2026-04-30 to accounts that had not used it. The error is not documented; reported are AccessDeniedExceptions without a message (aws/aws-cli#4409, of a Region without it), which the scanner disco on codeberg.org takes for the sign of services that are closed to new customers, Rekognition Custom Labels among them",
    ifFalse:
      "Cameras need the engine `frames`, which `camera add` then chooses; commands and the ledger's reasons say so when they get that error.",
    isProved: true,
  },
  "empty-stream-ends": {
    claim: "A session on a stream without video ends by itself, and its processor is STOPPED.",
    standing: "unconfirmed",
    source:
      "Rekognition guide, streaming video label detection: start a processor only after media is known to be ingested",
    ifFalse:
      "Motion without video is in the ledger as failed, with Rekognition's reason, instead of as `no-video`. `camera add` never starts a processor on an empty stream.",
    isProved: true,
  },
  "start-returns-session-id": {
    claim: "StartStreamProcessor returns the session's id for a label processor.",
    standing: "documented",
    source: "Rekognition API reference; the guide shows an empty body",
    ifFalse:
      "A session's id would be known from its first notification only, and `aws/rekognition.ts` refuses every start.",
    isProved: true,
  },
  "start-takes-milliseconds": {
    claim: "A start's `ProducerTimestamp` is epoch milliseconds and finds the video of that time.",
    standing: "documented",
    source: "Rekognition API reference; a public sample passes seconds",
    ifFalse: "`aws/rekognition.ts` would pass the other unit.",
    isProved: true,
  },
  "label-run-is-starting": {
    claim: "A label processor's status is STARTING for its whole run and never RUNNING.",
    standing: "documented",
    source: "Rekognition guide, streaming video label detection; observed in a public sample's issue",
    ifFalse:
      "A session whose end is not reported would count as ended too early: `find` in `aws/rekognition.ts`.",
    isProved: true,
  },
  "end-is-milliseconds": {
    claim: "`processedVideoDurationMillis` of a session's end is in milliseconds of analysed video.",
    standing: "documented",
    source: "Rekognition guide, by the field's name alone",
    ifFalse: "`schemas/values.ts` would convert it; the coverage ledger is counted from it.",
    isProved: true,
  },
  "processed-adds-up": {
    claim:
      "The fragments that a session analysed, each whole, add up to `processedVideoDurationMillis` of its end.",
    standing: "unconfirmed",
    source: "Rekognition guide, streaming video label detection: a session ends at the end of a fragment",
    ifFalse:
      "`core/sessions/analysed-video.ts` would count otherwise; until then the ledger has a fragment too few, which the next session analyses again.",
    isProved: true,
  },
  "session-reads-as-get-media": {
    claim:
      "A session begins with the fragment that contains the requested time, else with the next later one, waits while there is none, and continues in the order in which fragments arrived.",
    standing: "unconfirmed",
    source:
      "Kinesis Video Streams API reference, StartSelector and GetMedia, which the processor's role must allow; how long a session waits is not documented",
    ifFalse:
      "`core/sessions/analysed-video.ts` would choose other fragments; it decides by the listed fragments alone which video counts as analysed.",
    isProved: false,
  },
  "unpublished-end-is-silent": {
    claim: "A processor whose role may not publish a session's end is STOPPED without a message.",
    standing: "unconfirmed",
    source: "Rekognition guide, troubleshooting streaming video: names roles and streams, not topics",
    ifFalse: "Nothing: if it is FAILED, the ledger has the session as failed, with its reason.",
    isProved: false,
  },
  "end-repeats-the-start": {
    claim:
      "`startStreamProcessorRequest` of a notification repeats the start's producer time and longest duration.",
    standing: "unconfirmed",
    source: "Rekognition guide: an object of unspecified content",
    ifFalse: "`session_started_at` stays null, and a session's rows are partitioned by their arrival.",
    isProved: true,
  },
  "labels-are-milliseconds": {
    claim: "`producerTimestamp` and `serverTimestamp` of a label are epoch milliseconds.",
    standing: "unconfirmed",
    source: "Rekognition guide: a number; a public consumer reads milliseconds",
    ifFalse: "Nothing: `schemas/values.ts` accepts seconds too, which differ in size.",
    isProved: true,
  },
  "stop-ends-a-label-run": {
    claim: "StopStreamProcessor ends a label session before its longest duration.",
    standing: "unconfirmed",
    source: "Rekognition guide: for face search only",
    ifFalse:
      "A session runs up to its longest duration after the motion; removing a camera waits for it, up to 120 s.",
    isProved: true,
  },
  "one-processor-per-stream": {
    claim: "A second stream processor on the same stream is refused when it is created.",
    standing: "documented",
    source: "Rekognition guide, limits; the error is not documented",
    ifFalse:
      "Nothing: the registry creates one for each stream; the local cloud would return the real error.",
    isProved: true,
  },
  "persons-have-boxes": {
    claim: "DetectLabels names a person `Person`, with a box.",
    standing: "documented",
    source: "Rekognition guide, detecting labels; whether it recognises a drawn person is unconfirmed",
    ifFalse:
      "`schemas/label-mapping.ts` would have the name that comes; until then `frames` detects no PERSON.",
    isProved: true,
  },
  "pets-have-boxes": {
    claim:
      "DetectLabels names a pet `Pet`, `Dog`, `Cat`, `Puppy` or `Kitten`, with a box for one of these names.",
    standing: "observed",
    source:
      "Rekognition guide, detecting labels: Dog and its ancestors; Cat and Puppy in public calls and data, Kitten nowhere",
    ifFalse:
      "`schemas/label-mapping.ts` would have the name that has boxes; until then `frames` detects no PET.",
    isProved: true,
  },
  "packages-have-names": {
    claim:
      "DetectLabels names a parcel `Package`, `Cardboard`, `Carton`, `Box` or `Package Delivery`, with a box or without.",
    standing: "unconfirmed",
    source: "a public dump of tags, whose detector is not named; which of them have boxes is stated nowhere",
    ifFalse:
      "`schemas/label-mapping.ts` would have the names that come; until then `frames` detects no PACKAGE.",
    isProved: true,
  },
  "unknown-filter-is-ignored": {
    claim: "DetectLabels ignores an inclusion filter that is no name of its list.",
    standing: "unconfirmed",
    source: "Rekognition API reference, GeneralLabelsSettings: does not say",
    ifFalse:
      "A camera with a label that is misspelled would have no samples; names of `schemas/label-mapping.ts` that are not in the list would have to go.",
    isProved: true,
  },
  "filter-reads-the-body": {
    claim:
      "The filter policies of closeSession's and the sessions' subscriptions find `eventNamespace.type` in the body.",
    standing: "documented",
    source:
      "SNS guide, message filtering (a change applies within 15 minutes); not shown with raw delivery to Firehose",
    ifFalse:
      "Sessions would have no completion notification: the ledger would have them as lost. They are in raw/detections.",
    isProved: true,
  },
  "labels-in-one-row": {
    claim: "Firehose converts an array of JSON objects to a column of type `array<struct<…>>`.",
    standing: "documented",
    source:
      "Firehose guide, record format conversion: a STRUCT in the schema mirrors nested JSON; arrays of structs are not shown",
    ifFalse: "`more_labels` would be JSON text, which the view `detections` would parse.",
    isProved: true,
  },
  "rows-lie-by-event-time": {
    claim:
      "Partition keys that the transform returns place a row by event time, where partition projection finds it.",
    standing: "documented",
    source: "Firehose guide, dynamic partitioning; Athena guide, partition projection",
    ifFalse: "The prefix in `resources/lake.yml` and `storage.location.template` would have to be aligned.",
    isProved: true,
  },
  "athena-reads-timestamps": {
    claim: "Athena reads the timestamps that Firehose writes into Parquet as UTC, to the millisecond.",
    standing: "unconfirmed",
    source:
      "Athena guide, engine version 3: milliseconds; that Firehose writes INT96 is from a public question",
    ifFalse:
      "Views would derive timestamps from the `_ms` columns beside them, which hold epoch milliseconds.",
    isProved: true,
  },
  "athena-reads-views": {
    claim:
      "Athena reads the views, which CloudFormation creates as Glue tables in the form of its own CREATE VIEW.",
    standing: "observed",
    source:
      "Trino, HiveViewCodec and GlueToTrinoConverter; AWS samples; hashicorp/terraform-provider-aws#28517 for a view without SerdeInfo",
    ifFalse:
      "`schemas/views/view.ts` would write another form, or `CREATE VIEW` would run after each deployment.",
    isProved: true,
  },
  "confidence-may-be-absent": {
    claim: "A label may have a `confidence` or not.",
    standing: "unconfirmed",
    source: "Rekognition guide: in its prose, not in its schema",
    ifFalse: "Nothing: the column is null if it is absent.",
    isProved: false,
  },
  "throttled-start": {
    claim: "A start above the quota of concurrent sessions is refused as throttling or as a limit.",
    standing: "unconfirmed",
    source: "Rekognition API reference: StartStreamProcessor has no LimitExceededException",
    ifFalse: "The start counts as refused, with Rekognition's reason, and is repeated all the same.",
    isProved: false,
  },
  "evidence-names": {
    claim: "Evidence is under `<prefix>/<processor>/<session>/`, with names that the service chooses.",
    standing: "documented",
    source: "Rekognition guide; the names of the files are not documented",
    ifFalse: "Nothing: addresses are taken from the notification.",
    isProved: false,
  },
  "subscription-puts-batches": {
    claim: "SNS delivers to Firehose with PutRecordBatch, so the role needs it beside PutRecord.",
    standing: "observed",
    source: "captures of AWS that the stackd project publishes; the SNS guide names PutRecord alone",
    ifFalse: "The permission could be removed from `SubscriptionRole`.",
    isProved: false,
  },
  "reply-of-six-megabytes": {
    claim:
      "A transform may return 6 MB to Firehose, in either kind of megabyte; it returns at most 5.9 million bytes.",
    standing: "documented",
    source: "Firehose guide, data transformation; Lambda quotas",
    ifFalse:
      "`MAX_REPLY_BYTES` in `functions/transform.ts`; a result that is too long fails its batch, and nothing is lost.",
    isProved: false,
  },
  "stopped-chain-ends-in-dead-letters": {
    claim:
      "A queue's message that Lambda does not pass on, because its chain of invocations is too long, ends in the queue's dead-letter queue.",
    standing: "observed",
    source:
      "a public question about boto3; the Lambda guide, recursive loop detection, names dead-letter queues without saying after how many receives",
    ifFalse:
      "Nothing: `driveSession` alone invokes itself, and it is allowed to; the local cloud would drop the message.",
    isProved: false,
  },
  "environment-names-function": {
    claim:
      "Lambda decrypts a function's environment with the encryption context `aws:lambda:FunctionArn`, the function's ARN without a version.",
    standing: "observed",
    source:
      "policies that are published, and CloudTrail events of Lambda's other decryptions (Lambda guide, data encryption at rest)",
    ifFalse:
      "With a key of your own, functions fail to start with KMSAccessDeniedException: `environmentUse` in `resources/rules/encryption.ts`.",
    isProved: false,
  },
  "one-image-of-a-moment": {
    claim:
      "GetImages returns exactly one image for a range that is shorter than its sampling interval: the one that the video shows at the range's start, or an entry with an error.",
    standing: "documented",
    source:
      'Kinesis Video Streams API reference, GetImages: "the Image from the StartTimestamp will be returned if available"; that every moment without an image has an entry is by its type alone',
    ifFalse:
      "`aws/images.ts` would request a longer range and choose; until then moments count as `no-video` that have video.",
    isProved: false,
  },
  "detect-labels-is-refused-silently": {
    claim:
      "A Region without DetectLabels refuses it with an AccessDeniedException without a message, or does not know it.",
    standing: "unconfirmed",
    source: "reported for stream processors in Regions without them (aws/aws-cli#4409)",
    ifFalse:
      "The session of a stack that was deployed there in spite of the template's rule fails for another reason: `aws/detect-labels.ts`.",
    isProved: false,
  },
  "visibility-stays-as-set": {
    claim:
      "A message that a function reports as failed stays invisible for as long as the function set by ChangeMessageVisibility; Lambda does not change it.",
    standing: "unconfirmed",
    source:
      "Lambda guide, errors of an SQS event source: a failed message is visible again when its visibility timeout ends; functions that set it for their backoff are described in public articles",
    ifFalse:
      "`sendAlerts` would repeat a failed message after the queue's visibility timeout, a minute, instead of after its own delays; it would have to send a delayed copy.",
    isProved: false,
  },
  "batch-that-fails-first-is-split": {
    claim:
      "A batch of a data stream whose first record a function reports as failed counts as failed as a whole: with BisectBatchOnFunctionError it is split in two, so that one bad record is discarded alone.",
    standing: "unconfirmed",
    source:
      "Lambda guide, partial batch responses of Kinesis: an invocation that fails is split whatever is reported, a partial success at the returned sequence number; which of the two a report of the first record is, is not said",
    ifFalse:
      "A record that `recordFaces` keeps reporting takes the records after it along when its retries are used up; `UnrecordedQueue` gets the numbers of the first and the last, by which `doorstep redrive` reads them again for half a day.",
    isProved: false,
  },
  "mapping-resumes-at-checkpoint": {
    claim:
      "An event source mapping that is disabled and enabled again goes on after the last record that its function handled.",
    standing: "unconfirmed",
    source:
      "Lambda guide, with-kinesis, describes checkpoints of the shards of a mapping; that they outlive a disabled time is not said",
    ifFalse: "Nothing is lost: the function gets records again, and the views show each face once.",
    isProved: false,
  },
  "largest-face-alone": {
    claim:
      "SearchUsersByImage whose largest face is below the quality bar searches for no other face, and lists all of them in UnsearchedFaces.",
    standing: "unconfirmed",
    source: "Rekognition API reference, SearchUsersByImage: only the largest face is searched",
    ifFalse:
      "A smaller face of the same crop would be searched and named: `searchFaces` takes the answer as it is, so nothing else changes. The local cloud would search it, too.",
    isProved: false,
  },
  "users-become-active": {
    claim:
      "A user that AssociateFaces reports as UPDATING becomes ACTIVE by itself, and searches find it then.",
    standing: "documented",
    source:
      "Rekognition guide, associating faces with a user: searches use a user whose status is ACTIVE; how long it takes is not stated",
    ifFalse: "An enrolled person would be unknown to cameras until the faces are associated again.",
    isProved: false,
  },
  "faceless-frames-have-records": {
    claim:
      "A FaceSearch processor puts a record with an empty FaceSearchResponse for a frame without a face.",
    standing: "unconfirmed",
    source:
      "Rekognition guide, reading streaming video analysis results: a JSON frame record for each analysed frame; none without a face is shown",
    ifFalse:
      "Nothing: `recordFaces` makes no row of such a record. `doctor` would count no records of a camera that sees nobody, and the local cloud would put none.",
    isProved: false,
  },
  "records-keep-their-order": {
    claim: "The order of a processor's records does not depend on their partition key.",
    standing: "unconfirmed",
    source:
      "Rekognition guide and API reference name no partition key; Kinesis guide: order holds within a shard, and a camera's data stream has one",
    ifFalse:
      "Nothing: rows have the frame's own time. A data stream that is split is read shard by shard, also before it is deleted.",
    isProved: false,
  },
  "data-stream-takes-one-processor": {
    claim: "A second processor on a data stream is refused, as on a video stream.",
    standing: "documented",
    source:
      "Rekognition guide, guidelines and quotas; at which call, and with which error, is not documented",
    ifFalse:
      "Nothing: each camera has a data stream of its own. The local cloud refuses the second when it is created.",
    isProved: false,
  },
  "some-frames-are-analysed": {
    claim: "A FaceSearch processor analyses one or two frames a second.",
    standing: "observed",
    source:
      "Rekognition guide: not every frame is analysed, without a rate; the log in aws/amazon-kinesis-video-streams-parser-library#75 has one or two records a second",
    ifFalse:
      "`face_records` grows, and `recordFaces` runs, by the true rate; one shard takes 1,000 records a second (documented). `sessions` claims no number of samples.",
    isProved: false,
  },
  "face-search-begins-when-running": {
    claim:
      "A FaceSearch processor analyses the fragments that begin to arrive while it is RUNNING, none from before.",
    standing: "unconfirmed",
    source:
      "Rekognition API reference, StartStreamProcessor: no start selector for face search; CreateStreamProcessor: a consumer of live video. What becomes of video that arrives while it is STARTING is not said",
    ifFalse:
      "The ledger has a gap `not-live` of some seconds that was analysed: `analysedOf` in `engines/face-search/notification.ts`. No row is lost.",
    isProved: false,
  },
  "stopped-processor-writes-nothing": {
    claim: "A FaceSearch processor that is STOPPED puts no more records.",
    standing: "unconfirmed",
    source:
      "Rekognition API reference, StopStreamProcessor; that results come late is normal (aws/amazon-kinesis-video-streams-parser-library#28)",
    ifFalse:
      "A camera that is removed or gets another engine loses the records that come after its data stream was read: `operator/held-records.ts` would wait.",
    isProved: false,
  },
  "max-users-is-given": {
    claim: "SearchUsersByImage without MaxUsers returns some number of users.",
    standing: "unconfirmed",
    source: "Rekognition API reference: 1 to 500, without a default",
    ifFalse: "Nothing: Doorstep always gives it. The local cloud's default, 80, is a guess.",
    isProved: false,
  },
  "detect-faces-has-more-calls": {
    claim:
      "DetectFaces may be called 100 times a second in us-east-1, us-west-2 and eu-west-1, and 25 times elsewhere.",
    standing: "documented",
    source:
      "AWS General Reference, Rekognition endpoints and quotas: 100 or 25 calls a second, against 50 or 5. That its 100 are those of us-east-1, us-west-2 and eu-west-1, as of IndexFaces, is unconfirmed",
    ifFalse: "`faces enrol` is throttled earlier, and slows down: its client is adaptive.",
    isProved: false,
  },
  "list-of-processors-has-no-arn": {
    claim: "A role may list stream processors with the resource `*` only.",
    standing: "unconfirmed",
    source:
      "Rekognition guide, identity-based policy examples: on `*`, with other actions; the list's request names no processor",
    ifFalse:
      "The role of `sweepFaces` could be narrowed to the stack's processors: it lists names and statuses of all of the account's.",
    isProved: false,
  },
} as const satisfies Readonly<Record<string, Assumption>>;

export type AssumptionId = keyof typeof ASSUMPTIONS;

/** Those that `doctor --prove` checks, in its order. */
export const provedIds = (Object.keys(ASSUMPTIONS) as AssumptionId[]).filter(
  (id) => ASSUMPTIONS[id].isProved,
);
