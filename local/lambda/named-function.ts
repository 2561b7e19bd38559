import * as v from "valibot";
import type { ActionContext } from "../api/action.ts";
import { functionNotFound } from "./errors.ts";
import type { FunctionRuntime } from "./runtime.ts";
import { functionArn, type LambdaState } from "./state.ts";

/** How requests name a function. */
export const namedFunction = v.object({
  FunctionName: v.pipe(v.string(), v.minLength(1), v.maxLength(170)),
  Qualifier: v.optional(v.string()),
});

export type NamedFunction = v.InferOutput<typeof namedFunction>;

export const namedArn = (
  { FunctionName, Qualifier }: NamedFunction,
  { cloud }: Pick<ActionContext<LambdaState>, "cloud">,
): string => functionArn(cloud, FunctionName, Qualifier);

/** @throws AwsError ResourceNotFoundException */
export function findFunction(named: NamedFunction, context: ActionContext<LambdaState>): FunctionRuntime {
  const arn = namedArn(named, context);
  const runtime = context.state.functions.get(arn);
  if (!runtime) throw functionNotFound(arn);
  return runtime;
}

/** A function's configuration in the form of the responses. */
export const configurationOf = ({ config }: FunctionRuntime) => ({
  FunctionName: config.name,
  FunctionArn: config.arn,
  Runtime: config.runtime,
  Role: config.roleArn,
  Handler: config.handler,
  Timeout: config.timeoutMs / 1000,
  MemorySize: config.memorySizeMb,
  Environment: { Variables: config.environment },
  State: "Active",
  LastUpdateStatus: "Successful",
  PackageType: "Zip",
  Version: "$LATEST",
});
