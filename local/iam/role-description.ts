import type { IamState, RoleRecord } from "./state.ts";

/** A role as IAM's API returns it. The trust policy is URL-encoded JSON (documented: IAM API reference, Role). */
export function describeRole(role: RoleRecord, state: IamState): Record<string, unknown> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: state.arnOf(role.name),
    CreateDate: new Date(role.createdAtMs).toISOString(),
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(role.trust)),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
    ...(role.boundaryArn !== undefined && {
      PermissionsBoundary: {
        PermissionsBoundaryType: "Policy",
        PermissionsBoundaryArn: role.boundaryArn,
      },
    }),
    ...(role.tags.length > 0 && { Tags: role.tags }),
  };
}
