/**
 * Everything that the project takes for true of AWS although no documentation says so, or says it clearly. The one list
 * behind docs/assumptions.md and `doorstep doctor --prove`.
 */

export interface Assumption {
  /** What is taken for true. */
  readonly claim: string;
  /** Where it comes from: `documented` in part, `observed` by third parties, or `unconfirmed` altogether. */
  readonly standing: "documented" | "observed" | "unconfirmed";
  readonly source: string;
  /** What would have to change. */
  readonly ifFalse: string;
  /** Whether `doctor --prove` settles it. */
  readonly isProved: boolean;
}

export const ASSUMPTIONS = {
  "account-is-open": {
    claim: "This account may use stream processors.",
    standing: "documented",
    source:
      "Rekognition guide, availability changes: closed from 2026-04-30 to accounts that had not used it; what a refused account answers is not said",
    ifFalse:
      "Cameras need another engine than stream processors, or another account; the error's name belongs into `doctor`.",
    isProved: true,
  },
  "start-answers-session-id": {
    claim: "StartStreamProcessor answers the session's id for a label processor.",
    standing: "documented",
    source: "Rekognition API reference; the guide shows an empty body",
    ifFalse:
      "A session would be known by its first notification alone, and `aws/rekognition.ts` refuses every start.",
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
    claim: "A label processor says STARTING for its whole run and never RUNNING.",
    standing: "documented",
    source: "Rekognition guide, streaming video label detection; seen in a public sample's issue",
    ifFalse:
      "A session that never told its end would be taken for finished too early: `findProcessor` in `aws/rekognition.ts`.",
    isProved: true,
  },
  "end-tells-milliseconds": {
    claim: "`processedVideoDurationMillis` of a session's end is milliseconds of analysed video.",
    standing: "documented",
    source: "Rekognition guide, by the field's name alone",
    ifFalse: "`schemas/values.ts` would convert it; the coverage ledger is counted from it.",
    isProved: true,
  },
  "untold-end-is-silent": {
    claim: "A processor whose role may not publish a session's end is STOPPED and says nothing of it.",
    standing: "unconfirmed",
    source: "Rekognition guide, troubleshooting streaming video: names roles and streams, not topics",
    ifFalse: "Nothing: one that is FAILED is entered into the ledger as failed, with its reason.",
    isProved: false,
  },
  "end-repeats-the-start": {
    claim:
      "`startStreamProcessorRequest` of a notification repeats the start's producer time and longest duration.",
    standing: "unconfirmed",
    source: "Rekognition guide: an object, its content is not said",
    ifFalse: "`session_started_at` stays null, and a session's rows are partitioned by their arrival.",
    isProved: true,
  },
  "labels-tell-milliseconds": {
    claim: "`producerTimestamp` and `serverTimestamp` of a label are epoch milliseconds.",
    standing: "unconfirmed",
    source: "Rekognition guide: a number; a public consumer reads milliseconds",
    ifFalse: "Nothing: `schemas/values.ts` takes seconds, too, and tells them apart by their size.",
    isProved: true,
  },
  "stop-ends-a-label-run": {
    claim: "StopStreamProcessor ends a label session before its longest duration.",
    standing: "unconfirmed",
    source: "Rekognition guide offers it for face search only",
    ifFalse:
      "A session lasts up to its longest duration after the motion; removing a camera waits for it, up to 120 s.",
    isProved: true,
  },
  "one-processor-per-stream": {
    claim: "A second stream processor on the same stream is refused when it is created.",
    standing: "documented",
    source: "Rekognition guide, limits; the error is not said",
    ifFalse: "Nothing: the registry makes one for each stream; the local cloud would be told the error.",
    isProved: true,
  },
  "filter-reads-the-body": {
    claim:
      "The subscriptions' filter policies find `eventNamespace.type` in the body, so that each type reaches its own delivery stream.",
    standing: "documented",
    source: "SNS guide, message filtering; with raw delivery to Firehose not shown",
    ifFalse:
      "Records would lie under the error prefix with the reason; the types would be told apart in the transform.",
    isProved: true,
  },
  "documents-in-one-record": {
    claim: "Several JSON documents one after another in one transformed record become a row each.",
    standing: "documented",
    source:
      "Firehose guide, record format conversion requirements; an observer of AWS saw the rest fail as ParseError",
    ifFalse:
      "The transform would hand back the first label and send the others to the stream again, one to a record.",
    isProved: true,
  },
  "rows-lie-by-event-time": {
    claim:
      "Partition keys that the transform returns place a row by event time, where partition projection finds it.",
    standing: "documented",
    source: "Firehose guide, dynamic partitioning; Athena guide, partition projection",
    ifFalse: "The prefix in `resources/lake.yml` and `storage.location.template` would be made alike again.",
    isProved: true,
  },
  "athena-reads-timestamps": {
    claim: "Athena reads the timestamps that Firehose writes into Parquet as UTC, to the millisecond.",
    standing: "unconfirmed",
    source:
      "Athena guide, engine version 3: milliseconds; that Firehose writes INT96 is from a public question",
    ifFalse: "Views would make timestamps of the `_ms` columns beside them, which hold epoch milliseconds.",
    isProved: true,
  },
  "confidence-may-be-absent": {
    claim: "A label has a `confidence`, or has none.",
    standing: "unconfirmed",
    source: "Rekognition guide: in its prose, not in its schema",
    ifFalse: "Nothing: the column is null where it is absent.",
    isProved: false,
  },
  "throttled-start": {
    claim: "A start beyond the sessions that may run at a time is refused as throttling or as a limit.",
    standing: "unconfirmed",
    source: "Rekognition API reference: StartStreamProcessor has no LimitExceededException",
    ifFalse: "The start counts as refused, with Rekognition's reason, and is tried again all the same.",
    isProved: false,
  },
  "evidence-names": {
    claim: "Evidence lies under `<prefix>/<processor>/<session>/`, by names that the service chooses.",
    standing: "documented",
    source: "Rekognition guide; the names of the files are not said",
    ifFalse: "Nothing: addresses are taken from the notification.",
    isProved: false,
  },
  "subscription-puts-batches": {
    claim: "SNS delivers to Firehose with PutRecordBatch, so that the role needs it beside PutRecord.",
    standing: "observed",
    source: "captures of AWS by third parties; the SNS guide names PutRecord alone",
    ifFalse: "The permission could be taken from `SubscriptionRole`.",
    isProved: false,
  },
  "reply-of-six-megabytes": {
    claim: "A transform may answer Firehose with 6 MB, of whichever megabytes; 5.9 million bytes are kept.",
    standing: "documented",
    source: "Firehose guide, data transformation; Lambda quotas",
    ifFalse:
      "`MAX_REPLY_BYTES` in `functions/transform.ts`; a reply that is too long fails its batch, and nothing is lost.",
    isProved: false,
  },
} as const satisfies Readonly<Record<string, Assumption>>;

export type AssumptionId = keyof typeof ASSUMPTIONS;

/** Those that `doctor --prove` settles, in its order. */
export const provedIds = (Object.keys(ASSUMPTIONS) as AssumptionId[]).filter(
  (id) => ASSUMPTIONS[id].isProved,
);
