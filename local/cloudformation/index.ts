import * as v from "valibot";
import { queryApi } from "../api/query.ts";
import type { Action, ActionContext } from "../api/action.ts";
import type { Service } from "../service.ts";
import { AwsError } from "../errors.ts";
import type { Stack } from "../template/template.ts";

interface State {
  /** The stack, once it is created. */
  readonly stack: () => Stack | undefined;
  readonly startedAtMs: number;
}

type Input = { StackName?: string };

const stackName = v.object({ StackName: v.optional(v.string()) });

const stackArn = ({ cloud }: ActionContext<State>, name: string): string =>
  cloud.arn("cloudformation", `stack/${name}/local`);

const resources = ({ StackName }: Input, context: ActionContext<State>): string =>
  StackName ? stackArn(context, StackName) : "*";

function found({ StackName }: Input, { cloud, state }: ActionContext<State>): Stack {
  const stack = state.stack();
  const names = stack ? [stack.name, cloud.arn("cloudformation", `stack/${stack.name}/local`)] : [];
  if (!stack || (StackName && !names.includes(StackName)))
    throw new AwsError(
      "ValidationError",
      `Stack with id ${StackName} does not exist; here is ${names[0] ?? "none yet"}`,
    );
  return stack;
}

const describeStacks: Action<State, Input, unknown> = {
  input: stackName,
  resources,
  run: (input, context) => {
    const stack = found(input, context);
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

const listStackResources: Action<State, Input, unknown> = {
  input: stackName,
  resources,
  run: (input, context) => ({
    StackResourceSummaries: [...found(input, context).resources].map(([logicalId, { type, ref }]) => ({
      LogicalResourceId: logicalId,
      PhysicalResourceId: ref,
      ResourceType: type,
      ResourceStatus: "CREATE_COMPLETE",
      LastUpdatedTimestamp: new Date(context.state.startedAtMs).toISOString(),
    })),
  }),
};

/** AWS CloudFormation, reading only: the stack that the local cloud booted from, with its outputs. */
export const cloudformation = (stack: () => Stack | undefined): Service => ({
  name: "cloudformation",
  start: (cloud) => ({
    apis: [
      queryApi(
        {
          signingName: "cloudformation",
          namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
          actions: { DescribeStacks: describeStacks, ListStackResources: listStackResources },
        },
        cloud,
        { stack, startedAtMs: cloud.clock.now() },
      ),
    ],
  }),
});
