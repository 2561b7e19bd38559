import * as v from "valibot";
import { queryApi } from "../api/query.ts";
import type { Action } from "../api/action.ts";
import type { Service } from "../service.ts";
import { AwsError } from "../errors.ts";

const HOUR_MS = 3_600_000;

const getCallerIdentity: Action<undefined, unknown, unknown> = {
  input: v.unknown(),
  resources: () => [],
  run: (_input, { cloud, caller }) => ({ Arn: caller.arn, UserId: caller.arn, Account: cloud.accountId }),
};

/** The account owner may take any role of the template, to try what a function may do; others may not. */
const assumeRole: Action<undefined, { RoleArn: string; RoleSessionName: string }, unknown> = {
  input: v.object({ RoleArn: v.string(), RoleSessionName: v.string() }),
  resources: ({ RoleArn }) => RoleArn,
  run: ({ RoleArn, RoleSessionName }, { cloud, caller }) => {
    if (caller.kind !== "account")
      throw new AwsError(
        "AccessDenied",
        `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}; here only the account owner takes roles`,
        403,
      );
    const role = cloud.access.role(RoleArn);
    if (!role) throw new AwsError("AccessDenied", `${RoleArn} is not a role of the template`, 403);
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

/** AWS Security Token Service: who one is, and taking a role. */
export const sts: Service = {
  name: "sts",
  start: (cloud) => ({
    apis: [
      queryApi(
        {
          signingName: "sts",
          namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
          actions: { GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole },
        },
        cloud,
        undefined,
      ),
    ],
  }),
};
