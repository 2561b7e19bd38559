import * as v from "valibot";
import { LABEL_NAMES } from "./detection/detector.ts";

/**
 * Requests of the stream processor API, with AWS's patterns and limits, which SDKs do not check (documented: Rekognition
 * API reference). Unknown members are ignored, as AWS ignores them.
 */

const MAX_TAGS = 200;
const MAX_REGIONS = 10;
const MAX_POLYGON_POINTS = 10;
const MAX_LABELS = 128;
const MAX_DURATION_SECONDS = 120;
/** Documented default of `StopSelector.MaxDurationInSeconds`. */
const DEFAULT_DURATION_SECONDS = 10;
/** In ms, an earlier time is in the early 1970s; in seconds, any time before the year 5138 is below this. */
const MIN_PLAUSIBLE_EPOCH_MS = 100_000_000_000;

/** An object; unknown members are ignored. */
export const members = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.object(entries, ({ input }) => (input === undefined ? "is missing" : "expected an object"));
export const text = (what: string, minLength: number, maxLength: number, pattern: RegExp) =>
  v.pipe(
    v.string(`expected ${what}`),
    v.check(
      (value) => value.length >= minLength && value.length <= maxLength && pattern.test(value),
      ({ input }) =>
        `${JSON.stringify(input.slice(0, 80))} is not a valid ${what}: expected ${minLength} to ${maxLength} characters matching ${pattern.source}`,
    ),
  );
export const numberIn = (min: number, max: number, unit = "") =>
  v.pipe(
    v.number(`expected a number ${min}..${max}${unit}`),
    v.check(
      (value) => value >= min && value <= max,
      ({ input }) => `is ${input}; expected ${min}..${max}${unit}`,
    ),
  );
export const wholeNumberIn = (min: number, max: number, unit = "") =>
  v.pipe(numberIn(min, max, unit), v.integer(`expected a whole number${unit}`));

export const processorName = text("stream processor name", 1, 128, /^[a-zA-Z0-9_.-]+$/);
const kinesisVideoArn = text(
  "Kinesis video stream ARN",
  1,
  1024,
  /^arn:[a-z\d-]+:kinesisvideo:[a-z\d-]+:\d{12}:.+$/,
);
const roleArn = text("IAM role ARN", 1, 2048, /^arn:aws:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/);
const topicArn = text("SNS topic ARN", 1, 1024, /^arn:aws:sns:[^:]*:\w{12}:.+$/);

export const labels = v.pipe(
  v.array(
    v.picklist([...LABEL_NAMES, "ALL"], `expected one of ${LABEL_NAMES.join(", ")}, ALL`),
    "expected a list",
  ),
  v.minLength(1, `expected 1 to ${MAX_LABELS} labels`),
  v.maxLength(MAX_LABELS, `expected 1 to ${MAX_LABELS} labels`),
);
export const minConfidence = v.optional(numberIn(0, 100, " percent"));

export const regionsOfInterest = v.pipe(
  v.array(
    v.pipe(
      members({
        BoundingBox: v.optional(
          members({
            Left: numberIn(0, 1),
            Top: numberIn(0, 1),
            Width: numberIn(0, 1),
            Height: numberIn(0, 1),
          }),
        ),
        Polygon: v.optional(
          v.pipe(
            v.array(members({ X: numberIn(0, 1), Y: numberIn(0, 1) })),
            v.minLength(3, `expected 3 to ${MAX_POLYGON_POINTS} points`),
            v.maxLength(MAX_POLYGON_POINTS, `expected 3 to ${MAX_POLYGON_POINTS} points`),
          ),
        ),
      }),
      v.check(
        ({ BoundingBox, Polygon }) => (BoundingBox === undefined) !== (Polygon === undefined),
        "expected either BoundingBox or Polygon",
      ),
    ),
  ),
  v.maxLength(MAX_REGIONS, `expected at most ${MAX_REGIONS} regions`),
);
export const dataSharing = members({ OptIn: v.boolean("expected true or false") });

export const tags = v.pipe(
  v.record(
    text("tag key", 1, 128, /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u),
    text("tag value", 0, 256, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u),
  ),
  v.check((all) => Object.keys(all).length <= MAX_TAGS, `expected at most ${MAX_TAGS} tags`),
);

