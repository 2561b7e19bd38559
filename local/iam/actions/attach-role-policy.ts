import type { Action } from "../../api/action.ts";
import { policyNotFound, quotaExceeded } from "../errors.ts";
import { attachmentInput } from "../inputs.ts";
import { MAX_ATTACHED_POLICIES } from "../quotas.ts";
import type { IamState } from "../state.ts";

/** Attaching a policy again has no effect. */
export const attachRolePolicy: Action<IamState, { RoleName: string; PolicyArn: string }, unknown> = {
  input: attachmentInput,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, PolicyArn }, { state }) => {
    const { attached } = state.get(RoleName);
    if (!state.managedPolicy(PolicyArn)) throw policyNotFound(PolicyArn);
    if (attached.includes(PolicyArn)) return;
    if (attached.length >= MAX_ATTACHED_POLICIES)
      throw quotaExceeded("PoliciesPerRole", MAX_ATTACHED_POLICIES);
    state.change(RoleName, { attached: [...attached, PolicyArn] });
  },
};
