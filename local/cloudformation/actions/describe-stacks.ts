import type { Action } from "../../api/action.ts";
import { findStack, namedStack, namedStackArn, stackArn, type NamedStack } from "../named-stack.ts";
import type { CloudFormationState } from "../state.ts";

export const describeStacks: Action<CloudFormationState, NamedStack, unknown> = {
  input: namedStack,
  resources: namedStackArn,
  run: (input, context) => {
    const stack = findStack(input, context);
    return {
      Stacks: [
        {
          StackId: stackArn(context, stack.name),
          StackName: stack.name,
          CreationTime: new Date(context.state.startedAtMs).toISOString(),
          StackStatus: "CREATE_COMPLETE",
          Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
            OutputKey: key,
            OutputValue: value,
            Description: description,
            ExportName: exportName,
          })),
        },
      ],
    };
  },
};
