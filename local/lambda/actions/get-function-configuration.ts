import type { Action } from "../../api/action.ts";
import {
  configurationOf,
  findFunction,
  namedArn,
  namedFunction,
  type NamedFunction,
} from "../named-function.ts";
import type { LambdaState } from "../state.ts";

export const getFunctionConfiguration: Action<LambdaState, NamedFunction, unknown> = {
  input: namedFunction,
  resources: namedArn,
  run: (input, context) => configurationOf(findFunction(input, context)),
};
