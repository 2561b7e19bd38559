/** What the policies of a stack permit, and whether it was used. */
import type { Grant } from "../../../local/iam/grants.ts";
import type { TestStack } from "../stack.ts";
import { exempts, UNUSED, type Exemption } from "./unused.ts";

export interface Permission extends Grant {
  /** Logical id of the role or the resource whose policy it is in; its ARN for one that has no such attribute. */
  readonly owner: string;
  readonly isUsed: boolean;
  readonly isRoles: boolean;
}

export function permissionsOf({ local }: TestStack): Permission[] {
  const { access } = local.cloud;
  const ids = new Map([...local.stack.resources].map(([id, { attributes }]) => [attributes?.["Arn"], id]));
  return [...access.grants()].flatMap(([arn, grants]) =>
    grants.map((grant) => ({
      ...grant,
      owner: ids.get(arn) ?? arn,
      isUsed: access.log.isUsed(arn, grant),
      isRoles: access.role(arn) !== undefined,
    })),
  );
}

export const isListed = (
  list: readonly Exemption[],
  { owner, action, resource }: Pick<Permission, "owner" | "action" | "resource">,
): boolean => list.some((one) => exempts(one, owner, action, resource));

/** Those that are neither used nor listed with a reason. */
export const unused = (permissions: readonly Permission[]): string[] =>
  permissions.filter((one) => !one.isUsed && !isListed(UNUSED, one)).map(describePermission);

/** Those of some roles, by their logical ids, that are neither used nor listed with a reason. */
export const unusedOf = (stack: TestStack, ...roles: readonly string[]): string[] =>
  unused(permissionsOf(stack).filter(({ owner }) => roles.includes(owner)));

/** A permission as text: its role, action and resource, and its statement. */
export const describePermission = ({ owner, action, resource, statement }: Permission): string =>
  `${owner}: ${action} on ${resource} (${statement})`;
