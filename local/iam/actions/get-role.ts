import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { roleNotFound } from "../errors.ts";

/** The trust policy in the response is URL-encoded JSON (documented: IAM API reference, Role). */
export const getRole: Action<undefined, { RoleName: string }, unknown> = {
  input: v.object({ RoleName: v.string() }),
  resources: ({ RoleName }, { cloud }) =>
    cloud.access.roleNamed(RoleName)?.arn ??
    `arn:${cloud.partition}:iam::${cloud.accountId}:role/${RoleName}`,
  run: ({ RoleName }, { cloud }) => {
    const role = cloud.access.roleNamed(RoleName);
    if (!role) throw roleNotFound(RoleName);
    return {
      Role: {
        RoleName,
        RoleId: `AROALOCAL${RoleName}`,
        Arn: role.arn,
        Path: role.arn.slice(role.arn.indexOf("role/") + "role".length, -RoleName.length),
        AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(role.trust)),
        CreateDate: new Date(cloud.clock.now()).toISOString(),
      },
    };
  },
};
