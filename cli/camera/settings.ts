import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import {
  formatLabels,
  formatRegions,
  formatSchedule,
  parseLabels,
  parseNumber,
  parseRegion,
  parseRegions,
  parseSchedule,
  parseTag,
  TextError,
} from "./text.ts";
import { budgetText } from "./budget.ts";
import { cameraSettings, facesProblem, labelsProblem, type Camera } from "../../schemas/camera.ts";
import { ENGINES } from "../../schemas/engine.ts";
import { expectationOf } from "../../schemas/reason.ts";
import { DEFAULT_MOTION_FORMAT, MOTION_FORMATS } from "../../schemas/motion-format.ts";
import { UsageError, type Flags } from "../command.ts";

/** The flags for a camera's settings. */
export const CAMERA_FLAGS = {
  engine: { type: "string", value: ENGINES.join("|"), about: "engine that analyses the video" },
  labels: {
    type: "string",
    value: "<labels>",
    about:
      "labels to detect, each with its minimum confidence in percent, e.g. PERSON=80,PET=50,PACKAGE; frames also detects labels of Rekognition's list, e.g. Car=80",
  },
  "region-of-interest": {
    type: "string",
    multiple: true,
    value: "<shape>",
    about:
      'region of the frame to analyse: a box left,top,width,height or a polygon "x,y x,y x,y", in shares of 1; none for the whole frame; may be repeated',
  },
  "max-sample-gap": {
    type: "string",
    value: "<seconds>",
    about: "frames: longest time between two samples of a session's video, in seconds, 1 to 60",
  },
  "when-all-detected": {
    type: "string",
    value: "stop|continue",
    about: "frames: whether a session goes on sampling once it has detected all of the camera's labels",
  },
  faces: {
    type: "string",
    value: "on|off",
    about:
      "whether faces are searched in its video, among persons who are enrolled: doorstep faces; off unless switched on; not with stream-processor",
  },
  "max-duration": {
    type: "string",
    value: "<seconds>",
    about: "video that one session analyses, in seconds, 1 to 120",
  },
  "pre-roll": {
    type: "string",
    value: "<seconds>",
    about: "video to analyse before the motion, in seconds, 0 to 60",
  },
  "motion-timeout": {
    type: "string",
    value: "<seconds>",
    about: "duration of a motion that is not stopped, in seconds, 1 to 3600",
  },
  "motion-format": {
    type: "string",
    value: "<format>",
    about: `what the camera's motion requests look like: ${MOTION_FORMATS.join(", ")}`,
  },
  "motion-began": {
    type: "string",
    value: "<path=values>",
    about: "generic format: JSON field and values that report motion, e.g. event.state=start,active, or none",
  },
  "motion-ended": {
    type: "string",
    value: "<path=values>",
    about: "generic format: JSON field and values that report the end of motion, or none",
  },
  "motion-time": {
    type: "string",
    value: "<path>",
    about: "generic format: JSON field with the time of the motion, or none for the time of receipt",
  },
  "start-timeout": {
    type: "string",
    value: "<seconds>",
    about: "how long to retry a failed session start, in seconds, 1 to 3600",
  },
  "budget-minutes": {
    type: "string",
    value: "<minutes>",
    about: "most video to analyse per day, in minutes, 0 to 1440, or none for no limit",
  },
  "budget-usd": {
    type: "string",
    value: "<dollars>",
    about:
      "instead of --budget-minutes: the minutes that so many dollars buy from the camera's engine, or none for no limit",
  },
  schedule: {
    type: "string",
    value: "<hours>",
    about: 'hours in which motion is analysed, e.g. "mon-fri 18:00-24:00; sat,sun 00:00-24:00", or always',
  },
  "time-zone": {
    type: "string",
    value: "<zone>",
    about: "time zone of the schedule and of the budget's day, e.g. Europe/Berlin",
  },
  tag: {
    type: "string",
    multiple: true,
    value: "<key=value>",
    about: "a tag, e.g. site=north; may be repeated",
  },
  "retention-hours": {
    type: "string",
    value: "<hours>",
    about: "how long the stream keeps its video, in hours, 1 to 87600 (default 24 for a new camera)",
  },
} as const satisfies Flags;

/** What ending a session of face-search and removing its data stream needs. */
export const LEAVE_PERMISSIONS = `sqs:SendMessage on the queue of face checks, kinesis:DescribeStreamSummary, ListShards, GetShardIterator, GetRecords and
DeleteStream, lambda:ListEventSourceMappings and DeleteEventSourceMapping, dynamodb:GetItem and PutItem on the table of persons,
firehose:PutRecordBatch on the delivery stream of faces, and sqs:SendMessage on the queue of unrecorded faces`;

