import * as v from "valibot";
import { isTimeZone } from "../base/time-zone.ts";
import { cameraId } from "./camera-id.ts";
import { DEFAULT_ENGINE, ENGINES, MAX_DURATION_SECONDS } from "./engine.ts";
import { DEFAULT_MOTION_FORMAT, MOTION_FORMATS } from "./motion-format.ts";

export const wholeSeconds = (min: number, max: number, why = "") =>
  v.pipe(
    v.number("expected a number of seconds"),
    v.integer("expected whole seconds"),
    v.minValue(min, `expected at least ${min} second${min === 1 ? "" : "s"}`),
    v.maxValue(max, `expected at most ${max} seconds${why}`),
  );

/** DynamoDB stores no number that is nearer to 0 (documented: DynamoDB guide, data types, Number). */
const SMALLEST_STORED = 1e-130;

/** 0 to a maximum, also with a fraction. */
const upTo = (max: number, expected: string) =>
  v.pipe(
    v.number(expected),
    v.minValue(0, expected),
    v.maxValue(max, expected),
    v.check((value) => value === 0 || value >= SMALLEST_STORED, expected),
  );

export const maxDurationSeconds = wholeSeconds(1, MAX_DURATION_SECONDS, ", Rekognition's maximum");

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const clock = v.pipe(
  v.string(),
  v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, "expected hh:mm, 00:00 to 24:00"),
);

/** Hours of some weekdays, in the camera's time zone; a night is two entries, one until 24:00 and one from 00:00. */
const armedHours = v.pipe(
  v.strictObject({
    days: v.pipe(v.array(v.picklist(WEEKDAYS)), v.minLength(1, "expected at least one day")),
    from: clock,
    until: clock,
  }),
  v.check(({ from, until }) => from < until, "expected from before until; write a night as two entries"),
);

export type ArmedHours = v.InferOutput<typeof armedHours>;

/** When motion is analysed. An empty schedule never arms the camera. */
export const schedule = v.pipe(v.array(armedHours), v.maxLength(50, "expected at most 50 entries"));

export type Schedule = v.InferOutput<typeof schedule>;

export const timeZone = v.pipe(
  v.string(),
  v.check(isTimeZone, "expected an IANA time zone, e.g. Europe/Berlin"),
);

const share = upTo(1, "expected 0..1 of the frame, e.g. 0.5");

const boxRegion = v.strictObject({
  box: v.strictObject({ left: share, top: share, width: share, height: share }),
});
const polygonRegion = v.strictObject({
  polygon: v.pipe(
    v.array(v.strictObject({ x: share, y: share })),
    v.minLength(3, "expected at least 3 points, e.g. 0,0 1,0 0.5,1"),
    v.maxLength(10, "expected at most 10 points"),
  ),
});

/** Documented (CreateStreamProcessor, RegionsOfInterest): at most 10, polygons of at most 10 points, all as ratios of the frame. */
const regionOfInterest = v.union(
  [boxRegion, polygonRegion],
  "expected a box, e.g. 0,0.4,1,0.6, or a polygon, e.g. 0,0 1,0 0.5,1",
);
const regionsOf = <S extends v.GenericSchema>(region: S) =>
  v.optional(v.pipe(v.array(region), v.maxLength(10, "expected at most 10 regions")), []);

/** How far a sum of shares may exceed the frame because of rounding. */
const ROUNDING = 1e-6;

/** A region that can contain something. Records of earlier versions may have others. */
const soundRegion = v.pipe(
  regionOfInterest,
  v.check(
    (region) => "polygon" in region || (region.box.width > 0 && region.box.height > 0),
    "expected a width and a height above 0, e.g. 0,0.4,1,0.6",
  ),
  v.check(
    (region) =>
      "polygon" in region ||
      (region.box.left + region.box.width <= 1 + ROUNDING &&
        region.box.top + region.box.height <= 1 + ROUNDING),
    "expected left + width and top + height of at most 1, e.g. 0,0.4,1,0.6",
  ),
  v.check(
    (region) => "box" in region || !isOnLine(region.polygon),
    "expected points that are not on one line, e.g. 0,0 1,0 0.5,1",
  ),
);

function isOnLine([first, ...rest]: readonly { readonly x: number; readonly y: number }[]): boolean {
  const vectors = rest.map(({ x, y }) => [x - first!.x, y - first!.y] as const);
  return vectors.every(([x1, y1]) => vectors.every(([x2, y2]) => Math.abs(x1 * y2 - x2 * y1) < ROUNDING));
}

