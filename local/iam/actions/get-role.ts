import type { Action } from "../../api/action.ts";
import { roleInput } from "../inputs.ts";
import { describeRole } from "../role-description.ts";
import type { IamState } from "../state.ts";

export const getRole: Action<IamState, { RoleName: string }, unknown> = {
  input: roleInput,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName }, { state }) => ({ Role: describeRole(state.get(RoleName), state) }),
};