/** The engine of a new camera that `camera add` and `camera import` choose. */
export const AUTO = "auto";

/** All settings of a camera, defaults included. */
type Settings = v.InferOutput<typeof cameraSettings>;

/** The settings of a new camera by default, for people. */
export const defaultSettingRows = (): [string, string][] =>
  settingRows(v.parse(cameraSettings, { cameraId: "new-camera", engine: "frames" })).map(([name, text]) => [
    name,
    { engine: "auto", samples: `frames: ${text}` }[name] ?? text,
  ]);

/** The settings that were given. A field that is present but undefined is to be removed. */
export type GivenSettings = Partial<Omit<Camera, "cameraId" | "streamName" | "processorName" | "keyVersion">>;

export interface Given {
  readonly settings: GivenSettings;
  readonly retentionHours?: number;
}

type Field = keyof GivenSettings;

/** An invalid value; the message has the value and what was expected. */
export class SettingError extends Error {
  override readonly name = "SettingError";
  readonly field: string;

  constructor(field: string, problem: string) {
    super(problem);
    this.field = field;
  }
}

const unlessWord = (word: string, parse: (text: string) => unknown) => (text: string) =>
  text.trim().toLowerCase() === word ? undefined : parse(text);

function parseArmed(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word !== "true" && word !== "false") throw new TextError(`${text}; expected true or false`);
  return word === "true";
}

function parseSwitch(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word !== "on" && word !== "off") throw new TextError(`${text}; expected on or off`);
  return word === "on";
}

/** How each field is parsed from text, and its flag. */
const FIELDS: readonly {
  readonly field: Field;
  readonly flag?: keyof typeof CAMERA_FLAGS;
  readonly parse: (text: string) => unknown;
}[] = [
  { field: "engine", flag: "engine", parse: (text) => text.trim() },
  { field: "labels", flag: "labels", parse: parseLabels },
  { field: "regionsOfInterest", flag: "region-of-interest", parse: parseRegions },
  { field: "maxSampleGapSeconds", flag: "max-sample-gap", parse: parseNumber },
  { field: "whenAllDetected", flag: "when-all-detected", parse: (text) => text.trim() },
  { field: "faces", flag: "faces", parse: parseSwitch },
  { field: "maxDurationSeconds", flag: "max-duration", parse: parseNumber },
  { field: "preRollSeconds", flag: "pre-roll", parse: parseNumber },
  { field: "motionTimeoutSeconds", flag: "motion-timeout", parse: parseNumber },
  { field: "startTimeoutSeconds", flag: "start-timeout", parse: parseNumber },
  { field: "dailyBudgetMinutes", flag: "budget-minutes", parse: unlessWord("none", parseNumber) },
  { field: "dailyBudgetUsd", flag: "budget-usd", parse: unlessWord("none", parseNumber) },
  { field: "schedule", flag: "schedule", parse: parseSchedule },
  { field: "timeZone", flag: "time-zone", parse: (text) => text.trim() },
  { field: "armed", parse: parseArmed },
  { field: "motionFormat", flag: "motion-format", parse: (text) => text.trim() },
  { field: "motionBegan", flag: "motion-began", parse: unlessWord("none", (text) => text.trim()) },
  { field: "motionEnded", flag: "motion-ended", parse: unlessWord("none", (text) => text.trim()) },
  { field: "motionTime", flag: "motion-time", parse: unlessWord("none", (text) => text.trim()) },
];

/** The columns of a table of cameras, in the order of the documentation; tags are columns `tag:<key>`. */
export const COLUMNS: readonly string[] = ["cameraId", ...FIELDS.map(({ field }) => field), "retentionHours"];
export const TAG_COLUMN = /^tag:(.+)$/;

const MAX_RETENTION_HOURS = 87_600;
const retentionHours = v.pipe(
  v.number(),
  v.integer("expected whole hours"),
  v.minValue(1, "expected at least 1 hour"),
  v.maxValue(MAX_RETENTION_HOURS, `expected at most ${MAX_RETENTION_HOURS} hours`),
);
const given = v.object({ ...v.partial(cameraSettings).entries, retentionHours: v.optional(retentionHours) });

