import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { optionalText, text } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { compilePattern } from "./pattern.ts";
import { busNameOf, DEFAULT_BUS, type Rules } from "./rules.ts";
import { parseSchedule } from "./schedule.ts";
import { readTarget } from "./target.ts";

/** Documented (EventBridge quotas). */
const MAX_TARGETS = 5;
const STATES = ["ENABLED", "DISABLED"];

export const resourceTypes = (cloud: Cloud, rules: Rules): Record<string, ResourceType> => ({
  "AWS::Events::EventBus": busType(cloud, rules),
  "AWS::Events::Rule": ruleType(cloud, rules),
});

const busType = (cloud: Cloud, { buses }: Rules): ResourceType => ({
  // Encryption has no effect on one machine.
  properties: ["Name", "Description", "KmsKeyIdentifier", "Tags"],
  create: ({ properties }) => {
    const name = text(properties, "Name");
    if (!/^[.\-_A-Za-z0-9]{1,256}$/.test(name) || name === DEFAULT_BUS)
      throw new OperatorError(`Name: ${name} is not a valid name of a custom event bus`);
    const arn = cloud.arn("events", `event-bus/${name}`);
    buses.set(name, { name, arn, description: optionalText(properties, "Description") });
    return { ref: name, attributes: { Arn: arn, Name: name } };
  },
});

const ruleType = (cloud: Cloud, rules: Rules): ResourceType => ({
  properties: [
    "Name",
    "Description",
    "EventBusName",
    "EventPattern",
    "ScheduleExpression",
    "State",
    "Targets",
    "Tags",
  ],
  create: ({ properties, generatedName }) => {
    const name = optionalText(properties, "Name") ?? generatedName.slice(0, 64);
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name))
      throw new OperatorError(`Name: ${name} is not a valid name of a rule`);
    const busName = busNameOf(optionalText(properties, "EventBusName") ?? DEFAULT_BUS);
    if (!rules.buses.has(busName))
      throw new OperatorError(`EventBusName: the event bus ${busName} does not exist`);
    const isCustom = busName !== DEFAULT_BUS;
    const state = optionalText(properties, "State") ?? "ENABLED";
    if (!STATES.includes(state)) throw new OperatorError(`State: ${state} is not emulated`);
    const { EventPattern } = properties;
    const schedule = optionalText(properties, "ScheduleExpression");
    if (EventPattern === undefined && schedule === undefined)
      throw new OperatorError("a rule needs EventPattern, ScheduleExpression or both");
    // Documented (EventBridge, scheduled rules): only the default bus has schedules.
    if (schedule && isCustom)
      throw new OperatorError("ScheduleExpression is supported only on the default event bus.");
    const targets = ((properties["Targets"] ?? []) as unknown[]).map(readTarget);
    if (targets.length > MAX_TARGETS)
      throw new OperatorError(`${targets.length} Targets; a rule takes ${MAX_TARGETS}`);
    const arn = cloud.arn("events", `rule/${isCustom ? `${busName}/` : ""}${name}`);
    rules.add({
      name,
      arn,
      busName,
      isEnabled: state === "ENABLED",
      description: optionalText(properties, "Description"),
      pattern:
        EventPattern === undefined
          ? undefined
          : { text: JSON.stringify(EventPattern), matches: compilePattern(EventPattern) },
      schedule:
        schedule === undefined
          ? undefined
          : { text: schedule, next: parseSchedule(schedule, cloud.clock.now()) },
      targets,
    });
    // Observed: the id of a rule on a custom bus is `<bus>|<rule>`.
    return { ref: isCustom ? `${busName}|${name}` : name, attributes: { Arn: arn } };
  },
});
