import type { AnyAction } from "../api/action.ts";
import { queryApi } from "../api/query.ts";
import type { Service } from "../service.ts";
import { attachRolePolicy } from "./actions/attach-role-policy.ts";
import { createRole } from "./actions/create-role.ts";
import { deleteRolePolicy } from "./actions/delete-role-policy.ts";
import { deleteRole } from "./actions/delete-role.ts";
import { detachRolePolicy } from "./actions/detach-role-policy.ts";
import { getRolePolicy } from "./actions/get-role-policy.ts";
import { getRole } from "./actions/get-role.ts";
import { listAttachedRolePolicies } from "./actions/list-attached-role-policies.ts";
import { listRolePolicies } from "./actions/list-role-policies.ts";
import { listRoles } from "./actions/list-roles.ts";
import { putRolePolicy } from "./actions/put-role-policy.ts";
import { updateAssumeRolePolicy } from "./actions/update-assume-role-policy.ts";
import { resourceTypes } from "./resources.ts";
import { IamState } from "./state.ts";

const actions: Readonly<Record<string, AnyAction<IamState>>> = {
  CreateRole: createRole,
  GetRole: getRole,
  ListRoles: listRoles,
  DeleteRole: deleteRole,
  UpdateAssumeRolePolicy: updateAssumeRolePolicy,
  PutRolePolicy: putRolePolicy,
  GetRolePolicy: getRolePolicy,
  ListRolePolicies: listRolePolicies,
  DeleteRolePolicy: deleteRolePolicy,
  AttachRolePolicy: attachRolePolicy,
  ListAttachedRolePolicies: listAttachedRolePolicies,
  DetachRolePolicy: detachRolePolicy,
};

/** AWS IAM: the roles of the template and those that users create; they decide every call made with their credentials. */
export const iam: Service = {
  name: "iam",
  start: (cloud) => {
    const state = new IamState(cloud);
    const namespace = "https://iam.amazonaws.com/doc/2010-05-08/";
    return {
      apis: [queryApi({ signingName: "iam", namespace, actions }, cloud, state)],
      resources: resourceTypes(cloud, state),
      ready: () => state.restore(),
    };
  },
};
