import * as v from "valibot";
import { DEFAULT_ENGINE, ENGINES } from "./engine.ts";

/** A camera's id: lower case letters, digits and dashes, at most 63 characters, safe in names, paths and ARNs. */
export const cameraId = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    "expected 1 to 63 lower case letters, digits and dashes, the first no dash",
  ),
);

const wholeSeconds = (least: number, most: number, why = "") =>
  v.pipe(
    v.number("expected a number of seconds"),
    v.integer("expected whole seconds"),
    v.minValue(least, `expected at least ${least} second${least === 1 ? "" : "s"}`),
    v.maxValue(most, `expected at most ${most} seconds${why}`),
  );

/** Longest run of a label session: documented, StartStreamProcessor, MaxDurationInSeconds 1 to 120. */
export const maxDurationSeconds = wholeSeconds(1, 120, ", the longest that Rekognition takes");

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const clock = v.pipe(
  v.string(),
  v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, "expected hh:mm, 00:00 to 24:00"),
);

/** Hours of some weekdays, by the camera's time zone; a night is two of them, one until 24:00 and one from 00:00. */
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

const timeZone = v.pipe(
  v.string(),
  v.check((name) => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== undefined;
    } catch {
      return false;
    }
  }, "expected an IANA time zone, e.g. Europe/Berlin"),
);

const share = v.pipe(
  v.number("expected 0..1"),
  v.minValue(0, "expected 0..1"),
  v.maxValue(1, "expected 0..1"),
);

/** Documented: CreateStreamProcessor, RegionsOfInterest: at most 10, a polygon of at most 10 points, all in shares of the frame. */
const regionOfInterest = v.union([
  v.strictObject({ box: v.strictObject({ left: share, top: share, width: share, height: share }) }),
  v.strictObject({
    polygon: v.pipe(
      v.array(v.strictObject({ x: share, y: share })),
      v.minLength(3, "expected at least 3 points"),
      v.maxLength(10, "expected at most 10 points"),
    ),
  }),
]);

/** A tag as a stream processor takes it, too (documented: Rekognition API reference, Tag). */
const tagKey = v.pipe(
  v.string(),
  v.regex(
    /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
    "expected a key of 1 to 128 letters, digits or _.:/=+-@",
  ),
);
const tagValue = v.pipe(
  v.string(),
  v.regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, "expected at most 256 letters, digits, spaces or _.:/=+-@"),
);
/** One less than a stream processor takes (documented: at most 200), since its camera's id is another. */
const MAX_TAGS = 199;

const name = (longest: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(longest));

/** What an engine can look for. */
export const LABELS = ["PERSON", "PET", "PACKAGE"] as const;

/** Documented default of Rekognition's ConnectedHome MinConfidence. */
export const DEFAULT_CONFIDENCE = 50;

const DEFAULT_MAX_DURATION_SECONDS = 30;

/** What is chosen of a camera. What has a default may be left out. */
export const cameraSettings = v.strictObject({
  cameraId,
  /** What turns the camera's video into notifications. */
  engine: v.optional(v.picklist(ENGINES, `expected ${ENGINES.join(" or ")}`), DEFAULT_ENGINE),
  /** What is looked for, each label with the least confidence that counts, 0 to 100. */
  labels: v.optional(
    v.pipe(
      v.record(
        v.picklist(LABELS),
        v.pipe(v.number(), v.minValue(0, "expected 0..100"), v.maxValue(100, "expected 0..100")),
      ),
      v.check((labels) => Object.keys(labels).length > 0, "expected at least one label"),
    ),
    { PERSON: DEFAULT_CONFIDENCE, PET: DEFAULT_CONFIDENCE, PACKAGE: DEFAULT_CONFIDENCE },
  ),
  /** Where in the frame it is looked for; the whole frame where there are none. */
  regionsOfInterest: v.optional(
    v.pipe(v.array(regionOfInterest), v.maxLength(10, "expected at most 10 regions")),
    [],
  ),
  /** How much video one session analyses, unless the webhook asks for another. */
  maxDurationSeconds: v.optional(maxDurationSeconds, DEFAULT_MAX_DURATION_SECONDS),
  /** How much video before the motion is analysed too. */
  preRollSeconds: v.optional(wholeSeconds(0, 60), 0),
  /** How long a motion lasts that is never stopped nor reported again. */
  motionTimeoutSeconds: v.optional(wholeSeconds(1, 3600), 60),
  /** How long a start that is throttled or fails is tried again before the motion so far is given up. */
  startTimeoutSeconds: v.optional(wholeSeconds(1, 3600), 900),
  /** How many minutes of video are analysed a day at most, by the camera's time zone; no limit where absent. */
  dailyBudgetMinutes: v.optional(
    v.pipe(
      v.number("expected a number of minutes"),
      v.minValue(0, "expected 0 to 1440 minutes"),
      v.maxValue(1440, "expected 0 to 1440 minutes"),
    ),
  ),
  /** Whether motion is analysed at all; the schedule is kept while it is not. */
  armed: v.optional(v.boolean(), true),
  /** When motion is analysed; always where absent. */
  schedule: v.optional(schedule),
  /** Time zone of the schedule and of the budget's day. */
  timeZone: v.optional(timeZone, "UTC"),
  /** What the camera is told apart by, e.g. site and tenant. */
  tags: v.optional(
    v.pipe(
      v.record(tagKey, tagValue),
      v.check((tags) => Object.keys(tags).length <= MAX_TAGS, `expected at most ${MAX_TAGS} tags`),
    ),
    {},
  ),
});

/** What is registered of a camera: its settings, the names of what was made for it, and its key. */
export const camera = v.strictObject({
  ...cameraSettings.entries,
  /** Name of its Kinesis video stream. */
  streamName: name(256),
  /** Name of its Rekognition stream processor. */
  processorName: name(128),
  /** Since when it is armed again, epoch milliseconds: motion before is not analysed. Always where absent. */
  armedSinceMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Version of the key that its credentials are derived with. */
  keyVersion: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Until when the credentials of the version before still count, epoch milliseconds; not at all where absent. */
  previousKeyUntilMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

export type Camera = v.InferOutput<typeof camera>;
export type RegionOfInterest = Camera["regionsOfInterest"][number];
/** A camera's record as it may be written down, defaults left out. */
export type CameraInput = v.InferInput<typeof camera>;

/** Defaults may be left out. */
export type CameraSettings = v.InferInput<typeof cameraSettings>;
