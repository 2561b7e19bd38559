import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { pageMembers, roleName } from "../inputs.ts";
import { listing } from "../listing.ts";
import type { IamState } from "../state.ts";

const input = v.object({ RoleName: roleName, ...pageMembers });

/** The names of a role's inline policies. */
export const listRolePolicies: Action<IamState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, ...from }, { state }) => {
    const names = state.get(RoleName).inline.map(({ name }) => name);
    const { items, ...page } = listing(names, from);
    return { PolicyNames: items, ...page };
  },
};
