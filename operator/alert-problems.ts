/** Why a rule raises no alerts, or fewer than it seems to. Pure. */
import { HOUR_MS, MINUTE_MS } from "../base/durations.ts";
import { isArmed } from "../core/sessions/schedule.ts";
import { PERSON } from "../core/alerts/match.ts";
import type { AlertRule } from "../schemas/alert-rule.ts";
import type { AlertTarget } from "../schemas/alert-target.ts";
import type { Camera } from "../schemas/camera.ts";
import { isMerged, isPerson, KNOWN_PERSON, UNKNOWN_PERSON, type PersonRecord } from "../schemas/person.ts";

/** What the stack has, and the time. */
export interface AlertSituation {
  readonly cameras: readonly Camera[];
  readonly targets: readonly AlertTarget[];
  /** They may be left out if no rule is for persons. */
  readonly persons: readonly PersonRecord[];
  readonly nowMs: number;
}

/** A problem of a rule, for people: what, and what to do. */
export interface RuleProblem {
  /** `missing`: it names what does not exist; `never`: it can raise nothing; `partly`: a part of it has no effect. */
  readonly kind: "missing" | "never" | "partly";
  readonly what: string;
  readonly todo: string;
}

const WEEK_MINUTES = 7 * 24 * 60;
const PACKAGE = "PACKAGE";

/** The problems of a rule, the gravest first. */
export function ruleProblems(rule: AlertRule, situation: AlertSituation): RuleProblem[] {
  const missing = [
    ...missingCameras(rule, situation),
    ...missingTargets(rule, situation),
    ...missingPersons(rule, situation),
  ];
  const never = neverProblem(rule, situation);
  return [...missing, ...(never ? [never] : []), ...partProblems(rule, situation)];
}

/** The cameras that the rule is for. */
const camerasOf = (
  { cameras: named, tags = {} }: Pick<AlertRule, "cameras" | "tags">,
  cameras: readonly Camera[],
): Camera[] =>
  cameras.filter(
    (camera) =>
      (named?.includes(camera.cameraId) ?? true) &&
      Object.entries(tags).every(([key, value]) => camera.tags[key] === value),
  );

function missingCameras({ cameras: named = [] }: AlertRule, { cameras }: AlertSituation): RuleProblem[] {
  const unknown = named.filter((id) => cameras.every(({ cameraId }) => cameraId !== id));
  if (unknown.length === 0) return [];
  return [
    {
      kind: "missing",
      what: `no camera ${unknown.join(", ")} is registered`,
      todo: "npx doorstep camera list has the ids",
    },
  ];
}

function missingTargets({ targets: named }: AlertRule, { targets }: AlertSituation): RuleProblem[] {
  const unknown = named.filter((id) => targets.every(({ targetId }) => targetId !== id));
  if (unknown.length === 0) return [];
  return [
    {
      kind: "missing",
      what: `there is no target ${unknown.join(", ")}`,
      todo: `npx doorstep alert target add ${unknown[0]} creates it`,
    },
  ];
}

function missingPersons(
  { ruleId, persons: named = [] }: AlertRule,
  { persons }: AlertSituation,
): RuleProblem[] {
  return named.flatMap((id): RuleProblem[] => {
    if (id === KNOWN_PERSON || id === UNKNOWN_PERSON) return [];
    const record = persons.find(({ personId }) => personId === id);
    if (record && isPerson(record)) return [];
    if (record && isMerged(record))
      return [
        {
          kind: "missing",
          what: `${id} was merged into ${record.mergedInto}`,
          todo: `npx doorstep alert rule update ${ruleId} --person ${record.mergedInto}`,
        },
      ];
    return [{ kind: "missing", what: `${id} is not enrolled`, todo: "npx doorstep faces list has the ids" }];
  });
}