/** A tag that a stream processor accepts too (documented: Rekognition API reference, Tag). */
export const tagKey = v.pipe(
  v.string(),
  v.regex(
    /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
    "expected a key of 1 to 128 letters, digits or _.:/=+-@",
  ),
);
export const tagValue = v.pipe(
  v.string(),
  v.regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, "expected at most 256 letters, digits, spaces or _.:/=+-@"),
);
/** One less than a stream processor may have (documented: 200), because its camera's id is a tag too. */
const MAX_TAGS = 199;

const name = (longest: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(longest));

/** A field of a JSON body, with keys and array indexes between dots: `alarm.triggers.0.key`. */
const fieldPath = v.pipe(
  v.string(),
  v.regex(/^[\w-]{1,64}(?:\.[\w-]{1,64}){0,9}$/, "expected the path of a field, e.g. event.time"),
);
const fieldRule = v.pipe(
  v.string(),
  v.maxLength(300, "expected at most 300 characters"),
  v.regex(
    /^[\w-]{1,64}(?:\.[\w-]{1,64}){0,9}=[^,]+(?:,[^,]+)*$/,
    "expected a field's path and its values, e.g. event.state=start,active, or event.state=* for any value",
  ),
);

/** What every engine can detect. */
export const LABELS = ["PERSON", "PET", "PACKAGE"] as const;

/** The default of Rekognition's ConnectedHome MinConfidence (documented). */
export const DEFAULT_CONFIDENCE = 50;

/**
 * How many labels of Rekognition's list a camera may have: the names that DetectLabels filters by (documented: at most 100,
 * of at most 50 characters), less those that stand for {@link LABELS}.
 */
