import * as v from "valibot";
import type { ActionContext } from "../api/action.ts";
import type { Stack } from "../template/template.ts";
import { stackNotFound } from "./errors.ts";
import type { CloudFormationState } from "./state.ts";

type Context = ActionContext<CloudFormationState>;

/** How requests name a stack: by name or ARN, or not at all, which means the only one. */
export const namedStack = v.object({ StackName: v.optional(v.string()) });

export type NamedStack = { StackName?: string };

export const stackArn = ({ cloud }: Pick<Context, "cloud">, name: string): string =>
  cloud.arn("cloudformation", `stack/${name}/local`);

export const namedStackArn = ({ StackName }: NamedStack, context: Context): string =>
  StackName ? stackArn(context, StackName) : "*";

/** @throws AwsError ValidationError */
export function findStack({ StackName }: NamedStack, context: Context): Stack {
  const stack = context.state.stack();
  if (!stack || (StackName && ![stack.name, stackArn(context, stack.name)].includes(StackName)))
    throw stackNotFound(StackName, stack?.name);
  return stack;
}
