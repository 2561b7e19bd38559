import * as v from "valibot";
import type { Action } from "../../api/action.ts";

export const getCallerIdentity: Action<undefined, unknown, unknown> = {
  input: v.unknown(),
  resources: () => [],
  run: (_input, { cloud, caller }) => ({ Arn: caller.arn, UserId: caller.arn, Account: cloud.accountId }),
};
