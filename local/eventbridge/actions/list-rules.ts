import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { busNameOf } from "../resources.ts";
import type { EventBridgeState } from "../index.ts";
import { DEFAULT_BUS } from "../rules.ts";
import { bus, describe } from "./describe-rule.ts";

type Input = { NamePrefix?: string | undefined; EventBusName?: string | undefined };

/** Ordered by name; all in one page. */
export const listRules: Action<EventBridgeState, Input, unknown> = {
  input: v.object({
    NamePrefix: v.optional(v.string()),
    EventBusName: v.optional(v.string()),
    Limit: v.optional(v.number()),
  }),
  resources: () => "*",
  run: ({ NamePrefix = "", EventBusName = DEFAULT_BUS }, { state: { rules } }) => ({
    Rules: rules
      .ofBus(bus(rules, busNameOf(EventBusName)).name)
      .filter(({ name }) => name.startsWith(NamePrefix))
      .map(describe),
  }),
};
