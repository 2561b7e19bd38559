import * as v from "valibot";
import type { Action, ActionContext } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { EventBridgeState } from "../index.ts";
import { busNameOf } from "../resources.ts";
import { DEFAULT_BUS, type EventBus, type Rule, type Rules } from "../rules.ts";

type Input = { Name: string; EventBusName?: string | undefined };

export const describeRule: Action<EventBridgeState, Input, unknown> = {
  input: v.object({ Name: v.string(), EventBusName: v.optional(v.string()) }),
  resources: ({ Name, EventBusName }, context) => ruleArn(context, Name, EventBusName),
  run: ({ Name, EventBusName }, { state: { rules } }) => describe(found(rules, Name, EventBusName)),
};

/** @throws AwsError ResourceNotFoundException */
export function found(rules: Rules, name: string, busNameOrArn = DEFAULT_BUS): Rule {
  const { name: busName } = bus(rules, busNameOf(busNameOrArn));
  const rule = rules.find(busName, name);
  if (!rule)
    throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${busName}.`);
  return rule;
}

/** @throws AwsError ResourceNotFoundException */
export function bus(rules: Rules, name: string): EventBus {
  const known = rules.buses.get(name);
  if (!known) throw new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
  return known;
}

/** The ARN that IAM looks at, whether or not the rule is there. */
export function ruleArn(
  { cloud }: ActionContext<EventBridgeState>,
  name: string,
  busNameOrArn = DEFAULT_BUS,
): string {
  const busName = busNameOf(busNameOrArn);
  return cloud.arn("events", `rule/${busName === DEFAULT_BUS ? "" : `${busName}/`}${name}`);
}

export const describe = ({ name, arn, busName, isEnabled, description, pattern, schedule }: Rule) => ({
  Name: name,
  Arn: arn,
  EventBusName: busName,
  State: isEnabled ? "ENABLED" : "DISABLED",
  Description: description,
  EventPattern: pattern?.text,
  ScheduleExpression: schedule?.text,
});
