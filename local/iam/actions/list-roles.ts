import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { pageMembers } from "../inputs.ts";
import { listing } from "../listing.ts";
import { describeRole } from "../role-description.ts";
import type { IamState } from "../state.ts";

const input = v.object({ PathPrefix: v.optional(v.string(), "/"), ...pageMembers });

export const listRoles: Action<IamState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: () => "*",
  run: ({ PathPrefix, ...from }, { state }) => {
    const roles = state.list().filter(({ path }) => path.startsWith(PathPrefix));
    const { items, ...page } = listing(roles, from);
    return {
      // Tags and boundaries are left out of a listing (documented: ListRoles).
      Roles: items.map((role) => describeRole({ ...role, tags: [], boundaryArn: undefined }, state)),
      ...page,
    };
  },
};
