import { OperatorError } from "../errors.ts";
import { unknownPart } from "./conditions.ts";
import { statementsOf, type Policy, type Statement } from "./policy.ts";

const ELEMENTS: readonly string[] = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];
const PRINCIPAL_KINDS: readonly string[] = ["AWS", "Service"];

/** The policy's type: only resource-based and trust policies have a Principal (documented: IAM, Principal element). */
export type PolicyKind = "identity" | "resource" | "trust";

/**
 * Refuses, at start-up, a policy that the local cloud would not honour.
 * @throws OperatorError naming an element, a principal, a condition operator, a condition key or a policy variable that
 *   is not emulated, or an element that is missing or redundant
 */
export function checkPolicy(policy: Policy, owner: string, kind: PolicyKind): void {
  for (const statement of statementsOf(policy)) {
    const fault = faultOf(statement, kind);
    if (fault) throw new OperatorError(`${owner}: ${fault}`);
  }
}

function faultOf(statement: Statement, kind: PolicyKind): string | undefined {
  const { Effect, Principal, NotPrincipal, Condition = {}, Resource, NotResource } = statement;
  const unknown = Object.keys(statement).find((element) => !ELEMENTS.includes(element));
  if (unknown) return `the IAM policy element ${unknown} is not emulated`;
  if (!["Allow", "Deny"].includes(Effect))
    return `the Effect of a statement is ${Effect}; expected Allow or Deny`;
  const count =
    countFault(statement, "Action") ?? (kind === "trust" ? undefined : countFault(statement, "Resource"));
  if (count) return count;
  if (kind === "identity" && (Principal ?? NotPrincipal))
    return "a statement of a role's own policy has a Principal; only policies of resources have";
  if (kind !== "identity") {
    const principal = countFault(statement, "Principal");
    if (principal) return principal;
    if (NotPrincipal && Effect === "Allow")
      return "Allow with NotPrincipal is not emulated; name the principals";
    const named = Principal ?? NotPrincipal;
    const stranger =
      typeof named === "object" && Object.keys(named).find((one) => !PRINCIPAL_KINDS.includes(one));
    if (stranger) return `the principal ${stranger} is not emulated`;
  }
  const part = unknownPart(Condition);
  if (part) return `the IAM condition ${part} is not emulated`;
  const [, variable] = /(\$\{[^}]*\})/.exec(JSON.stringify([Condition, Resource, NotResource])) ?? [];
  return variable && `the IAM policy variable ${variable} is not emulated`;
}

/** Documented (IAM, policy grammar): each statement has the element or its Not form, and never both. */
function countFault(statement: Statement, element: "Action" | "Resource" | "Principal"): string | undefined {
  const has = statement[element] !== undefined;
  const hasNot = statement[`Not${element}`] !== undefined;
  if (has && hasNot) return `a statement has both ${element} and Not${element}`;
  return has || hasNot ? undefined : `a statement has neither ${element} nor Not${element}`;
}
