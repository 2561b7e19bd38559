import type { Action } from "../../api/action.ts";
import {
  configurationOf,
  findFunction,
  namedArn,
  namedFunction,
  type NamedFunction,
} from "../named-function.ts";
import type { LambdaState } from "../state.ts";

export const getFunction: Action<LambdaState, NamedFunction, unknown> = {
  input: namedFunction,
  resources: namedArn,
  run: (input, context) => ({ Configuration: configurationOf(findFunction(input, context)) }),
};
