import { queryApi } from "../api/query.ts";
import type { Service } from "../service.ts";
import { describeStacks } from "./actions/describe-stacks.ts";
import { listStackResources } from "./actions/list-stack-resources.ts";
import type { CloudFormationState } from "./state.ts";

/** AWS CloudFormation, read-only: the stack that the local cloud booted from, with its outputs. */
export const cloudformation = (stack: CloudFormationState["stack"]): Service => ({
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