/** Reads the settings from flags. @throws UsageError that names the flag */
export function settingsOf(
  flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>,
): Given {
  try {
    const values: Record<string, unknown> = {};
    for (const { field, flag, parse } of FIELDS) {
      const text = flag && flags[flag];
      if (typeof text === "string") values[field] = read(field, text, parse);
    }
    const regions = flags["region-of-interest"] as readonly string[];
    const areNone = regions.length === 1 && regions[0]!.trim().toLowerCase() === "none";
    if (regions.length > 0)
      values["regionsOfInterest"] = areNone
        ? []
        : regions.map((text) => read("regionsOfInterest", text, parseRegion));
    const tags = flags["tag"] as readonly string[];
    if (tags.length > 0)
      values["tags"] = Object.fromEntries(tags.map((text) => read("tags", text, parseTag)));
    const hours = flags["retention-hours"];
    if (typeof hours === "string") values["retentionHours"] = read("retentionHours", hours, parseNumber);
    return check(values);
  } catch (error) {
    throw usageError(error);
  }
}

/**
 * Refuses settings that do not go together.
 * @param before the registered camera that gets them; those of a new camera whose engine is chosen go with any engine
 * @throws UsageError that names the flag
 */
export function checkTogether(settings: GivenSettings, before?: Camera): void {
  try {
    checkRules(settings, before);
  } catch (error) {
    throw usageError(error);
  }
}

/** An error that names the flag, for a SettingError. */
const usageError = (error: unknown): unknown =>
  error instanceof SettingError ? new UsageError(`--${flagOf(error.field)}: ${error.message}`) : error;

const flagOf = (field: string): string => {
  if (field.startsWith("tag")) return "tag";
  return FIELDS.find((one) => one.field === field)?.flag ?? "retention-hours";
};

/** Reads the settings from the cells of a row, by column; empty cells are ignored. @throws SettingError that names the column */
export function settingsOfCells(cells: ReadonlyMap<string, string>): Given {
  const values: Record<string, unknown> = {};
  const tags: [string, string][] = [];
  for (const [column, text] of cells) {
    const tag = TAG_COLUMN.exec(column)?.[1];
    const parse =
      column === "retentionHours" ? parseNumber : FIELDS.find(({ field }) => field === column)?.parse;
    if (text.trim() === "" || (column === "engine" && text.trim() === AUTO)) continue;
    if (tag !== undefined) tags.push([tag, text.trim()]);
    else if (parse) values[column] = read(column, text, parse);
  }
  const checked = check(tags.length > 0 ? { ...values, tags: Object.fromEntries(tags) } : values);
  checkRules(checked.settings);
  return checked;
}

/** @throws SettingError */
function checkRules(settings: GivenSettings, before?: Camera): void {
  const { motionFormat = before?.motionFormat ?? DEFAULT_MOTION_FORMAT } = settings;
  if (motionFormat !== "generic")
    refuse(
      settings,
      ["motionBegan", "motionEnded", "motionTime"],
      `the motion format generic with it, not ${motionFormat}`,
    );
  const { engine = before?.engine } = settings;
  if (engine === undefined) return;
  if (engine !== "frames")
    refuse(settings, ["maxSampleGapSeconds", "whenAllDetected"], `the engine frames with it, not ${engine}`);
  if (engine === "face-search")
    refuse(
      settings,
      ["labels", "regionsOfInterest"],
      "an engine that detects labels with it, not face-search, which searches the faces of the whole frame",
    );
  const { labels = before?.labels ?? {} } = settings;
  const problem = labelsProblem({ engine, labels });
  if (problem !== undefined) throw new SettingError("labels", problem);
  const { faces = before?.faces ?? false } = settings;
  const ofFaces = facesProblem({ engine, faces });
  if (ofFaces !== undefined) throw new SettingError("faces", ofFaces);
}

function refuse(settings: GivenSettings, fields: readonly Field[], expected: string): void {
  const field = fields.find((one) => settings[one]);
  if (field !== undefined) throw new SettingError(field, `${shown(settings[field])}; expected ${expected}`);
}

function read<T>(field: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof TextError ? new SettingError(field, error.message) : error;
  }
}

