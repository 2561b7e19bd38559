import type { Action } from "../../api/action.ts";
import { deleteConflict } from "../errors.ts";
import { roleInput } from "../inputs.ts";
import type { IamState } from "../state.ts";

/** A role must have no policy left (documented: DeleteRole). */
export const deleteRole: Action<IamState, { RoleName: string }, unknown> = {
  input: roleInput,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName }, { state }) => {
    const role = state.get(RoleName);
    if (role.attached.length > 0)
      throw deleteConflict("Cannot delete entity, must detach all policies first.");
    if (role.inline.length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
    state.delete(role);
  },
};
