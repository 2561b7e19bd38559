import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { alertRule, settingId, type AlertRule } from "../../schemas/alert-rule.ts";
import { SEVERITIES } from "../../schemas/severity.ts";
import { isLabelName } from "../../schemas/camera.ts";
import { expectationOf } from "../../schemas/reason.ts";
import { readNumber } from "../../schemas/values.ts";
import { formatSchedule, parseNumber, parseSchedule, parseTag, TextError } from "../camera/text.ts";
import { UsageError, type Flags } from "../command.ts";
import { readDuration } from "../text.ts";

/** The flags for a rule's settings. */
export const RULE_FLAGS = {
  camera: {
    type: "string",
    multiple: true,
    value: "<id>",
    about: "only this camera, or any for every camera; may be repeated",
  },
  tag: {
    type: "string",
    multiple: true,
    value: "<key=value>",
    about: "only cameras with this tag, or any; may be repeated",
  },
  labels: {
    type: "string",
    value: "<labels>",
    about:
      "only these labels, each with its minimum confidence in percent if that is higher than the camera's, e.g. PERSON=80,PACKAGE,CAR=90, or any",
  },
  schedule: {
    type: "string",
    value: "<hours>",
    about: 'only in these hours, e.g. "mon-fri 22:00-06:00; sat,sun 00:00-24:00", or always',
  },
  "time-zone": {
    type: "string",
    value: "<zone>",
    about: "time zone of the schedule, e.g. Europe/Berlin",
  },
  severity: { type: "string", value: SEVERITIES.join("|"), about: "how urgent its alerts are" },
  cooldown: {
    type: "string",
    value: "<duration>",
    about:
      "after an alert on a camera, raise no other there for so long, unless it shows a new label; at most 24h",
  },
  "max-per-hour": {
    type: "string",
    value: "<n>",
    about: "most alerts in an hour of the clock, on all its cameras together, 1 to 1000",
  },
  target: {
    type: "string",
    multiple: true,
    value: "<target>",
    about: "send its alerts to this target, or none; may be repeated",
  },
  "package-reminder": {
    type: "string",
    value: "<duration>",
    about: "so long after a package was left, say that it is still there, 1m to 24h, or none",
  },
} as const satisfies Flags;

type RuleFlag = keyof typeof RULE_FLAGS;
type RuleFields = Omit<AlertRule, "ruleId">;

/** The settings that were given. A field that is present but undefined is to be removed. */
export type GivenRule = Partial<{ [Name in keyof RuleFields]: RuleFields[Name] | undefined }>;

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** How each field is read from its flag. */
const FIELDS: readonly {
  readonly field: keyof RuleFields;
  readonly flag: RuleFlag;
  readonly read: (given: string | readonly string[]) => unknown;
}[] = [
  { field: "cameras", flag: "camera", read: (ids) => unlessOnly("any", ids as readonly string[], trimmed) },
  {
    field: "tags",
    flag: "tag",
    read: (tags) =>
      unlessOnly("any", tags as readonly string[], (all) => Object.fromEntries(all.map(parseTag))),
  },
  { field: "labels", flag: "labels", read: (text) => parseRuleLabels(text as string) },
  { field: "schedule", flag: "schedule", read: (text) => parseSchedule(text as string) },
  { field: "timeZone", flag: "time-zone", read: (text) => (text as string).trim() },
  { field: "severity", flag: "severity", read: (text) => (text as string).trim() },
  {
    field: "cooldownSeconds",
    flag: "cooldown",
    read: (text) => readDuration("--cooldown", text as string) / 1000,
  },
  { field: "maxPerHour", flag: "max-per-hour", read: (text) => parseNumber(text as string) },
  {
    field: "targets",
    flag: "target",
    read: (ids) => unlessOnly("none", ids as readonly string[], trimmed) ?? [],
  },
  {
    field: "packageReminderMinutes",
    flag: "package-reminder",
    read: (text) =>
      isWord(text as string, "none")
        ? undefined
        : readDuration("--package-reminder", text as string) / 60_000,
  },
];

const isWord = (text: string, word: string): boolean => text.trim().toLowerCase() === word;
const trimmed = (texts: readonly string[]): string[] => texts.map((text) => text.trim());
const unlessOnly = <T>(
  word: string,
  texts: readonly string[],
  read: (texts: readonly string[]) => T,
): T | undefined => (texts.length === 1 && isWord(texts[0]!, word) ? undefined : read(texts));

const LABELS_EXPECTED =
  "labels such as PERSON=80,PACKAGE,CAR=90, each once, with a minimum confidence of 0 to 100, or any";

