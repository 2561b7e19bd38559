import type { Action } from "../../api/action.ts";
import { rolePolicyNotFound } from "../errors.ts";
import { rolePolicyInput } from "../inputs.ts";
import type { IamState } from "../state.ts";

export const deleteRolePolicy: Action<IamState, { RoleName: string; PolicyName: string }, unknown> = {
  input: rolePolicyInput,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, PolicyName }, { state }) => {
    const { inline } = state.get(RoleName);
    const others = inline.filter(({ name }) => name !== PolicyName);
    if (others.length === inline.length) throw rolePolicyNotFound(PolicyName);
    state.change(RoleName, { inline: others });
  },
};
