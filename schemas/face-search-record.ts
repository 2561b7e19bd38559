import * as v from "valibot";

const number = v.pipe(v.number("expected a number"), v.finite("expected a finite number"));
const percent = v.pipe(number, v.minValue(0, "expected 0..100"), v.maxValue(100, "expected 0..100"));
/** Seconds since 1970 as a decimal, from 2020 on: the guide's example has milliseconds as decimals. */
const seconds = v.pipe(
  number,
  v.minValue(1_577_836_800, "expected seconds since 1970, from 2020 on"),
  v.maxValue(100_000_000_000, "expected seconds since 1970, not milliseconds"),
);
const boundingBox = v.object({ Left: number, Top: number, Width: number, Height: number });
const optionalNumber = v.nullish(number);

/**
 * A record of a FaceSearch stream processor: one per analysed frame (documented: Rekognition guide, "Reading streaming video
 * analysis results" and its reference). Unknown fields are accepted and left out, as are landmarks.
 */
export const faceSearchRecord = v.object({
  InputInformation: v.object({
    KinesisVideo: v.object({
      StreamArn: v.pipe(
        v.string(),
        v.regex(
          /^arn:[a-z-]+:kinesisvideo:[a-z0-9-]+:\d{12}:stream\/[^/]+\/\d+$/,
          "expected a video stream's ARN",
        ),
      ),
      FragmentNumber: v.pipe(v.string(), v.regex(/^\d{1,128}$/, "expected digits")),
      /** Both are of the fragment. */
      ServerTimestamp: seconds,
      ProducerTimestamp: seconds,
      FrameOffsetInSeconds: v.pipe(number, v.minValue(0), v.maxValue(86_400)),
    }),
  }),
  FaceSearchResponse: v.pipe(
    v.array(
      v.object({
        DetectedFace: v.object({
          BoundingBox: boundingBox,
          Confidence: v.nullish(percent),
          Pose: v.nullish(v.object({ Pitch: optionalNumber, Roll: optionalNumber, Yaw: optionalNumber })),
          Quality: v.nullish(v.object({ Brightness: optionalNumber, Sharpness: optionalNumber })),
        }),
        MatchedFaces: v.nullish(
          v.array(
            v.object({
              Similarity: percent,
              Face: v.object({ ExternalImageId: v.nullish(v.string()) }),
            }),
          ),
        ),
      }),
    ),
    v.maxLength(1000, "expected at most 1000 faces"),
  ),
});

export type FaceSearchRecord = v.InferOutput<typeof faceSearchRecord>;
