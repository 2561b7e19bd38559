import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { inlinePoliciesTooLarge } from "../errors.ts";
import { policyDocument, rolePolicyInput } from "../inputs.ts";
import { policySize, readPolicyDocument } from "../policy-document.ts";
import { MAX_INLINE_POLICIES_SIZE } from "../quotas.ts";
import type { IamState } from "../state.ts";

const input = v.object({ ...rolePolicyInput.entries, PolicyDocument: policyDocument });

/** Adds an inline policy to a role, or replaces the one with this name. */
export const putRolePolicy: Action<IamState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ RoleName }, { state }) => state.arnOf(RoleName),
  run: ({ RoleName, PolicyName, PolicyDocument }, { state }) => {
    const others = state.get(RoleName).inline.filter(({ name }) => name !== PolicyName);
    const inline = [
      ...others,
      { name: PolicyName, document: readPolicyDocument(PolicyDocument, "identity") },
    ];
    const size = inline.reduce((sum, { document }) => sum + policySize(document), 0);
    if (size > MAX_INLINE_POLICIES_SIZE) throw inlinePoliciesTooLarge(RoleName, MAX_INLINE_POLICIES_SIZE);
    state.change(RoleName, { inline });
  },
};
