import * as v from "valibot";
import { HOUR_MS } from "../../../base/durations.ts";
import type { Action } from "../../api/action.ts";
import { notTheOwner, unknownRole } from "../errors.ts";

type Input = { RoleArn: string; RoleSessionName: string };

/** The account owner may assume any role of the template, to try what a function may do; other callers may not. */
export const assumeRole: Action<undefined, Input, unknown> = {
  input: v.object({ RoleArn: v.string(), RoleSessionName: v.string() }),
  resources: ({ RoleArn }) => RoleArn,
  run: ({ RoleArn, RoleSessionName }, { cloud, caller }) => {
    if (caller.kind !== "account") throw notTheOwner(caller.arn, RoleArn);
    const role = cloud.access.role(RoleArn);
    if (!role) throw unknownRole(RoleArn);
    const arn = `arn:${cloud.partition}:sts::${cloud.accountId}:assumed-role/${role.name}/${RoleSessionName}`;
    const expiresAtMs = cloud.clock.now() + HOUR_MS;
    const { accessKeyId, secretAccessKey, sessionToken } = cloud.access.issue(
      { kind: "role", roleArn: RoleArn, arn },
      expiresAtMs,
    );
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        SessionToken: sessionToken,
        Expiration: new Date(expiresAtMs).toISOString(),
      },
      AssumedRoleUser: { AssumedRoleId: `${role.name}:${RoleSessionName}`, Arn: arn },
    };
  },
};