const createLabelsInput = members({
  Settings: members({
    FaceSearch: v.optional(v.never("a processor has either ConnectedHome or FaceSearch")),
    ConnectedHome: members({ Labels: labels, MinConfidence: minConfidence }),
  }),
  Name: processorName,
  Input: members({ KinesisVideoStream: members({ Arn: kinesisVideoArn }) }),
  Output: members({
    KinesisDataStream: v.optional(
      v.never("a label processor writes to Output.S3Destination, not to a data stream"),
    ),
    S3Destination: members({
      Bucket: text("bucket name", 3, 255, /^[0-9A-Za-z._-]*$/),
      KeyPrefix: v.optional(text("key prefix", 1, 1024, /^\P{Cc}*$/u)),
    }),
  }),
  NotificationChannel: members({ SNSTopicArn: topicArn }),
  RoleArn: roleArn,
  KmsKeyId: v.optional(text("KMS key id", 1, 2048, /^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]*$/)),
  RegionsOfInterest: v.optional(regionsOfInterest),
  DataSharingPreference: v.optional(dataSharing),
  Tags: v.optional(tags),
});
export type LabelDefinition = v.InferOutput<typeof createLabelsInput>;

const kinesisDataArn = text(
  "Kinesis data stream ARN",
  1,
  1024,
  /^arn:[a-z\d-]+:kinesis:[a-z\d-]+:\d{12}:.+$/,
);
const ofLabels = (member: string) =>
  v.optional(v.never(`a face search processor has no ${member}; label processors do`));

/** Documented: FaceSearchSettings; a threshold below 80 counts as 80. */
const MIN_FACE_MATCH_THRESHOLD = 80;

const createFacesInput = members({
  Settings: members({
    ConnectedHome: v.optional(v.never("a processor has either ConnectedHome or FaceSearch")),
    FaceSearch: members({
      CollectionId: text("collection id", 1, 255, /^[a-zA-Z0-9_.-]+$/),
      FaceMatchThreshold: v.optional(numberIn(0, 100, " percent"), MIN_FACE_MATCH_THRESHOLD),
    }),
  }),
  Name: processorName,
  Input: members({ KinesisVideoStream: members({ Arn: kinesisVideoArn }) }),
  Output: members({
    S3Destination: ofLabels("Output.S3Destination"),
    KinesisDataStream: members({ Arn: kinesisDataArn }),
  }),
  NotificationChannel: ofLabels("NotificationChannel"),
  RoleArn: roleArn,
  KmsKeyId: ofLabels("KmsKeyId"),
  RegionsOfInterest: ofLabels("RegionsOfInterest"),
  DataSharingPreference: ofLabels("DataSharingPreference"),
  Tags: v.optional(tags),
});
export type FaceDefinition = v.InferOutput<typeof createFacesInput>;

/** What the processor searches with, in percent. */
export const faceMatchThreshold = ({ Settings }: FaceDefinition): number =>
  Math.max(MIN_FACE_MATCH_THRESHOLD, Settings.FaceSearch.FaceMatchThreshold);

const isOfFaces = (input: unknown): boolean =>
  (input as { Settings?: { FaceSearch?: unknown } } | null)?.Settings?.FaceSearch !== undefined &&
  (input as { Settings: { ConnectedHome?: unknown } }).Settings.ConnectedHome === undefined;

/** `Settings` says which kind of processor it is. */
export const createInput = v.lazy((input) => (isOfFaces(input) ? createFacesInput : createLabelsInput));
export type CreateInput = LabelDefinition | FaceDefinition;

/** The request of an action on one processor. */
export const nameInput = members({ Name: processorName });

const startSelector = v.pipe(
  members({
    ProducerTimestamp: v.optional(
      v.pipe(
        v.number("expected epoch milliseconds"),
        v.integer("expected whole epoch milliseconds"),
        v.check(
          (value) => value >= MIN_PLAUSIBLE_EPOCH_MS,
          ({ input }) =>
            `is ${input}, which looks like seconds; expected epoch milliseconds: multiply by 1000`,
        ),
      ),
    ),
    FragmentNumber: v.optional(text("fragment number", 1, 128, /^\d+$/)),
  }),
  v.check(
    ({ ProducerTimestamp, FragmentNumber }) =>
      (ProducerTimestamp === undefined) !== (FragmentNumber === undefined),
    "expected either ProducerTimestamp (epoch milliseconds) or FragmentNumber",
  ),
);

/** Selectors depend on the kind of processor, which only its definition says. */
export const anyStartInput = members({
  Name: processorName,
  StartSelector: v.optional(v.unknown()),
  StopSelector: v.optional(v.unknown()),
});

/** Face search processors take no selectors (documented: StartStreamProcessor, "should not be used"). */
export const startFacesInput = members({
  Name: processorName,
  StartSelector: v.optional(v.never("a face search processor reads live video, and has no start")),
  StopSelector: v.optional(v.never("a face search processor runs until StopStreamProcessor")),
});

/** Both selectors are required for label processors (documented: StartStreamProcessor). */
export const startInput = members({
  Name: processorName,
  StartSelector: members({ KVSStreamStartSelector: startSelector }),
  StopSelector: members({
    MaxDurationInSeconds: v.optional(wholeNumberIn(1, MAX_DURATION_SECONDS, " s"), DEFAULT_DURATION_SECONDS),
  }),
});
export type StartInput = v.InferOutput<typeof startInput>;
