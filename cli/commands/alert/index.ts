import type { Command } from "../../command.ts";
import { alertExplain, alertLog } from "./log.ts";
import { alertRuleAdd, alertRuleList, alertRuleRemove, alertRuleShow, alertRuleUpdate } from "./rule.ts";
import { alertSnooze, alertWake } from "./snooze.ts";
import {
  alertTargetAdd,
  alertTargetList,
  alertTargetRemove,
  alertTargetRotateSecret,
  alertTargetShow,
} from "./target.ts";
import { alertTargetDisable, alertTargetEnable } from "./enable.ts";
import { alertTest } from "./test.ts";

/** Alerts: rules, targets and what became of detections, in the order of its help. */
export const alertCommands: readonly Command[] = [
  alertRuleAdd,
  alertRuleList,
  alertRuleShow,
  alertRuleUpdate,
  alertRuleRemove,
  alertTargetAdd,
  alertTargetList,
  alertTargetShow,
  alertTargetRemove,
  alertTargetRotateSecret,
  alertTargetEnable,
  alertTargetDisable,
  alertTest,
  alertLog,
  alertExplain,
  alertSnooze,
  alertWake,
];
