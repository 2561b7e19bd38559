import * as v from "valibot";
import type { Principal } from "../iam/principal.ts";
import { AwsError } from "../errors.ts";
import type { Cloud } from "../cloud.ts";

/** What an action runs with: the cloud, the service's own state, and who called. */
export interface ActionContext<State> {
  readonly cloud: Cloud;
  readonly state: State;
  readonly caller: Principal;
  readonly requestId: string;
}

/** One AWS API action: its request's shape, the resources it touches, and what it does. */
export interface Action<State, Input, Output> {
  /** Schema of the request; one that does not fit gets the service's invalid-input error. */
  readonly input: v.GenericSchema<unknown, Input>;
  /** ARNs on which the caller must be allowed this action; `"*"` for actions without resource-level permissions. */
  readonly resources: (input: Input, context: ActionContext<State>) => string | readonly string[];
  /** Throws an `AwsError` for what the service refuses. */
  readonly run: (input: Input, context: ActionContext<State>) => Promise<Output> | Output;
}

/** Any action of a service with this state; `any`, because each action of a table has its own input. */
export type AnyAction<State> = Action<State, any, unknown>;

/** Checks the input, authorises the caller on every resource and runs the action. */
export async function perform<State>(
  action: AnyAction<State>,
  iamAction: string,
  invalidInputCode: string,
  input: unknown,
  context: ActionContext<State>,
): Promise<unknown> {
  const parsed = v.safeParse(action.input, input);
  if (!parsed.success) throw new AwsError(invalidInputCode, explain(parsed.issues));
  const resources = action.resources(parsed.output, context);
  for (const resource of typeof resources === "string" ? [resources] : resources)
    context.cloud.access.authorise(context.caller, iamAction, resource);
  return await action.run(parsed.output, context);
}

/** The first problem of an input, as `Settings.ConnectedHome.Labels[0]: expected …`. */
export function explain([issue]: readonly v.BaseIssue<unknown>[]): string {
  if (!issue) return "the request is invalid";
  const path = pathOf(issue);
  return path ? `${path}: ${issue.message}` : issue.message;
}

/** Where an issue is, as `Settings.ConnectedHome.Labels[0]`; empty for the input itself. */
export const pathOf = ({ path }: v.BaseIssue<unknown>): string =>
  (path ?? [])
    .map(({ key }, index) => (typeof key === "number" ? `[${key}]` : `${index ? "." : ""}${String(key)}`))
    .join("");