/** The first condition because of which the rule can raise no alert at all. */
function neverProblem(rule: AlertRule, { cameras, nowMs }: AlertSituation): RuleProblem | undefined {
  const never = (what: string, todo: string): RuleProblem => ({ kind: "never", what, todo });
  if (rule.schedule?.length === 0)
    return never("its schedule has no hours", "give it hours, or switch it off with --off");
  // A rule may come before its cameras.
  if (cameras.length === 0) return undefined;
  const own = camerasOf(rule, cameras);
  if (own.length === 0) {
    const tags = Object.entries(rule.tags ?? {});
    const unused = tags.filter(([key, value]) => cameras.every((camera) => camera.tags[key] !== value));
    if (unused.length > 0)
      return never(
        `no camera has the tag ${unused.map(([key, value]) => `${key}=${value}`).join(", ")}`,
        "npx doorstep camera list has the tags",
      );
    if (tags.length === 0) return undefined;
    return never(
      rule.cameras
        ? `none of its cameras has the tag${tags.length > 1 ? "s" : ""} ${tagsText(tags)}`
        : `no camera has all of the tags ${tagsText(tags)}`,
      "a rule with several conditions takes only cameras that fulfil all of them",
    );
  }
  const labels = Object.keys(rule.labels ?? {});
  if (rule.persons && labels.length > 0 && !labels.includes(PERSON))
    return never("it is for persons, and its labels leave out PERSON", "add PERSON to --labels");
  if (rule.persons && !own.some(({ faces }) => faces))
    return never(
      "it is for persons, and none of its cameras searches faces",
      `npx doorstep camera update ${own[0]!.cameraId} --faces on`,
    );
  if (
    !rule.persons &&
    labels.length > 0 &&
    labels.every((label) => !own.some((camera) => detects(camera, label)))
  )
    return never(
      `none of its cameras detects ${labels.join(" or ")}`,
      "npx doorstep camera list has each camera's labels, and camera update --labels changes them",
    );
  // Many cameras have the same hours.
  const hours = new Map(own.map((camera) => [JSON.stringify([camera.schedule, camera.timeZone]), camera]));
  if ([...hours.values()].every((camera) => !shareHours(rule, camera, nowMs)))
    return never(
      "none of its cameras analyses motion in its hours",
      "compare its schedule and time zone with the cameras' own",
    );
  return undefined;
}

function partProblems(rule: AlertRule, { cameras, targets }: AlertSituation): RuleProblem[] {
  const part = (what: string, todo: string): RuleProblem => ({ kind: "partly", what, todo });
  const own = camerasOf(rule, cameras);
  const labels = Object.keys(rule.labels ?? {});
  // A camera that searches faces needs no label for them.
  const unseen = rule.persons ? [] : labels.filter((label) => !own.some((camera) => detects(camera, label)));
  const used = targets.filter(({ targetId }) => rule.targets.includes(targetId));
  const areDisabled = used.length > 0 && used.every(({ disabled }) => disabled !== undefined);
  return [
    ...(own.length > 0 && unseen.length > 0 && unseen.length < labels.length
      ? [
          part(
            `none of its cameras detects ${unseen.join(" or ")}`,
            "npx doorstep camera update <id> --labels adds a label to a camera",
          ),
        ]
      : []),
    ...(rule.targets.length === 0
      ? [
          part(
            "it has no target, so its alerts are on the event bus only",
            `npx doorstep alert rule update ${rule.ruleId} --target <target>`,
          ),
        ]
      : []),
    ...(areDisabled
      ? [
          part(
            `its ${used.length > 1 ? "targets are" : "target is"} disabled: ${used.map(({ targetId }) => targetId).join(", ")}`,
            `npx doorstep alert target enable ${used[0]!.targetId}`,
          ),
        ]
      : []),
    ...(rule.packageReminderMinutes !== undefined && rule.persons
      ? [
          part(
            "it reminds of packages, and is for persons",
            "have another rule without --person for packages",
          ),
        ]
      : []),
    ...(rule.packageReminderMinutes !== undefined &&
    !rule.persons &&
    labels.length > 0 &&
    !labels.includes(PACKAGE)
      ? [part("it reminds of packages, and its labels leave out PACKAGE", "add PACKAGE to --labels")]
      : []),
  ];
}

const tagsText = (tags: readonly (readonly [string, string])[]): string =>
  tags.map(([key, value]) => `${key}=${value}`).join(", ");

/** A camera's labels are names of Rekognition's list, the lake's are in capitals. */
const detects = ({ labels }: Camera, label: string): boolean =>
  Object.keys(labels).some((own) => own.toUpperCase() === label);

/** Whether there is a minute of the coming week in both schedules. A camera that is disarmed may be armed again. */
function shareHours(
  { schedule, timeZone }: Pick<AlertRule, "schedule" | "timeZone">,
  camera: Camera,
  nowMs: number,
): boolean {
  if (!schedule || !camera.schedule) return true;
  const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  for (let minute = 0; minute < WEEK_MINUTES; minute++) {
    const atMs = hourMs + minute * MINUTE_MS;
    if (isArmed(schedule, atMs, timeZone) && isArmed(camera.schedule, atMs, camera.timeZone)) return true;
  }
  return false;
}
