import type { Action } from "../../api/action.ts";
import { rolePolicyNotFound } from "../errors.ts";
import { rolePolicyInput } from "../inputs.ts";
import type { IamState } from "../state.ts";

/** The document is URL-encoded JSON (documented: GetRolePolicy). */
export const getRolePolicy: Action<IamState, { RoleName: string; PolicyName: string }, unknown> = {
  input: rolePolicyInput,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, PolicyName }, { state }) => {
    const policy = state.get(RoleName).inline.find(({ name }) => name === PolicyName);
    if (!policy) throw rolePolicyNotFound(PolicyName);
    return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(JSON.stringify(policy.document)) };
  },
};
