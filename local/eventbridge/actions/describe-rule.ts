import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { findRule, ruleArn, ruleResponse } from "../named-rule.ts";
import type { EventBridgeState } from "../state.ts";

type Input = { Name: string; EventBusName?: string | undefined };

export const describeRule: Action<EventBridgeState, Input, unknown> = {
  input: v.object({ Name: v.string(), EventBusName: v.optional(v.string()) }),
  resources: ({ Name, EventBusName }, context) => ruleArn(context, Name, EventBusName),
  run: ({ Name, EventBusName }, { state: { rules } }) => ruleResponse(findRule(rules, Name, EventBusName)),
};
