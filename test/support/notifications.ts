import { readFileSync } from "node:fs";
import fc from "fast-check";
import { DECISION_REASONS } from "../../schemas/alert-decision.ts";

/** An example payload of `events/`, as text. */
export const exampleText = (name: string) =>
  readFileSync(new URL(`../../events/${name}`, import.meta.url), "utf8");

// oxlint-disable-next-line typescript/no-explicit-any -- tests reach into JSON freely, to break it
type Json = any;

/** An example payload of `events/`, fresh for the caller to change. */
export const example = (name: string): Json => JSON.parse(exampleText(name));

/** 2025-11-21T12:00:03.000Z: when the examples arrived. */
export const ARRIVAL_MS = 1_763_726_403_000;

const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${maxLength}}$`));
const words = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,40}$/);
const imageUri = fc.tuple(fc.stringMatching(/^[a-z0-9.-]{3,63}$/), words).map(([b, k]) => `s3://${b}/é/${k}`);
const epochMs = fc.integer({ min: 1_577_836_800_000, max: ARRIVAL_MS });
const start = fc.double({ min: 0, max: 0.999, noNaN: true });
const box = fc
  .tuple(
    start,
    start,
    fc.double({ min: 0.0001, max: 1, noNaN: true }),
    fc.double({ min: 0.0001, max: 1, noNaN: true }),
  )
  .map(([left, top, w, h]) => ({ left, top, width: w * (1 - left), height: h * (1 - top) }));

const label = fc.record(
  {
    id: words,
    name: fc.constantFrom("PERSON", "PET", "PACKAGE", " person ", "Pet"),
    confidence: fc.double({ min: 0, max: 100, noNaN: true }),
    frameImageUri: imageUri,
    croppedImageUri: imageUri,
    videoMapping: fc.record({
      kinesisVideoMapping: fc.record({
        fragmentNumber: digits(128),
        serverTimestamp: fc.oneof(
          epochMs,
          epochMs.map((ms) => ms / 1000),
          epochMs.map(String),
        ),
        producerTimestamp: epochMs,
        frameOffsetMillis: fc.integer({ min: 0, max: 20_000 }),
      }),
    }),
    boundingBox: box,
  },
  { requiredKeys: ["id", "name", "frameImageUri", "videoMapping", "boundingBox"] },
);

const streamArn = fc
  .tuple(fc.constantFrom("aws", "aws-cn", "aws-us-gov"), words)
  .map(
    ([partition, name]) =>
      `arn:${partition}:kinesisvideo:us-east-1:000000000000:stream/${name}/1763700000000`,
  );

const common = {
  eventId: words,
  sessionId: words,
  engine: fc.constantFrom("stream-processor", "frames", null),
  tags: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  startStreamProcessorRequest: fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({
      startSelector: fc.record({ kVSStreamStartSelector: fc.record({ producerTimestamp: epochMs }) }),
      stopSelector: fc.record({ maxDurationInSeconds: fc.integer({ min: 1, max: 120 }) }),
    }),
  ),
};
const essential = ["eventId", "sessionId", "inputInformation", "eventNamespace"] as const;

