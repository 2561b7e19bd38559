import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { quotaExceeded } from "../errors.ts";
import { policyDocument, roleName } from "../inputs.ts";
import { policySize, readPolicyDocument } from "../policy-document.ts";
import { MAX_TRUST_POLICY_SIZE } from "../quotas.ts";
import type { IamState } from "../state.ts";

const input = v.object({ RoleName: roleName, PolicyDocument: policyDocument });

export const updateAssumeRolePolicy: Action<IamState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, PolicyDocument }, { state }) => {
    state.get(RoleName);
    const trust = readPolicyDocument(PolicyDocument, "trust");
    if (policySize(trust) > MAX_TRUST_POLICY_SIZE)
      throw quotaExceeded("ACLSizePerRole", MAX_TRUST_POLICY_SIZE);
    state.change(RoleName, { trust });
  },
};
