import * as v from "valibot";
import { OperatorError } from "../errors.ts";
import { checkPolicy } from "./check-policy.ts";
import { malformedPolicy } from "./errors.ts";
import { listOf, statementsOf, type Policy, type Statement } from "./policy.ts";

const texts = v.union([v.string(), v.array(v.string())]);
const principal = v.union([v.literal("*"), v.record(v.string(), texts)]);
const conditionValues = v.union([
  texts,
  v.boolean(),
  v.number(),
  v.array(v.union([v.boolean(), v.number()])),
]);

const statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Action: v.optional(texts),
  NotAction: v.optional(texts),
  Resource: v.optional(texts),
  NotResource: v.optional(texts),
  Principal: v.optional(principal),
  NotPrincipal: v.optional(principal),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), conditionValues))),
});

const document = v.strictObject({
  Version: v.optional(v.picklist(["2008-10-17", "2012-10-17"])),
  Id: v.optional(v.string()),
  Statement: v.union([statement, v.pipe(v.array(statement), v.minLength(1))]),
});

/**
 * Reads the policy document of an API call.
 * @throws AwsError MalformedPolicyDocument, with AWS's messages where they are known (observed: moto's tests, which
 *   record them from AWS); a policy that the local cloud would not honour is refused as well, by name
 */
export function readPolicyDocument(json: string, kind: "identity" | "trust"): Policy {
  const policy = parse(json) as Policy;
  if (!v.is(document, policy)) throw malformedPolicy("Syntax errors in policy.");
  for (const one of statementsOf(policy)) {
    const fault = kind === "trust" ? trustFault(one) : identityFault(one);
    if (fault) throw malformedPolicy(fault);
  }
  try {
    checkPolicy(policy, "the policy", kind);
  } catch (error) {
    if (error instanceof OperatorError) throw malformedPolicy(error.message);
    throw error;
  }
  return policy;
}

/** A policy's size as IAM's quotas count it: its characters without white space (documented: IAM quotas). */
export const policySize = (policy: Policy): number => JSON.stringify(policy).replaceAll(/\s/g, "").length;

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw malformedPolicy("This policy contains invalid Json");
  }
}

function identityFault({ Principal, NotPrincipal, ...own }: Statement): string | undefined {
  if (Principal ?? NotPrincipal) return "Policy document should not specify a principal.";
  if (isNothing(own.Action ?? own.NotAction)) return "Policy statement must contain actions.";
  if (isNothing(own.Resource ?? own.NotResource)) return "Policy statement must contain resources.";
  const actions = listOf(own.Action ?? own.NotAction!);
  if (actions.some((action) => action !== "*" && !action.includes(":")))
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  const resource = listOf(own.Resource ?? own.NotResource!).find((one) => !/^(\*|arn:.*)$/s.test(one));
  return resource === undefined ? undefined : `Resource ${resource} must be in ARN format or "*".`;
}

function trustFault({ Action, NotAction, Resource, NotResource }: Statement): string | undefined {
  if (Resource ?? NotResource) return "Has prohibited field Resource";
  if (isNothing(Action ?? NotAction)) return "Policy statement must contain actions.";
  return listOf(Action ?? []).every((action) => action.toLowerCase().startsWith("sts:"))
    ? undefined
    : "AssumeRole policy may only specify STS AssumeRole actions.";
}

const isNothing = (value: string | readonly string[] | undefined): boolean =>
  value === undefined || value.length === 0;