/** `PERSON=80,PACKAGE`: a label without a number counts as soon as its camera detects it. `any` is undefined. */
function parseRuleLabels(text: string): Record<string, number> | undefined {
  if (isWord(text, "any")) return undefined;
  const labels: Record<string, number> = {};
  for (const part of text.split(",").map((one) => one.trim())) {
    const [, name = "", confidence] = /^([^=]*[^=\s])\s*(?:=\s*([^=]*))?$/.exec(part) ?? [];
    const minimum = confidence === undefined ? 0 : readNumber(confidence);
    const label = name.toUpperCase();
    if (!isLabelName(name) || minimum === undefined || label in labels)
      throw new TextError(`${part === "" ? "empty" : part}; expected ${LABELS_EXPECTED}`);
    labels[label] = minimum;
  }
  return labels;
}

const given = v.partial(v.omit(alertRule, ["ruleId"]));
/** What a rule has by default is not given. */
const ONLY_GIVEN = FIELDS.map(({ field }) => field);

/** Reads a rule's settings from flags. @throws UsageError that names the flag */
export function ruleSettingsOf(flags: Values): GivenRule {
  const values: Record<string, unknown> = {};
  for (const { field, flag, read } of FIELDS) {
    const text = flags[flag] as string | readonly string[] | undefined;
    if (text === undefined || (typeof text !== "string" && text.length === 0)) continue;
    try {
      values[field] = read(text);
    } catch (error) {
      throw error instanceof TextError ? new UsageError(`--${flag}: ${error.message}`) : error;
    }
  }
  const { success, output, issues } = v.safeParse(given, values);
  if (success)
    return Object.fromEntries(
      ONLY_GIVEN.filter((field) => field in values).map((field) => [field, output[field]]),
    ) as GivenRule;
  const [issue] = issues;
  const [field, ...inside] = (issue.path ?? []).map(({ key }) => String(key));
  const { flag } = FIELDS.find((one) => one.field === field)!;
  const { input } = issue;
  const shown = typeof input === "string" || typeof input === "number" ? String(input) : undefined;
  const place = inside.filter((key) => !/^\d+$/.test(key)).join(", ");
  throw new UsageError(
    `--${flag}: ${[[place, shown].filter(Boolean).join(" is "), expectationOf(issue)].filter(Boolean).join("; ")}`,
  );
}

/** @throws UsageError when the id of a rule or a target is invalid */
export function checkedSettingId(name: string, id: string): string {
  const parsed = v.safeParse(settingId, id);
  if (!parsed.success) throw new UsageError(`${name} is ${id}; ${parsed.issues[0].message}`);
  return id;
}

/** A rule with some settings changed; those that are undefined are removed. */
export const withSettings = (rule: { readonly ruleId: string }, settings: GivenRule): AlertRule =>
  v.parse(
    alertRule,
    Object.fromEntries(Object.entries({ ...rule, ...settings }).filter(([, value]) => value !== undefined)),
  );

/** The fields in which two rules differ. */
export const ruleDifferences = (a: AlertRule, b: AlertRule): string[] =>
  [...ONLY_GIVEN, "enabled" as const].filter((field) => !isDeepStrictEqual(a[field], b[field]));

/** A rule's settings, for people. */
export function ruleRows(rule: AlertRule): [string, string][] {
  const { timeZone, schedule, packageReminderMinutes } = rule;
  return [
    ["cameras", ruleCamerasText(rule)],
    ["labels", ruleLabelsText(rule)],
    ["hours", `${formatSchedule(schedule)}${schedule ? ` ${timeZone}` : ""}`],
    ["severity", rule.severity],
    ["cooldown", `${rule.cooldownSeconds} s on each camera, but for labels that the alert does not show`],
    ["at most", `${rule.maxPerHour} alerts an hour`],
    ["targets", rule.targets.join(", ") || "none: the event bus only"],
    [
      "package reminder",
      packageReminderMinutes === undefined ? "none" : `${packageReminderMinutes} min after it was left`,
    ],
    ["enabled", rule.enabled ? "yes" : "no"],
  ];
}

/** The cameras of a rule, for people. */
export function ruleCamerasText({ cameras, tags = {} }: AlertRule): string {
  const tagged = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const named = cameras?.join(", ");
  if (tagged.length === 0) return named ?? "any";
  return `${named ?? "any"} with ${tagged.join(", ")}`;
}

/** The labels of a rule, for people. */
export const ruleLabelsText = ({ labels }: AlertRule): string =>
  labels
    ? Object.entries(labels)
        .map(([label, confidence]) => (confidence > 0 ? `${label}=${confidence}` : label))
        .join(",")
    : "any";
