import type { Action } from "../../api/action.ts";
import { findStack, namedStack, namedStackArn, type NamedStack } from "../named-stack.ts";
import type { CloudFormationState } from "../state.ts";

export const listStackResources: Action<CloudFormationState, NamedStack, unknown> = {
  input: namedStack,
  resources: namedStackArn,
  run: (input, context) => ({
    StackResourceSummaries: [...findStack(input, context).resources].map(([logicalId, { type, ref }]) => ({
      LogicalResourceId: logicalId,
      PhysicalResourceId: ref,
      ResourceType: type,
      ResourceStatus: "CREATE_COMPLETE",
      LastUpdatedTimestamp: new Date(context.state.startedAtMs).toISOString(),
    })),
  }),
};
