import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { evaluateRole, type RolePolicies } from "../../../local/iam/evaluate.ts";
import type { Policy, Statement } from "../../../local/iam/policy.ts";

const caller = {
  roleArn: "arn:aws:iam::000000000000:role/worker",
  sessionArn: "arn:aws:sts::000000000000:assumed-role/worker/one",
  accountId: "000000000000",
  rootArn: "arn:aws:iam::000000000000:root",
};
const call = { action: "s3:GetObject", resource: "arn:aws:s3:::photos/a.txt" };
const policy = (Effect: "Allow" | "Deny", rest: Partial<Statement> = {}): Policy => ({
  Statement: { Effect, Action: "s3:*", Resource: "*", ...rest },
});
const allow = policy("Allow");
const deny = policy("Deny");
const elsewhere = policy("Allow", { Action: "sqs:*" });
const naming = (AWS: string, Effect: "Allow" | "Deny" = "Allow"): Policy =>
  policy(Effect, { Principal: { AWS } });

const evaluate = (policies: Partial<RolePolicies>) =>
  evaluateRole({ identity: [], resource: [], ...policies }, caller, call);

const UNBOUND = "because no permissions boundary allows the s3:GetObject action";
const UNALLOWED = "because no identity-based policy allows the s3:GetObject action";

describe("a role may do", () => {
  test.each<[string, Partial<RolePolicies>, string | undefined]>([
    ["nothing by itself", {}, UNALLOWED],
    ["what its own policies allow", { identity: [allow] }, undefined],
    [
      "nothing that one of them denies",
      { identity: [allow, deny] },
      "with an explicit deny in an identity-based policy",
    ],
    ["what its boundary allows, too", { identity: [allow], boundary: allow }, undefined],
    ["nothing that its boundary leaves out", { identity: [allow], boundary: elsewhere }, UNBOUND],
    [
      "nothing that its boundary denies",
      { identity: [allow], boundary: deny },
      "with an explicit deny in a permissions boundary",
    ],
    ["nothing by its boundary alone", { boundary: allow }, UNALLOWED],
    ["what the resource's policy allows it", { resource: [naming(caller.roleArn)] }, undefined],
    ["that only within its boundary", { resource: [naming(caller.roleArn)], boundary: elsewhere }, UNBOUND],
    ["what the resource's policy allows everyone", { resource: [naming("*")] }, undefined],
    ["that only within its boundary, too", { resource: [naming("*")], boundary: elsewhere }, UNBOUND],
    [
      "what the resource's policy allows its session, whatever its boundary",
      { resource: [naming(caller.sessionArn)], boundary: elsewhere },
      undefined,
    ],
    [
      "nothing that the resource's policy leaves to the account",
      { resource: [naming(caller.rootArn)] },
      UNALLOWED,
    ],
    [
      "what its own policies allow then",
      { resource: [naming(caller.rootArn)], identity: [allow] },
      undefined,
    ],
    [
      "nothing that the resource's policy denies",
      { resource: [naming(caller.rootArn, "Deny")], identity: [allow] },
      "with an explicit deny in a resource-based policy",
    ],
  ])("%s", (_rule, policies, refusal) => {
    expect(evaluate(policies)).toBe(refusal);
  });
});

describe("for any policies", () => {
  const statement = fc.record({
    Effect: fc.constantFrom("Allow" as const, "Deny" as const),
    Action: fc.constantFrom("*", "s3:*", "s3:Get?bject", "sqs:*"),
    Resource: fc.constantFrom("*", "arn:aws:s3:::photos/*", "arn:aws:s3:::films/*"),
  });
  const named = fc
    .tuple(
      statement,
      fc.constantFrom(caller.roleArn, caller.sessionArn, caller.rootArn, "*", "arn:aws:iam::1:root"),
    )
    .map(([one, AWS]) => ({ ...one, Principal: { AWS } }));
  const policies = (of: fc.Arbitrary<Statement>) =>
    fc.array(fc.record({ Statement: fc.array(of, { maxLength: 3 }) }), { maxLength: 3 });
  const all = fc.record({
    identity: policies(statement),
    resource: policies(named),
    boundary: fc.option(fc.record({ Statement: fc.array(statement, { maxLength: 3 }) }), { nil: undefined }),
  });

  test("a Deny in any of them wins", () => {
    fc.assert(
      fc.property(all, fc.constantFrom("identity", "boundary", "resource"), (some, where) => {
        const more =
          where === "boundary"
            ? { boundary: deny }
            : where === "identity"
              ? { identity: [...some.identity, deny] }
              : { resource: [...some.resource, naming("*", "Deny")] };
        expect(evaluate({ ...some, ...more })).toMatch(/^with an explicit deny in /);
      }),
    );
  });

  test("another Allow in any of them removes nothing", () => {
    fc.assert(
      fc.property(all, named, (some, extra) => {
        fc.pre(evaluate(some) === undefined);
        const { Principal, ...rest } = { ...extra, Effect: "Allow" as const };
        const bounds = some.boundary && { Statement: [...some.boundary.Statement, rest] };
        expect(evaluate({ ...some, identity: [...some.identity, { Statement: rest }] })).toBeUndefined();
        expect(
          evaluate({ ...some, resource: [...some.resource, { Statement: { ...rest, Principal } }] }),
        ).toBeUndefined();
        expect(evaluate({ ...some, boundary: bounds })).toBeUndefined();
      }),
    );
  });

  test("a boundary allows nothing by itself", () => {
    fc.assert(
      fc.property(all, (some) => {
        fc.pre(evaluate({ ...some, boundary: undefined }) !== undefined);
        expect(evaluate(some)).toBeDefined();
      }),
    );
  });
});
