import * as v from "valibot";

/** A camera's id: lower case letters, digits and dashes, at most 63 characters, safe in names, paths and ARNs. */
export const cameraId = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    "expected 1 to 63 lower case letters, digits and dashes, the first no dash",
  ),
);

/** Longest run of a label session: documented, StartStreamProcessor, MaxDurationInSeconds 1 to 120. */
export const maxDurationSeconds = v.pipe(
  v.number("expected a number of seconds"),
  v.integer("expected whole seconds"),
  v.minValue(1, "expected at least 1 second"),
  v.maxValue(120, "expected at most 120 seconds, the longest that Rekognition takes"),
);

/** What is registered of a camera. */
export const camera = v.strictObject({
  cameraId,
  /** What turns the camera's video into notifications. */
  engine: v.picklist(["stream-processor"]),
  /** Name of its Kinesis video stream. */
  streamName: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  /** Name of its Rekognition stream processor. */
  processorName: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  /** How much video one session analyses, unless the webhook asks for another. */
  maxDurationSeconds,
  /** Version of the key that its credential is derived with; a higher one revokes those before. */
  keyVersion: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

export type Camera = v.InferOutput<typeof camera>;
