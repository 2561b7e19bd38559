import { ruleProblems, type RuleProblem } from "../../operator/alert-problems.ts";
import type { Subscription } from "../../operator/alert-subscriptions.ts";
import { Alerts, type UnsentMessage } from "../../operator/alerts.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import type { AlertTarget } from "../../schemas/alert-target.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { PersonRecord } from "../../schemas/person.ts";
import type { Snooze } from "../../schemas/snooze.ts";
import { counted, iso } from "../text.ts";
import { deployedCheck } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

const PERMISSIONS =
  "dynamodb:Scan and Query, sqs:ReceiveMessage on the queue of unsent messages, sns:ListSubscriptionsByTopic and GetSubscriptionAttributes on the alert topic";

/** What is known of a stack's alerts. */
export interface AlertState {
  readonly rules: readonly AlertRule[];
  readonly targets: readonly AlertTarget[];
  readonly snoozes: readonly Snooze[];
  readonly subscriptions: readonly Subscription[];
  readonly cameras: readonly Camera[];
  readonly persons: readonly PersonRecord[];
  /** Some of the messages that were given up. */
  readonly unsent: readonly UnsentMessage[];
  readonly nowMs: number;
}

/** Whether rules can raise alerts, and whether these reach somebody. The check of queues counts the messages that do not. */
export const alertsCheck = deployedCheck("alerts", async ({ config, stackName, nowMs }) => {
  try {
    const alerts = await Alerts.open(stackName, config);
    try {
      const [rules, targets, snoozes, subscriptions, cameras, unsent] = await Promise.all([
        alerts.rules(),
        alerts.targets(),
        alerts.snoozes(),
        alerts.subscriptions.list(),
        alerts.cameras(),
        alerts.peekUnsent(),
      ]);
      const persons = await alerts.personsOf(rules);
      return alertFindings({ rules, targets, snoozes, subscriptions, cameras, persons, unsent, nowMs });
    } finally {
      alerts.close();
    }
  } catch (error) {
    return [failed("the alerts", error, PERMISSIONS)];
  }
});

export function alertFindings(state: AlertState): Finding[] {
  const { rules, targets, snoozes, subscriptions, unsent } = state;
  if (rules.length === 0 && targets.length === 0 && unsent.length === 0)
    return [ok("no rule is configured, so no detection raises an alert")];
  const enabled = rules.filter((rule) => rule.enabled);
  const problems = enabled.flatMap((rule) => ruleProblems(rule, state).map((problem) => ({ rule, problem })));
  const findings = [
    ...problems.map(({ rule, problem }) => ruleFinding(rule, problem)),
    ...targets.flatMap((target) => targetFindings(target, state)),
    ...subscriptions
      .filter(({ arn }) => arn === undefined)
      .map(({ protocol, endpoint }) =>
        wrong(
          `${protocol} ${endpoint} gets no alerts: its subscription is not confirmed`,
          "open the link in the message that SNS sent to it; after 48 hours SNS deletes the subscription, and the target has to be added again",
        ),
      ),
  ];
  // Many messages have the same reason.
  const reasons = new Set(
    unsent.map(({ targetId = "a target", reason = "no reason is known" }) => `${targetId}: ${reason}`),
  );
  findings.push(
    ...[...reasons].map((reason) =>
      wrong(`messages were not sent to ${reason}`, "correct the cause, then npx doorstep redrive sends them"),
    ),
  );
  return [
    ...(findings.every(({ status }) => status !== "wrong")
      ? [ok(`${counted(enabled.length, "rule")} in use, with ${counted(targets.length, "target")}`)]
      : []),
    ...findings,
    ...snoozes.map(({ of, untilMs }) => ok(`the ${of.kind} ${of.id} is snoozed until ${iso(untilMs)}`)),
  ];
}

function ruleFinding({ ruleId, targets }: AlertRule, { kind, what, todo }: RuleProblem): Finding {
  const text = `rule ${ruleId}: ${what}`;
  // Without a target, its alerts are on the event bus, which may be what is wanted.
  return kind === "partly" && targets.length === 0 ? unknown(text, todo) : wrong(text, todo);
}

function targetFindings(
  { targetId, format, disabled }: AlertTarget,
  { rules, subscriptions }: AlertState,
): Finding[] {
  const isUsed = rules.some(({ enabled, targets }) => enabled && targets.includes(targetId));
  const isSubscribed = subscriptions.some(({ targetIds }) => targetIds?.includes(targetId));
  return [
    ...(disabled === undefined
      ? []
      : [
          wrong(
            `target ${targetId} is disabled: ${disabled}`,
            `correct what it names, then npx doorstep alert target enable ${targetId} and npx doorstep redrive`,
          ),
        ]),
    ...(format === "sns" && !isSubscribed
      ? [
          wrong(
            `target ${targetId} has no confirmed subscription`,
            "confirm one by the link in the message that SNS sent, or remove the target and add it again",
          ),
        ]
      : []),
    ...(isUsed
      ? []
      : [
          unknown(
            `target ${targetId} is used by no rule`,
            "npx doorstep alert rule update <rule> --target adds it to one",
          ),
        ]),
  ];
}
