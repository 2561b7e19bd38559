/**
 * What an engine publishes, as SNS delivers it raw: the JSON of a label stream processor. Its fields are documented (Rekognition
 * guide, "Working with streaming video label detection"), units are not, so every number is normalised: times to
 * epoch milliseconds, durations to milliseconds, boxes to 0..1. Unknown fields are accepted and left out.
 *
 * Parse with `{ abortEarly: true }` and describe the issues with `reasonOf`.
 */
import * as v from "valibot";
import { ENGINES } from "./engine.ts";
import { describeValue } from "./reason.ts";
import * as values from "./values.ts";

const mismatch = (value: unknown, expected: string) => `is ${describeValue(value)}; expected ${expected}`;

/** A schema of one value: `read` returns it normalised, or undefined if it is invalid. */
const value = <T>(expected: string, read: (value: unknown) => T | undefined) =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const result = read(dataset.value);
      if (result !== undefined) return result;
      addIssue({ message: mismatch(dataset.value, expected) });
      return NEVER;
    }),
  );

/** A field that may be absent or null; it is null then. */
const optional = <S extends v.GenericSchema>(schema: S) => v.nullish(schema, null);

const object = <E extends v.ObjectEntries>(entries: E) =>
  v.object(entries, (issue) => mismatch(issue.input, "an object"));

const TYPES = ["LABEL_DETECTED", "STREAM_PROCESSING_COMPLETE"] as const;

/** Of the types, a message shows those that are known. */
const type = <T extends (typeof TYPES)[number]>(name: T) =>
  object({
    type: v.literal(name, ({ input }) =>
      TYPES.some((known) => known === input)
        ? `is "${String(input)}"; expected "${name}"`
        : mismatch(input, `"${name}"`),
    ),
  });

const id = value("text of 1 to 512 characters", values.readId);
const imageUri = value("s3://bucket/key", values.readImageUri);
const share = value("0..1", values.readShare);
const extent = value("a number above 0, up to 1", values.readExtent);
const durationMs = value("milliseconds, from 0 to a day", values.readDurationMs);
const epochMs = value(
  "a time from 2020 on, in epoch milliseconds (seconds are taken too)",
  values.readEpochMs,
);
const streamArn = value(
  "a Kinesis video stream's ARN, arn:aws:kinesisvideo:<region>:<account>:stream/<name>/<creation time>",
  values.readStreamArn,
);

const boundingBox = v.pipe(
  object({ left: share, top: share, width: extent, height: extent }),
  v.rawTransform(({ dataset: { value: box }, addIssue, NEVER }) => {
    const width = values.fitExtent(box.left, box.width);
    const height = values.fitExtent(box.top, box.height);
    if (width !== undefined && height !== undefined) return { ...box, width, height };
    const [axis, end] =
      width === undefined ? ["left + width", box.left + box.width] : ["top + height", box.top + box.height];
    addIssue({ message: `reaches ${end} (${axis}); expected at most 1` });
    return NEVER;
  }),
);

const label = object({
  id,
  name: value("a label's name of 1 to 128 letters, digits and signs", values.readLabelName),
  confidence: optional(value("0..100", values.readConfidence)),
  frameImageUri: imageUri,
  croppedImageUri: optional(imageUri),
  videoMapping: object({
    kinesisVideoMapping: object({
      fragmentNumber: value("text of 1 to 128 digits", values.readFragmentNumber),
      serverTimestamp: epochMs,
      producerTimestamp: epochMs,
      frameOffsetMillis: durationMs,
    }),
  }),
  boundingBox,
});

/** Present in what Doorstep's own engines publish; Rekognition's notifications have none. */
const engine = optional(value(`one of ${ENGINES.join(", ")}`, values.readEngine));

/**
 * Why no sample stands for an interval of a session's video. `late`: it came after later video was sampled; `throttled`: AWS or the account's limit of calls refused until
 * minutes after the session's video; `not-live`: it was recorded before the session ran, of an engine that reads live video.
 */
const SAMPLE_GAPS = ["no-video", "late", "unreadable", "throttled", "all-detected", "not-live"] as const;

/** More than a session has: of 120 seconds at most, with a sample a second. */
const MAX_SAMPLED_INTERVALS = 256;
const DAY_MS = 86_400_000;

/** Intervals of producer time that ascend, do not overlap and lie within a day. */
const intervals = <E extends v.ObjectEntries>(more: E) =>
  v.pipe(
    v.array(object({ fromMs: epochMs, untilMs: epochMs, ...more }), (issue) =>
      mismatch(issue.input, "an array of intervals"),
    ),
    v.maxLength(
      MAX_SAMPLED_INTERVALS,
      ({ requirement, received }) => `holds ${received} intervals; expected at most ${requirement}`,
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const all = dataset.value as { fromMs: number; untilMs: number }[];
      for (const [index, { fromMs, untilMs }] of all.entries()) {
        const previousMs = all[index - 1]?.untilMs ?? fromMs;
        if (previousMs <= fromMs && fromMs < untilMs && untilMs - all[0]!.fromMs <= DAY_MS) continue;
        addIssue({
          message: `is ${fromMs} to ${untilMs}; expected an interval that begins at ${previousMs} at the earliest and ends after that, within a day`,
          path: [{ type: "array", origin: "value", input: all, key: index, value: all[index] }],
        });
        return;
      }
    }),
  );

/**
 * What a session analysed, of the engines that know it. For `frames`, moments are not video: a sample stands for the time up
 * to the next one. A session of `face-search` does not know which frames Rekognition read.
 */
const frameSampling = object({
  /** How many images DetectLabels has seen. */
  samples: optional(value("a count of samples", values.readCount)),
  /** The longest video that a single sample stands for. */
  longestGapMillis: optional(durationMs),
  /** Intervals of video that were analysed, in producer time; they add up to the processed duration. */
  analysed: intervals({}),
  /** The rest of the session's video, with the reason why it was not analysed. */
  gaps: intervals({
    reason: v.picklist(SAMPLE_GAPS, ({ input }) => mismatch(input, `one of ${SAMPLE_GAPS.join(", ")}`)),
  }),
});

export type FrameSampling = v.InferOutput<typeof frameSampling>;

const common = {
  eventId: id,
  sessionId: id,
  engine,
  tags: optional(value("an object of texts", values.readTags)),
  /** Its content is unconfirmed: read it with `readStartRequest`. */
  startStreamProcessorRequest: optional(v.unknown()),
};

/** One per label and session, at its first detection (documented: Rekognition API, ConnectedHomeSettings). */
export const labelDetected = object({
  eventNamespace: type("LABEL_DETECTED"),
  inputInformation: object({ kinesisVideo: object({ streamArn }) }),
  ...common,
  labels: v.pipe(
    v.array(label, (issue) => mismatch(issue.input, "an array of labels")),
    v.minLength(1, "holds no label; expected at least one"),
  ),
});

/** One per session, at its end. */
export const streamProcessingComplete = object({
  eventNamespace: type("STREAM_PROCESSING_COMPLETE"),
  inputInformation: object({
    kinesisVideo: object({ streamArn, processedVideoDurationMillis: durationMs }),
  }),
  ...common,
  frameSampling: optional(frameSampling),
  streamProcessingResults: optional(object({ message: optional(value("text", values.readText)) })),
});

export type LabelDetected = v.InferOutput<typeof labelDetected>;
export type DetectedLabel = LabelDetected["labels"][number];
export type StreamProcessingComplete = v.InferOutput<typeof streamProcessingComplete>;
