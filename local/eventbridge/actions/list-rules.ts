import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { findBus, ruleResponse } from "../named-rule.ts";
import type { EventBridgeState } from "../state.ts";

type Input = { NamePrefix?: string | undefined; EventBusName?: string | undefined };

/** Ordered by name; all in one page. */
export const listRules: Action<EventBridgeState, Input, unknown> = {
  input: v.object({
    NamePrefix: v.optional(v.string()),
    EventBusName: v.optional(v.string()),
    Limit: v.optional(v.number()),
  }),
  resources: () => "*",
  run: ({ NamePrefix = "", EventBusName }, { state: { rules } }) => ({
    Rules: rules
      .ofBus(findBus(rules, EventBusName).name)
      .filter(({ name }) => name.startsWith(NamePrefix))
      .map(ruleResponse),
  }),
};
