import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { EventBridgeState } from "../state.ts";

type Input = { NamePrefix?: string | undefined };

/** Ordered by name; all in one page. */
export const listEventBuses: Action<EventBridgeState, Input, unknown> = {
  input: v.object({ NamePrefix: v.optional(v.string()), Limit: v.optional(v.number()) }),
  resources: () => "*",
  run: ({ NamePrefix = "" }, { state: { rules } }) => ({
    EventBuses: [...rules.buses.values()]
      .filter(({ name }) => name.startsWith(NamePrefix))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, arn, description }) => ({ Name: name, Arn: arn, Description: description })),
  }),
};
