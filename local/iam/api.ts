import * as v from "valibot";
import type { Action } from "../api/action.ts";
import type { Api } from "../api/api.ts";
import { queryApi } from "../api/query.ts";
import type { Cloud } from "../cloud.ts";
import { AwsError } from "../errors.ts";

/** GetRole; the trust policy is URL-encoded JSON (documented: IAM API reference, Role). */
const getRole: Action<undefined, { RoleName: string }, unknown> = {
  input: v.object({ RoleName: v.string() }),
  resources: ({ RoleName }, { cloud }) =>
    cloud.access.roleNamed(RoleName)?.arn ??
    `arn:${cloud.partition}:iam::${cloud.accountId}:role/${RoleName}`,
  run: ({ RoleName }, { cloud }) => {
    const role = cloud.access.roleNamed(RoleName);
    if (!role) throw new AwsError("NoSuchEntity", `The role with name ${RoleName} cannot be found.`, 404);
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

/** IAM's API, as much as is needed to look at a role. */
export const iamApi = (cloud: Cloud): Api =>
  queryApi(
    {
      signingName: "iam",
      namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
      actions: { GetRole: getRole },
    },
    cloud,
    undefined,
  );
