import type { Cloud } from "../cloud.ts";
import { Deliveries } from "./deliveries.ts";
import { DEFAULT_BUS, Rules } from "./rules.ts";
import { Schedules } from "./schedules.ts";

/** The buses and rules of the template, and the deliveries to targets. */
export interface EventBridgeState {
  readonly rules: Rules;
  readonly deliveries: Deliveries;
  readonly schedules: Schedules;
}

export function openState(cloud: Cloud): EventBridgeState {
  const rules = new Rules({ name: DEFAULT_BUS, arn: cloud.arn("events", `event-bus/${DEFAULT_BUS}`) });
  const deliveries = new Deliveries(cloud, rules);
  return { rules, deliveries, schedules: new Schedules(cloud, rules, deliveries) };
}
