import type { Action } from "../../api/action.ts";
import { findFunction, namedArn, namedFunction, type NamedFunction } from "../named-function.ts";
import type { LambdaState } from "../state.ts";

export const getFunctionRecursionConfig: Action<LambdaState, NamedFunction, unknown> = {
  input: namedFunction,
  resources: namedArn,
  run: (input, context) => ({ RecursiveLoop: findFunction(input, context).recursiveLoop }),
};
