import type { ActionContext } from "../api/action.ts";
import { busNotFound, ruleNotFound } from "./errors.ts";
import { busNameOf, DEFAULT_BUS, type EventBus, type Rule, type Rules } from "./rules.ts";
import type { EventBridgeState } from "./state.ts";

/** @throws AwsError ResourceNotFoundException */
export function findBus(rules: Rules, nameOrArn = DEFAULT_BUS): EventBus {
  const name = busNameOf(nameOrArn);
  const bus = rules.buses.get(name);
  if (!bus) throw busNotFound(name);
  return bus;
}

/** @throws AwsError ResourceNotFoundException */
export function findRule(rules: Rules, name: string, busNameOrArn?: string): Rule {
  const bus = findBus(rules, busNameOrArn);
  const rule = rules.find(bus.name, name);
  if (!rule) throw ruleNotFound(name, bus.name);
  return rule;
}

/** The ARN that IAM checks, whether or not the rule exists. */
export function ruleArn(
  { cloud }: Pick<ActionContext<EventBridgeState>, "cloud">,
  name: string,
  busNameOrArn = DEFAULT_BUS,
): string {
  const busName = busNameOf(busNameOrArn);
  return cloud.arn("events", `rule/${busName === DEFAULT_BUS ? "" : `${busName}/`}${name}`);
}

/** A rule in the form of the responses. */
export const ruleResponse = ({
  name,
  arn,
  busName,
  isEnabled,
  description,
  pattern,
  schedule,
}: Rule): Record<string, unknown> => ({
  Name: name,
  Arn: arn,
  EventBusName: busName,
  State: isEnabled ? "ENABLED" : "DISABLED",
  Description: description,
  EventPattern: pattern?.text,
  ScheduleExpression: schedule?.text,
});
