import type { Action } from "../../api/action.ts";
import { policyNotAttached } from "../errors.ts";
import { attachmentInput } from "../inputs.ts";
import type { IamState } from "../state.ts";

export const detachRolePolicy: Action<IamState, { RoleName: string; PolicyArn: string }, unknown> = {
  input: attachmentInput,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, PolicyArn }, { state }) => {
    const { attached } = state.get(RoleName);
    if (!attached.includes(PolicyArn)) throw policyNotAttached(PolicyArn);
    state.change(RoleName, { attached: attached.filter((arn) => arn !== PolicyArn) });
  },
};
