import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { pageMembers, roleName } from "../inputs.ts";
import { listing } from "../listing.ts";
import type { IamState } from "../state.ts";

const input = v.object({ RoleName: roleName, PathPrefix: v.optional(v.string(), "/"), ...pageMembers });

export const listAttachedRolePolicies: Action<IamState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, PathPrefix, ...from }, { state }) => {
    const attached = state.get(RoleName).attached.filter((arn) => pathOf(arn).startsWith(PathPrefix));
    const { items, ...page } = listing(attached, from);
    const AttachedPolicies = items.map((PolicyArn) => ({
      PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf("/") + 1),
      PolicyArn,
    }));
    return { AttachedPolicies, ...page };
  },
};

/** `/service-role/` of `arn:aws:iam::aws:policy/service-role/<name>`. */
const pathOf = (arn: string): string => arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);
