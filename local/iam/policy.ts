import { holds, type Condition, type Context } from "./conditions.ts";
import { covers, coversAction } from "./wildcard.ts";

/** The principals of a statement in a resource-based policy. */
type PrincipalElement = "*" | Readonly<Record<string, string | readonly string[]>>;

/** One statement of an IAM policy, with every intrinsic function resolved. */
export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: PrincipalElement;
  readonly NotPrincipal?: PrincipalElement;
  readonly Condition?: Condition;
  readonly Sid?: string;
}

export interface Policy {
  readonly Version?: string;
  readonly Statement: Statement | readonly Statement[];
}

/** A call to decide. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys and their values, e.g. `aws:SourceArn`. */
  readonly context?: Context;
  /** The calling service (`sns.amazonaws.com`), for policies with a Principal. */
  readonly service?: string;
  /** ARNs by which a policy may name the caller: its role, its session and its account's root. */
  readonly principalArns?: readonly string[];
  /** Whether the calling role has a permissions boundary. */
  readonly isBounded?: boolean;
}

export type Decision = "allowed" | "explicitly denied" | "not allowed";

/** Decides a call as IAM documents it: an explicit Deny wins, then any Allow; by default the call is denied. */
export function decide(policies: readonly Policy[], request: AccessRequest): Decision {
  const matching = policies.flatMap(statementsOf).filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === "Deny")) return "explicitly denied";
  return matching.some(({ Effect }) => Effect === "Allow") ? "allowed" : "not allowed";
}

export const statementsOf = ({ Statement }: Policy): readonly Statement[] => listOf(Statement);

/** Whether a statement applies to a call. */
export function applies(statement: Statement, request: AccessRequest): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition } = statement;
  const actionMatches = (pattern: string) => coversAction(pattern, request.action);
  const resourceMatches = (pattern: string) => covers(pattern, request.resource);
  if (Action !== undefined && !listOf(Action).some(actionMatches)) return false;
  if (NotAction !== undefined && listOf(NotAction).some(actionMatches)) return false;
  if (Resource !== undefined && !listOf(Resource).some(resourceMatches)) return false;
  if (NotResource !== undefined && listOf(NotResource).some(resourceMatches)) return false;
  if (Principal !== undefined && !isNamed(Principal, request)) return false;
  if (NotPrincipal !== undefined && isExempt(NotPrincipal, request)) return false;
  return holds(Condition ?? {}, request.context ?? {});
}

function isNamed(principal: PrincipalElement, { service, principalArns = [] }: AccessRequest): boolean {
  if (typeof principal === "string") return principal === "*";
  const named = listOf(principal["AWS"] ?? []);
  return (
    named.includes("*") ||
    named.some((one) => principalArns.includes(one)) ||
    (service !== undefined && listOf(principal["Service"] ?? []).includes(service))
  );
}

/**
 * Whether NotPrincipal exempts the caller: the role, its session and the account must all be listed, and a role with a
 * permissions boundary is never exempt (documented: IAM, NotPrincipal element).
 */
function isExempt(
  exempt: PrincipalElement,
  { service, principalArns = [], isBounded }: AccessRequest,
): boolean {
  if (typeof exempt === "string") return exempt === "*";
  if (service !== undefined) return listOf(exempt["Service"] ?? []).includes(service);
  const named = listOf(exempt["AWS"] ?? []).map(accountOfRoot);
  return !isBounded && principalArns.map(accountOfRoot).every((one) => named.includes(one));
}

/** The account's id and the ARN of its root are equivalent (documented: IAM, Principal element). */
const accountOfRoot = (principal: string): string =>
  /^arn:[^:]+:iam::(\d+):root$/.exec(principal)?.[1] ?? principal;

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T];
