import type { Clock } from "../../base/clock.ts";
import type { RuleProblem } from "../../operator/alert-problems.ts";
import type { Subscription } from "../../operator/alert-subscriptions.ts";
import { shownUrl } from "../../operator/alert-url.ts";
import { Alerts } from "../../operator/alerts.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import type { AlertTarget } from "../../schemas/alert-target.ts";
import type { Snooze, Snoozed } from "../../schemas/snooze.ts";
import { checkCameraId, clientConfig, type StackFlags } from "../cloud.ts";
import { UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { iso } from "../text.ts";
import { checkedSettingId } from "./settings.ts";

/** Runs something with the stack's alerts. @throws Error that names the stack, when it does not exist or has no alerts */
export async function withAlerts<T>(
  flags: StackFlags,
  clock: Clock,
  use: (alerts: Alerts) => Promise<T>,
): Promise<T> {
  const alerts = await Alerts.open(flags.stack, clientConfig(flags), clock);
  try {
    return await use(alerts);
  } finally {
    alerts.close();
  }
}

/** @throws UsageError when the id is invalid; Error when there is no such rule */
export async function existingRule(alerts: Alerts, id: string, stack: string): Promise<AlertRule> {
  const rule = await alerts.findRule(checkedSettingId("<rule>", id));
  if (!rule) throw new Error(`there is no rule ${id} in stack ${stack}; npx doorstep alert rule list`);
  return rule;
}

/** @throws UsageError when the id is invalid; Error when there is no such target */
export async function existingTarget(alerts: Alerts, id: string, stack: string): Promise<AlertTarget> {
  const target = await alerts.findTarget(checkedSettingId("<target>", id));
  if (!target) throw new Error(`there is no target ${id} in stack ${stack}; npx doorstep alert target list`);
  return target;
}

/** What `camera <id>` or `rule <id>` name. @throws UsageError */
export function readSnoozed(kind: string, id: string): Snoozed {
  if (kind === "camera") return { kind, id: checkCameraId("<id>", id) };
  if (kind === "rule") return { kind, id: checkedSettingId("<id>", id) };
  throw new UsageError(`expected camera or rule, then its id, got ${kind} ${id}`);
}

/** Refuses a rule with problems that keep it from raising alerts, or notes them. @throws Error with all of them */
export function checkProblems(
  { ruleId }: AlertRule,
  problems: readonly RuleProblem[],
  isForced: boolean,
  console: Console,
): void {
  const textOf = ({ what, todo }: RuleProblem) => `${what}; ${todo}`;
  const grave = problems.filter(({ kind }) => kind === "missing" || (kind === "never" && !isForced));
  if (grave.length > 0) {
    const hint = grave.some(({ kind }) => kind === "never")
      ? ". --force saves a rule that raises nothing yet"
      : "";
    throw new Error(`${ruleId} was not saved: ${grave.map(textOf).join(". ")}${hint}`);
  }
  for (const problem of problems)
    console.note(console.style("yellow", `warning: ${ruleId}: ${textOf(problem)}`));
}

/** Until when a rule or a camera is snoozed, for people; empty if it is not. */
export const snoozedText = (snoozes: readonly Snooze[], kind: Snoozed["kind"], id: string): string => {
  const found = snoozes.find(({ of }) => of.kind === kind && of.id === id);
  return found ? `until ${iso(found.untilMs)}` : "";
};

export const snoozeRows = (snoozes: readonly Snooze[]): string[][] =>
  snoozes.map(({ of, untilMs }) => [of.kind, of.id, iso(untilMs)]);

/** A target without what is secret of it. */
export const publicTarget = ({ url, token, ...target }: AlertTarget) => ({
  ...target,
  ...(url !== undefined && { url: shownUrl(url) }),
  hasToken: token !== undefined,
});

/** Where a target's messages go, for people. */
export function placeText(
  { targetId, format, url }: AlertTarget,
  subscriptions: readonly Subscription[],
): string {
  if (url !== undefined) return shownUrl(url);
  if (format !== "sns") return "";
  const own = subscriptions.filter(({ targetIds }) => targetIds?.includes(targetId));
  return (
    own.map(({ protocol, endpoint }) => `${protocol} ${endpoint}`).join(", ") || "no confirmed subscription"
  );
}

/** A target's settings, for people. */
export function targetRows(
  target: AlertTarget,
  subscriptions: readonly Subscription[],
  nowMs: number,
): [string, string][] {
  const { format, token, allowPrivate, pictures, secretVersion, previousSecretUntilMs, disabled } = target;
  const isRotating = previousSecretUntilMs !== undefined && previousSecretUntilMs > nowMs;
  return [
    ["format", format],
    [format === "sns" ? "subscriptions" : "url", placeText(target, subscriptions)],
    ["token", token === undefined ? "none" : "set"],
    ["private addresses", allowPrivate ? "allowed" : "refused"],
    ["pictures", pictures ? "by links" : "none"],
    ...(format === "standard"
      ? [
          [
            "secret",
            `version ${secretVersion}${isRotating ? `; version ${secretVersion - 1} until ${iso(previousSecretUntilMs)}` : ""}`,
          ] as [string, string],
        ]
      : []),
    ["enabled", disabled === undefined ? "yes" : `no: ${disabled}`],
  ];
}

/** How a receiver verifies a target's messages, for people. Secret. */
export const secretLines = ({ targetId }: AlertTarget, secret: string): string[] => [
  "Its messages are Standard Webhooks, signed with this secret:",
  `  ${secret}`,
  "A receiver verifies each with a library of https://www.standardwebhooks.com, over the body's bytes as received:",
  `  new Webhook("${secret}").verify(body, headers)`,
  `The same webhook-id is the same message again; npx doorstep alert target show ${targetId} --secret shows the secret again.`,
];
