import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { alertRule, settingId, type AlertRule } from "../../schemas/alert-rule.ts";
import { isLabelName } from "../../schemas/camera.ts";
import {
  isPerson,
  KNOWN_PERSON,
  nameKey,
  personId,
  UNKNOWN_PERSON,
  type PersonRecord,
} from "../../schemas/person.ts";
import { expectationOf } from "../../schemas/reason.ts";
import { SEVERITIES } from "../../schemas/severity.ts";
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
  person: {
    type: "string",
    multiple: true,
    value: "<person>",
    about:
      "only the faces of this person, by name or id, of known persons, or of unknown ones; or any, which is labels; may be repeated",
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

type RuleFields = Omit<AlertRule, "ruleId">;
/** Flags that are read without the stack. */
type RuleFlag = Exclude<keyof typeof RULE_FLAGS, "person">;

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

/**
 * Reads a rule's persons: ids, and names of enrolled persons.
 * @returns nothing if none are given; a field that is undefined if any person is
 * @throws Error when nobody, or not just one, is called so
 */
export function rulePersonsOf(texts: readonly string[], records: readonly PersonRecord[]): GivenRule {
  if (texts.length === 0) return {};
  return {
    persons: unlessOnly("any", texts, (all) => [...new Set(all.map((one) => rulePerson(one, records)))]),
  };
}

function rulePerson(text: string, records: readonly PersonRecord[]): string {
  for (const word of [KNOWN_PERSON, UNKNOWN_PERSON]) if (isWord(text, word)) return word;
  if (v.is(personId, text.trim())) return text.trim();
  const found = records.filter(isPerson).filter(({ name }) => nameKey(name) === nameKey(text));
  const [one] = found;
  if (!one) throw new Error(`--person: nobody called ${text} is enrolled; npx doorstep faces list`);
  if (found.length > 1)
    throw new Error(
      `--person: ${found.length} persons are called ${text}; expected an id: ${found.map((person) => person.personId).join(" or ")}`,
    );
  return one.personId;
}

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
  [...ONLY_GIVEN, "persons" as const, "enabled" as const].filter(
    (field) => !isDeepStrictEqual(a[field], b[field]),
  );

/** A rule's settings, for people. */
export function ruleRows(rule: AlertRule, persons: readonly PersonRecord[] = []): [string, string][] {
  const { timeZone, schedule, packageReminderMinutes } = rule;
  return [
    ["cameras", ruleCamerasText(rule)],
    ["labels", ruleLabelsText(rule)],
    ["persons", rulePersonsText(rule, persons) || "any: it takes labels, and no face alone"],
    ["hours", `${formatSchedule(schedule)}${schedule ? ` ${timeZone}` : ""}`],
    ["severity", rule.severity],
    [
      "cooldown",
      `${rule.cooldownSeconds} s on each camera, but for labels and persons that the alert does not show`,
    ],
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

/** The persons of a rule, for people; empty if it is not for persons. */
export const rulePersonsText = ({ persons = [] }: AlertRule, records: readonly PersonRecord[]): string =>
  persons
    .map((id) => {
      const record = records.find(({ personId }) => personId === id);
      return record && isPerson(record) ? record.name : id;
    })
    .join(", ");

/** The labels of a rule, for people. */
export const ruleLabelsText = ({ labels }: AlertRule): string =>
  labels
    ? Object.entries(labels)
        .map(([label, confidence]) => (confidence > 0 ? `${label}=${confidence}` : label))
        .join(",")
    : "any";
