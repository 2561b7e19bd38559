import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { policyNotFound, quotaExceeded } from "../errors.ts";
import { maxSessionDuration, path, policyArn, policyDocument, roleName } from "../inputs.ts";
import { policySize, readPolicyDocument } from "../policy-document.ts";
import { MAX_ROLES, MAX_TRUST_POLICY_SIZE } from "../quotas.ts";
import { describeRole } from "../role-description.ts";
import type { IamState } from "../state.ts";

const members = {
  RoleName: roleName,
  AssumeRolePolicyDocument: policyDocument,
  Path: v.optional(path, "/"),
  Description: v.optional(v.pipe(v.string(), v.maxLength(1000, "expected at most 1000 characters"))),
  MaxSessionDuration: v.optional(maxSessionDuration, "3600"),
  PermissionsBoundary: v.optional(policyArn),
};

const input = v.objectWithRest(members, v.unknown());

export const createRole: Action<IamState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ RoleName, Path }, { cloud }) =>
    `arn:${cloud.partition}:iam::${cloud.accountId}:role${Path}${RoleName}`,
  run: (request, { state }) => {
    const boundaryArn = request.PermissionsBoundary;
    if (boundaryArn !== undefined && !state.managedPolicy(boundaryArn)) throw policyNotFound(boundaryArn);
    const trust = readPolicyDocument(request.AssumeRolePolicyDocument, "trust");
    if (policySize(trust) > MAX_TRUST_POLICY_SIZE)
      throw quotaExceeded("ACLSizePerRole", MAX_TRUST_POLICY_SIZE);
    if (state.list().length >= MAX_ROLES) throw quotaExceeded("RolesPerAccount", MAX_ROLES);
    const role = state.create({
      name: request.RoleName,
      path: request.Path,
      trust,
      description: request.Description,
      maxSessionSeconds: request.MaxSessionDuration,
      boundaryArn,
      tags: tagsOf(request),
      isTemplate: false,
    });
    return { Role: describeRole(role, state) };
  },
};

/** The tags in a Query request: `Tags.member.1.Key`, `Tags.member.1.Value`. */
function tagsOf(request: Readonly<Record<string, unknown>>): { Key: string; Value: string }[] {
  const tags: { Key: string; Value: string }[] = [];
  for (let at = 1; ; at++) {
    const { [`Tags.member.${at}.Key`]: Key, [`Tags.member.${at}.Value`]: Value = "" } = request;
    if (typeof Key !== "string" || typeof Value !== "string") return tags;
    tags.push({ Key, Value });
  }
}
