import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { RECURSIVE_LOOPS, type RecursiveLoop } from "../function.ts";
import { findFunction, namedArn, namedFunction, type NamedFunction } from "../named-function.ts";
import type { LambdaState } from "../state.ts";

/** Holds until the next start, which makes the function what the template says. */
export const putFunctionRecursionConfig: Action<
  LambdaState,
  NamedFunction & { RecursiveLoop: RecursiveLoop },
  unknown
> = {
  input: v.object({ ...namedFunction.entries, RecursiveLoop: v.picklist(RECURSIVE_LOOPS) }),
  resources: namedArn,
  run: (input, context) => {
    const runtime = findFunction(input, context);
    runtime.recursiveLoop = input.RecursiveLoop;
    return { RecursiveLoop: runtime.recursiveLoop };
  },
};
