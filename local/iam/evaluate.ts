import { decide, listOf, statementsOf, type AccessRequest, type Decision, type Policy } from "./policy.ts";

/** The policies that decide a role's call. */
export interface RolePolicies {
  readonly identity: readonly Policy[];
  /** The most that the role's own policies can allow. */
  readonly boundary?: Policy | undefined;
  /** Those of the called resource. */
  readonly resource: readonly Policy[];
}

/** The caller, by the names that a resource's policy may use. */
interface RoleCaller {
  readonly roleArn: string;
  readonly sessionArn: string;
  readonly accountId: string;
  readonly rootArn: string;
}

/** Undefined for an allowed call; else the reason in AWS's words (documented: IAM, access denied error messages). */
export type Refusal = string | undefined;

/**
 * Decides the call of a role on a resource of its own account (documented: IAM, policy evaluation for requests within a
 * single account, and permissions boundaries): an explicit Deny anywhere wins; then a resource's policy that names the
 * role's session allows it in any case; then the boundary must allow; then either the role's own policies or a
 * resource's that names the role must. A policy that names the account delegates to the role's own policies.
 * Unconfirmed: that a resource's policy for everyone (`*`) counts as one for the role, within its boundary.
 */
export function evaluateRole(
  { identity, boundary, resource }: RolePolicies,
  { roleArn, sessionArn, accountId, rootArn }: RoleCaller,
  call: Pick<AccessRequest, "action" | "resource" | "context">,
): Refusal {
  const isBounded = boundary !== undefined;
  const request = { ...call, isBounded, principalArns: [roleArn, sessionArn, accountId, rootArn] };
  const bound = boundary && decide([boundary], request);
  const own = decide(identity, request);
  if (own === "explicitly denied") return denied("an identity-based policy");
  if (bound === "explicitly denied") return denied("a permissions boundary");
  if (decide(resource, request) === "explicitly denied") return denied("a resource-based policy");
  if (decide(naming(resource, sessionArn), request) === "allowed") return undefined;
  if (bound === "not allowed") return silent("permissions boundary", call.action);
  const given = decide(resource, { ...request, principalArns: [roleArn, sessionArn] });
  return own === "allowed" || given === "allowed" ? undefined : silent("identity-based policy", call.action);
}

/** Decides the call of a service principal: by the resource's policy alone. */
export const evaluateService = (resource: readonly Policy[], request: AccessRequest): Refusal =>
  refusalOf(decide(resource, request), request.action, "a resource-based policy", "resource-based policy");

/** Decides whether a role may be assumed: by its trust policy alone. */
export const evaluateTrust = (trust: Policy, request: AccessRequest): Refusal =>
  refusalOf(decide([trust], request), request.action, "the role trust policy", "role trust policy");

function refusalOf(decision: Decision, action: string, policy: string, kind: string): Refusal {
  if (decision === "allowed") return undefined;
  return decision === "explicitly denied" ? denied(policy) : silent(kind, action);
}

const denied = (policy: string): string => `with an explicit deny in ${policy}`;
const silent = (kind: string, action: string): string => `because no ${kind} allows the ${action} action`;

/** The statements that name exactly this principal. */
const naming = (policies: readonly Policy[], arn: string): readonly Policy[] => [
  {
    Statement: policies
      .flatMap(statementsOf)
      .filter(
        ({ Principal }) => typeof Principal === "object" && listOf(Principal["AWS"] ?? []).includes(arn),
      ),
  },
];