function check(values: Readonly<Record<string, unknown>>): Given {
  if ("dailyBudgetMinutes" in values && "dailyBudgetUsd" in values)
    throw new SettingError(
      "dailyBudgetUsd",
      `${shown(values["dailyBudgetUsd"] ?? "none")}; expected a budget in minutes or in dollars, not both`,
    );
  const { success, output, issues } = v.safeParse(given, values);
  if (success) {
    const { retentionHours: hours, cameraId: _, ...settings } = output;
    // Fields to be removed stay present.
    return {
      settings: settings as GivenSettings,
      ...(hours !== undefined && { retentionHours: hours }),
    };
  }
  const [issue] = issues;
  const [field, ...inside] = fieldPath((issue.path ?? []).map(({ key }) => key as string | number));
  const place = placeOf(String(field), inside);
  const isWhole = typeof issue.input === "object";
  const value = isWhole ? place : [place, shown(issue.input)].filter(Boolean).join(" is ");
  throw new SettingError(
    String(field),
    [value, expectationOf(issue)].filter(Boolean).join(isWhole ? ": " : "; "),
  );
}

/** Each tag is a field of its own, named like its column. */
const fieldPath = ([field = "", key, ...inside]: readonly (string | number)[]): (string | number)[] =>
  field === "tags" && key !== undefined
    ? [`tag:${key}`, ...inside]
    : [field, ...(key === undefined ? [] : [key]), ...inside];

/** What the parts of a field's list are called. */
const PARTS: Readonly<Record<string, string>> = { regionsOfInterest: "region", schedule: "entry" };

/** A place inside a field, in words: `region 1, point 2, x`; empty for the field itself. */
const placeOf = (field: string, inside: readonly (string | number)[]): string =>
  inside
    .filter((key) => key !== "box" && key !== "polygon")
    .map((key, depth) =>
      typeof key === "number" ? `${depth === 0 ? (PARTS[field] ?? "part") : "point"} ${key + 1}` : key,
    )
    .join(", ");

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The fields in which a camera differs from the given settings. */
export const differences = (camera: Camera, settings: GivenSettings): string[] =>
  Object.entries(settings)
    .filter(([field, value]) =>
      // Tags that were not given are not compared.
      field === "tags"
        ? Object.entries(value as object).some(([key, one]) => camera.tags[key] !== one)
        : !isDeepStrictEqual(camera[field as Field], value),
    )
    .map(([field]) => field);

/** A camera's settings, for people. */
export function settingRows(camera: Settings): [string, string][] {
  const { regionsOfInterest, tags } = camera;
  return [
    ["engine", camera.engine],
    ["labels", labelsText(camera)],
    ["faces", camera.faces ? "searched among persons who are enrolled" : "not searched"],
    ...(camera.engine === "frames" ? [["samples", samplesText(camera)] as [string, string]] : []),
    [
      "regions of interest",
      regionsOfInterest.length > 0 && camera.engine !== "face-search"
        ? formatRegions(regionsOfInterest)
        : "the whole frame",
    ],
    ["session", `at most ${camera.maxDurationSeconds} s, ${camera.preRollSeconds} s before the motion`],
    ["motion", `at most ${camera.motionTimeoutSeconds} s, unless another request extends it`],
    ["motion requests", motionFormatText(camera)],
    ["starts", `retried for ${camera.startTimeoutSeconds} s`],
    ["budget", budgetText(camera)],
    ["armed", armedText(camera)],
    [
      "tags",
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(", ") || "none",
    ],
  ];
}

/** The rules of a `generic` camera follow its format. */
function motionFormatText({ motionFormat, motionBegan, motionEnded, motionTime }: Settings): string {
  if (motionFormat !== "generic") return motionFormat;
  const rules = [
    motionBegan !== undefined && `began if ${motionBegan}`,
    motionEnded !== undefined && `ended if ${motionEnded}`,
    motionTime !== undefined && `time in ${motionTime}`,
  ].filter(Boolean);
  return [motionFormat, ...rules].join(", ");
}

/** A stream processor has one minimum confidence for all its labels. */
function labelsText({ engine, labels }: Settings): string {
  if (engine === "face-search") return "none; this engine searches faces only";
  const confidences = Object.values(labels);
  const lowest = Math.min(...confidences);
  const isOneForAll = engine === "frames" || confidences.every((confidence) => confidence === lowest);
  return `${formatLabels(labels)}${isOneForAll ? "" : `; its processor reports all of them from ${lowest} on`}`;
}

const samplesText = ({ maxSampleGapSeconds, whenAllDetected, faces }: Settings): string =>
  `at most ${maxSampleGapSeconds} s apart, ${whenAllDetected === "stop" && !faces ? "until all labels are detected" : "also once all labels are detected"}`;

/** When a camera analyses motion. */
export const armedText = ({ armed, schedule, timeZone }: Settings): string =>
  `${armed ? "" : "no; when armed: "}${formatSchedule(schedule)}${schedule?.length ? ` ${timeZone}` : ""}`;