/** Valid LABEL_DETECTED notifications, in whatever spelling and units are allowed. */
export const labelDetectedArbitrary: fc.Arbitrary<Json> = fc.record(
  {
    ...common,
    inputInformation: fc.record({ kinesisVideo: fc.record({ streamArn }) }),
    eventNamespace: fc.constant({ type: "LABEL_DETECTED" }),
    labels: fc.array(label, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: [...essential, "labels"] },
);

/** Valid STREAM_PROCESSING_COMPLETE notifications. */
export const completeArbitrary: fc.Arbitrary<Json> = fc.record(
  {
    ...common,
    inputInformation: fc.record({
      kinesisVideo: fc.record({
        streamArn,
        processedVideoDurationMillis: fc.integer({ min: 0, max: 200_000 }),
      }),
    }),
    eventNamespace: fc.constant({ type: "STREAM_PROCESSING_COMPLETE" }),
    streamProcessingResults: fc.record({ message: fc.string() }, { requiredKeys: [] }),
    frameSampling: fc.record({
      samples: fc.nat(200),
      longestGapMillis: fc.nat(60_000),
      analysed: fc.constant([{ fromMs: ARRIVAL_MS, untilMs: ARRIVAL_MS + 1000 }]),
      gaps: fc.constant([{ fromMs: ARRIVAL_MS + 1000, untilMs: ARRIVAL_MS + 1001, reason: "all-detected" }]),
    }),
  },
  { requiredKeys: [...essential] },
);

/** Valid entries of the coverage ledger. */
export const coverageArbitrary: fc.Arbitrary<Json> = fc.record(
  {
    type: fc.constant("COVERAGE"),
    eventId: words,
    cameraId: words,
    outcome: fc.constantFrom("completed", "failed", "lost", "gap"),
    reason: words,
    sessionId: words,
    engine: fc.constantFrom("stream-processor", "frames"),
    maxDurationSeconds: fc.integer({ min: 0, max: 86_400 }),
    samples: fc.nat(200),
    longestGapMs: fc.nat(60_000),
    chainFromMs: epochMs,
    fromMs: epochMs,
    untilMs: epochMs,
  },
  { requiredKeys: ["type", "eventId", "cameraId", "outcome", "fromMs", "untilMs"] },
);

/** Valid decisions about alerts. */
export const decisionArbitrary: fc.Arbitrary<Json> = fc.record(
  {
    type: fc.constant("ALERT_DECISION"),
    eventId: words,
    labelId: words,
    cameraId: words,
    sessionId: words,
    label: fc.constantFrom("PERSON", "PET", "PACKAGE"),
    confidence: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
    detectedAtMs: epochMs,
    decidedAtMs: epochMs,
    decision: fc.constantFrom("raised", "merged", "suppressed"),
    reason: fc.constantFrom(...Object.keys(DECISION_REASONS)),
    ruleId: fc.constantFrom("people", "night"),
    severity: fc.constantFrom("info", "warning", "critical"),
    alertId: words,
    revision: fc.integer({ min: 1, max: 50 }),
  },
  {
    requiredKeys: [
      "type",
      "eventId",
      "labelId",
      "cameraId",
      "sessionId",
      "label",
      "confidence",
      "detectedAtMs",
      "decidedAtMs",
      "decision",
      "reason",
    ],
  },
);

/** Valid faces. */
export const faceArbitrary: fc.Arbitrary<Json> = fc.record(
  {
    type: fc.constant("FACE"),
    cameraId: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/),
    streamName: words,
    streamArn,
    engine: fc.constantFrom("frames", "face-search"),
    sessionId: words,
    fragmentNumber: digits(128),
    seenAtMs: epochMs,
    faceNo: fc.integer({ min: 0, max: 20 }),
    confidence: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
    box,
    pitch: fc.double({ min: -180, max: 180, noNaN: true }),
    roll: fc.double({ min: -180, max: 180, noNaN: true }),
    yaw: fc.double({ min: -180, max: 180, noNaN: true }),
    brightness: fc.double({ min: 0, max: 100, noNaN: true }),
    sharpness: fc.double({ min: 0, max: 100, noNaN: true }),
    collectionId: words,
    unsearchedReason: fc.constantFrom("LOW_FACE_QUALITY", "SMALL_BOUNDING_BOX"),
    matches: fc.integer({ min: 0, max: 5 }),
    personId: fc.stringMatching(/^person-[0-9a-f]{20}$/),
    similarity: fc.double({ min: 0, max: 100, noNaN: true }),
  },
  {
    requiredKeys: [
      "type",
      "cameraId",
      "streamName",
      "streamArn",
      "engine",
      "fragmentNumber",
      "seenAtMs",
      "faceNo",
      "confidence",
      "box",
      "collectionId",
      "matches",
    ],
  },
);

const wrongValues = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    true,
    "",
    " ",
    "12",
    "1e3",
    -1e-7,
    1.0000005,
    1.1,
    0,
    1e300,
    -1,
    [],
    {},
    "s3://secret/key",
  ),
  fc.constantFrom(1_763_726_401, 1_763_726_401.5, "1763726401512", 99_999_999_999, 1e11, 4_102_444_800_000),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Notifications of which one to three places were replaced or removed: most of them invalid, some not. */
export const mutated = (valid: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc
    .tuple(
      valid,
      fc.array(fc.tuple(fc.nat(), fc.option(wrongValues, { nil: undefined })), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([notification, mutations]) => {
      const copy = structuredClone(notification);
      for (const [pick, value] of mutations) {
        const places = placesOf(copy);
        const [parent, key] = places[pick % places.length] ?? [copy, "labels"];
        if (value === undefined) delete parent[key];
        else parent[key] = value;
      }
      return copy;
    });

function placesOf(value: Json): [Json, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => [[value, key] as [Json, string], ...placesOf(value[key])]);
}