const MAX_OWN_LABELS = 80;
export const LABEL_NAME = /^[A-Za-z0-9][A-Za-z0-9 _.&'()/-]{0,49}$/;

/** Whether a name may be one of Rekognition's list. */
export const isLabelName = (name: string): boolean => LABEL_NAME.test(name);

/** Whether every engine can detect the label; others are names of Rekognition's list. */
export const isCommonLabel = (label: string): boolean => LABELS.some((one) => one === label);

export const minConfidence = upTo(100, "expected 0..100, e.g. PERSON=80");

const labels = v.pipe(
  v.record(
    v.pipe(
      v.string(),
      v.regex(LABEL_NAME, `expected ${LABELS.join(", ")} or a name of Rekognition's list, e.g. Car=80`),
    ),
    minConfidence,
  ),
  v.check((given) => Object.keys(given).length > 0, "expected at least one label"),
  v.check(
    (given) => Object.keys(given).filter((label) => !isCommonLabel(label)).length <= MAX_OWN_LABELS,
    `expected at most ${MAX_OWN_LABELS} labels of Rekognition's list`,
  ),
  // The lake's labels are in capitals.
  v.check(
    (given) =>
      new Set(Object.keys(given).map((label) => label.toUpperCase())).size === Object.keys(given).length,
    "expected each label once, in capitals or not",
  ),
);

/** Why the engine cannot detect all of these labels; undefined if it can. */
export function labelsProblem({
  engine,
  labels: given,
}: Pick<Camera, "engine" | "labels">): string | undefined {
  const own = Object.keys(given).filter((label) => !isCommonLabel(label));
  // face-search detects none; the camera keeps them for when it moves back.
  if (engine !== "stream-processor" || own.length === 0) return undefined;
  return `${own.join(", ")}; the engine ${engine} detects ${LABELS.join(", ")} only: choose the engine frames, or leave out the others`;
}

/** Why the engine cannot do as `faces` says; undefined if it can. */
export function facesProblem({ engine, faces }: Pick<Camera, "engine" | "faces">): string | undefined {
  if (engine === "face-search" && !faces)
    return "off; the engine face-search does nothing but search faces: switch faces on, or choose another engine";
  if (engine === "stream-processor" && faces)
    return "on; a video stream takes one stream processor, and that of the engine stream-processor detects labels: choose the engine frames or face-search";
  return undefined;
}

const DEFAULT_MAX_DURATION_SECONDS = 30;

/** A camera's settings. Those with a default may be omitted. */
export const cameraSettings = v.strictObject({
  cameraId,
  /** What analyses the camera's video. */
  engine: v.optional(v.picklist(ENGINES, `expected ${ENGINES.join(" or ")}`), DEFAULT_ENGINE),
  /** What to detect: each label with its minimum confidence, 0 to 100. */
  labels: v.optional(labels, {
    PERSON: DEFAULT_CONFIDENCE,
    PET: DEFAULT_CONFIDENCE,
    PACKAGE: DEFAULT_CONFIDENCE,
  }),
  /** Where in the frame to detect it; the whole frame if there are none. */
  regionsOfInterest: regionsOf(soundRegion),
  /** How much video one session analyses, unless the motion request says otherwise. */
  maxDurationSeconds: v.optional(maxDurationSeconds, DEFAULT_MAX_DURATION_SECONDS),
  /** How much video before the motion is analysed as well. */
  preRollSeconds: v.optional(wholeSeconds(0, 60), 0),
  /** How long a motion lasts that is neither stopped nor reported again. */
  motionTimeoutSeconds: v.optional(wholeSeconds(1, 3600), 60),
  /** How long a start that is throttled or fails is repeated before the motion so far is given up. */
  startTimeoutSeconds: v.optional(wholeSeconds(1, 3600), 900),
  /** How many minutes of video are analysed a day at most, in the camera's time zone; no limit if absent. */
  dailyBudgetMinutes: v.optional(upTo(1440, "expected 0 to 1440 minutes")),
  /** The budget in US dollars that the minutes were computed from, if it was given so. */
  dailyBudgetUsd: v.optional(upTo(1000, "expected 0 to 1000 dollars")),
  /** For the engine `frames`: the longest time between two samples of a session's video. */
  maxSampleGapSeconds: v.optional(wholeSeconds(1, 60), 5),
  /** For the engine `frames`: whether a session goes on sampling once it has detected each of the camera's labels. */
  whenAllDetected: v.optional(v.picklist(["stop", "continue"], "expected stop or continue"), "stop"),
  /**
   * Whether faces are searched in its video, which nothing is unless someone switches it on. A camera of the engine
   * `face-search` does nothing else; one of `frames` samples on while a person is in view.
   */
  faces: v.optional(v.boolean(), false),
  /** What its motion requests look like. */
  motionFormat: v.optional(
    v.picklist(MOTION_FORMATS, `expected ${MOTION_FORMATS.join(", ")}`),
    DEFAULT_MOTION_FORMAT,
  ),
  /** For the format `generic`: which bodies report that motion began. If absent, the address says it. */
  motionBegan: v.optional(fieldRule),
  /** For the format `generic`: which bodies report that motion ended. */
  motionEnded: v.optional(fieldRule),
  /** For the format `generic`: the field with the time of the motion; the time of receipt if absent. */
  motionTime: v.optional(fieldPath),
  /** Whether motion is analysed at all; the schedule stays while it is not. */
  armed: v.optional(v.boolean(), true),
  /** When motion is analysed; always if absent. */
  schedule: v.optional(schedule),
  /** Time zone of the schedule and of the budget's day. */
  timeZone: v.optional(timeZone, "UTC"),
  /** Tags of the camera, e.g. site and tenant. */
  tags: v.optional(
    v.pipe(
      v.record(tagKey, tagValue),
      v.check((tags) => Object.keys(tags).length <= MAX_TAGS, `expected at most ${MAX_TAGS} tags`),
    ),
    {},
  ),
});

/** A registered camera: its settings, the names of the resources that were created for it, and its key. */
export const camera = v.strictObject({
  ...cameraSettings.entries,
  regionsOfInterest: regionsOf(regionOfInterest),
  /** Name of its Kinesis video stream. */
  streamName: name(256),
  /** What its sessions run on: for the engine `stream-processor`, the name of its processor. */
  processorName: name(128),
  /** When it was armed again, epoch milliseconds: earlier motion is not analysed. */
  armedSinceMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Version of the key from which its credentials are derived. */
  keyVersion: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Until when the credentials of the version before are still valid, epoch milliseconds; not at all if absent. */
  previousKeyUntilMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

/**
 * The record of an id whose camera was removed. It keeps the version of the last key, so that a camera that is added
 * under the same id never gets a credential that was valid before.
 */
export const removedCamera = v.strictObject({
  cameraId,
  removed: v.literal(true),
  keyVersion: camera.entries.keyVersion,
});

export type Camera = v.InferOutput<typeof camera>;
export type RegionOfInterest = Camera["regionsOfInterest"][number];
/** A camera's record, in which defaults may be omitted. */
export type CameraInput = v.InferInput<typeof camera>;

/** A camera's settings, in which defaults may be omitted. */
export type CameraSettings = v.InferInput<typeof cameraSettings>;
