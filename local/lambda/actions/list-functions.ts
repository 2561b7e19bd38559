import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { configurationOf } from "../named-function.ts";
import type { LambdaState } from "../state.ts";

export const listFunctions: Action<LambdaState, unknown, unknown> = {
  input: v.unknown(),
  resources: () => "*",
  run: (_input, { state }) => ({ Functions: [...state.functions.values()].map(configurationOf) }),
};
