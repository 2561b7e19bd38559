import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkPolicy, type PolicyKind } from "../../../local/iam/check-policy.ts";
import { decide, type AccessRequest, type Policy, type Statement } from "../../../local/iam/policy.ts";

const get: AccessRequest = { action: "s3:GetObject", resource: "arn:aws:s3:::photos/a.txt" };
const allow = (statement: Partial<Statement>): Policy => ({
  Statement: { Effect: "Allow", Action: "*", Resource: "*", ...statement },
});
const isAllowed = (statement: Partial<Statement>, request: AccessRequest = get): boolean =>
  decide([allow(statement)], request) === "allowed";

describe("a decision", () => {
  test("is a denial unless a statement allows", () => {
    expect(decide([], get)).toBe("not allowed");
    expect(decide([allow({})], get)).toBe("allowed");
    expect(decide([allow({ Action: "s3:PutObject" })], get)).toBe("not allowed");
  });

  test("is an explicit denial if any statement denies", () => {
    const deny: Policy = { Statement: [{ Effect: "Deny", Action: "s3:*", Resource: "*" }] };
    expect(decide([allow({}), deny], get)).toBe("explicitly denied");
    expect(decide([allow({}), deny], { ...get, action: "sqs:SendMessage" })).toBe("allowed");
  });
});

describe("a statement applies by its action and resource:", () => {
  test.each<[string, Partial<Statement>, boolean]>([
    ["the action itself", { Action: "s3:GetObject" }, true],
    ["whatever its case", { Action: "S3:getobject" }, true],
    ["one of several", { Action: ["s3:PutObject", "s3:GetObject"] }, true],
    ["* for any characters", { Action: "s3:Get*" }, true],
    ["? for one character", { Action: "s3:GetObjec?" }, true],
    ["? for no more than one", { Action: "s3:GetObje?" }, false],
    ["a dot is only a dot", { Resource: "arn:aws:s3:::photos/a?txt" }, true],
    ["a dot matches only a dot", { Resource: "arn.aws:s3:::photos/a.txt" }, false],
    ["resources keep their case", { Resource: "arn:aws:s3:::Photos/*" }, false],
    ["the whole resource", { Resource: "arn:aws:s3:::photos" }, false],
    ["* over slashes", { Resource: "arn:aws:s3:::*.txt" }, true],
    ["* over line breaks", { Resource: "arn:aws:s3:::photos/*" }, true],
  ])("%s", (_name, statement, expected) => {
    expect(isAllowed(statement)).toBe(expected);
  });

  test("NotAction and NotResource match everything else", () => {
    expect(decide([{ Statement: { Effect: "Allow", NotAction: "s3:Put*", Resource: "*" } }], get)).toBe(
      "allowed",
    );
    expect(decide([{ Statement: { Effect: "Allow", NotAction: "s3:Get*", Resource: "*" } }], get)).toBe(
      "not allowed",
    );
    const other = { Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::photos/*" } as const;
    expect(decide([{ Statement: other }], get)).toBe("not allowed");
    expect(decide([{ Statement: other }], { ...get, resource: "arn:aws:s3:::films/a" })).toBe("allowed");
  });
});

const TOPIC = "arn:aws:sns:us-east-1:000000000000:updates";

describe("a condition", () => {
  test.each<[string, Record<string, string | string[]>, string, boolean]>([
    ["StringEquals", { "aws:SourceAccount": "1" }, "1", true],
    ["StringEquals", { "aws:SourceAccount": ["2", "1"] }, "1", true],
    ["StringEquals", { "aws:SourceAccount": "*" }, "1", false],
    ["StringNotEquals", { "aws:SourceAccount": ["2", "1"] }, "1", false],
    ["StringNotEquals", { "aws:SourceAccount": ["2", "3"] }, "1", true],
    ["StringEqualsIgnoreCase", { k: "ABC" }, "abc", true],
    ["StringNotEqualsIgnoreCase", { k: "ABC" }, "abc", false],
    ["StringLike", { k: "a*c" }, "abbc", true],
    ["StringLike", { k: "a?c" }, "abbc", false],
    ["StringNotLike", { k: "a*c" }, "abbc", false],
    ["ArnEquals", { k: TOPIC }, TOPIC, true],
    ["ArnLike", { k: "arn:aws:sns:*:*:updates" }, TOPIC, true],
    ["ArnLike", { k: "arn:aws:sns:us-east-1:000000000000:u*" }, TOPIC, true],
    ["ArnLike", { k: "arn:aws:sns:*" }, TOPIC, false],
    ["ArnLike", { k: "arn:aws:s3:*:*:*" }, TOPIC, false],
    ["ArnLike", { k: "arn:aws:lambda:*:*:function:*" }, "arn:aws:lambda:us-east-1:1:function:a:b", true],
    ["ArnNotLike", { k: "arn:aws:sns:*:*:updates" }, TOPIC, false],
    ["ArnNotEquals", { k: "arn:aws:sns:*:*:other" }, TOPIC, true],
    ["Bool", { k: "TRUE" }, "true", true],
    ["Bool", { k: "false" }, "true", false],
    ["NumericEquals", { k: "10" }, "10.0", true],
    ["NumericNotEquals", { k: "10" }, "10", false],
    ["NumericLessThan", { k: "10" }, "9", true],
    ["NumericLessThan", { k: "10" }, "10", false],
    ["NumericLessThanEquals", { k: "10" }, "10", true],
    ["NumericGreaterThan", { k: "9" }, "10", true],
    ["NumericGreaterThanEquals", { k: "10" }, "9", false],
    ["NumericLessThan", { k: "10" }, "few", false],
    ["Null", { k: "false" }, "there", true],
    ["Null", { k: "true" }, "there", false],
  ])("%s %j on %s: %s", (operator, keys, actual, expected) => {
    const [key = ""] = Object.keys(keys);
    const request = { ...get, context: { [key.toUpperCase()]: actual } };
    expect(isAllowed({ Condition: { [operator]: keys } }, request)).toBe(expected);
  });

  test.each([
    ["StringEquals", false],
    ["StringEqualsIfExists", true],
    ["StringNotEquals", true],
    ["ArnLike", false],
    ["ArnLikeIfExists", true],
    ["ArnNotLike", true],
    ["Bool", false],
    ["BoolIfExists", true],
    ["NumericLessThan", false],
    ["ForAnyValue:StringEquals", false],
    ["ForAnyValue:StringNotEquals", false],
    ["ForAnyValue:StringEqualsIfExists", true],
    ["ForAllValues:StringEquals", true],
  ])("%s on a key that the call has not: %s", (operator, expected) => {
    expect(isAllowed({ Condition: { [operator]: { "aws:SourceArn": "x" } } })).toBe(expected);
  });

  test("with IfExists still compares a key that exists", () => {
    const Condition = { StringEqualsIfExists: { k: "a" } };
    expect(isAllowed({ Condition }, { ...get, context: { k: "b" } })).toBe(false);
  });

  test("Null tests whether a key is absent", () => {
    expect(isAllowed({ Condition: { Null: { k: "true" } } })).toBe(true);
    expect(isAllowed({ Condition: { Null: { k: "false" } } })).toBe(false);
  });

  test("accepts true and false as templates write them", () => {
    const Condition = { Bool: { "aws:SecureTransport": false } };
    expect(isAllowed({ Condition }, { ...get, context: { "aws:SecureTransport": "false" } })).toBe(true);
  });

  test.each([
    ["ForAnyValue:StringEquals", ["a", "z"], true],
    ["ForAnyValue:StringEquals", ["y", "z"], false],
    ["ForAnyValue:StringNotEquals", ["a", "z"], true],
    ["ForAnyValue:StringNotEquals", ["a", "b"], false],
    ["ForAllValues:StringEquals", ["a", "b"], true],
    ["ForAllValues:StringEquals", ["a", "z"], false],
    ["ForAllValues:StringNotLike", ["y", "z"], true],
  ])("%s [a, b] on the values %j: %s", (operator, values, expected) => {
    const request = { ...get, context: { k: values } };
    expect(isAllowed({ Condition: { [operator]: { k: ["a", "b"] } } }, request)).toBe(expected);
  });

  test("requires every operator and every key", () => {
    const Condition = { StringEquals: { a: "1", b: "2" }, Bool: { c: "true" } };
    expect(isAllowed({ Condition }, { ...get, context: { a: "1", b: "2", c: "true" } })).toBe(true);
    expect(isAllowed({ Condition }, { ...get, context: { a: "1", b: "3", c: "true" } })).toBe(false);
    expect(isAllowed({ Condition }, { ...get, context: { a: "1", b: "2", c: "false" } })).toBe(false);
  });
});

describe("a principal", () => {
  const role = "arn:aws:iam::000000000000:role/reader";
  test.each<[NonNullable<Statement["Principal"]>, Partial<AccessRequest>, boolean]>([
    ["*", {}, true],
    [{ AWS: "*" }, { principalArns: [role] }, true],
    [{ AWS: [role] }, { principalArns: [role] }, true],
    [{ AWS: "arn:aws:iam::000000000000:role/other" }, { principalArns: [role] }, false],
    [{ AWS: "arn:aws:iam::000000000000:role/*" }, { principalArns: [role] }, false],
    [{ Service: "sns.amazonaws.com" }, { service: "sns.amazonaws.com" }, true],
    [{ Service: ["s3.amazonaws.com", "sns.amazonaws.com"] }, { service: "sns.amazonaws.com" }, true],
    [{ Service: "sns.amazonaws.com" }, { service: "sqs.amazonaws.com" }, false],
    [{ Service: "sns.amazonaws.com" }, { principalArns: [role] }, false],
  ])("%j for %j: %s", (Principal, caller, expected) => {
    expect(isAllowed({ Principal }, { ...get, ...caller })).toBe(expected);
  });
});

describe("NotPrincipal denies everyone but the principals that it names", () => {
  const role = "arn:aws:iam::000000000000:role/reader";
  const session = "arn:aws:sts::000000000000:assumed-role/reader/one";
  const root = "arn:aws:iam::000000000000:root";
  const caller = { ...get, principalArns: [role, session, "000000000000", root] };
  const isDenied = (NotPrincipal: Statement["NotPrincipal"], request: AccessRequest): boolean =>
    decide([{ Statement: { Effect: "Deny", Action: "*", Resource: "*", NotPrincipal } }], request) ===
    "explicitly denied";

  test("by role, session and account together", () => {
    expect(isDenied({ AWS: [role, session, root] }, caller)).toBe(false);
    expect(isDenied({ AWS: [role, session, "000000000000"] }, caller)).toBe(false);
    expect(isDenied({ AWS: [role, session] }, caller)).toBe(true);
    expect(isDenied({ AWS: role }, caller)).toBe(true);
  });

  test("or by service", () => {
    const service = { ...get, service: "sns.amazonaws.com" };
    expect(isDenied({ Service: "sns.amazonaws.com" }, service)).toBe(false);
    expect(isDenied({ Service: "sqs.amazonaws.com" }, service)).toBe(true);
  });

  test("and a role with a permissions boundary always", () => {
    expect(isDenied({ AWS: [role, session, root] }, { ...caller, isBounded: true })).toBe(true);
  });
});

describe("before anything starts, a policy is refused", () => {
  const check = (statement: object, kind: PolicyKind = "identity") => {
    // Through JSON, so that an element that is undefined is not there.
    const text = JSON.stringify({ Effect: "Allow", Action: "*", Resource: "*", ...statement });
    const policy: Policy = { Statement: JSON.parse(text) as Statement };
    return () => checkPolicy(policy, "role r", kind);
  };

  test.each<[object, PolicyKind, string]>([
    [
      { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } },
      "identity",
      "the IAM condition operator IpAddress is not emulated",
    ],
    [
      { Condition: { toString: { k: "v" } } },
      "identity",
      "the IAM condition operator toString is not emulated",
    ],
    [
      { Condition: { NullIfExists: { "aws:SourceArn": "true" } } },
      "identity",
      "the IAM condition operator NullIfExists is not emulated",
    ],
    [
      { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1234567890" } } },
      "identity",
      "the IAM condition key aws:PrincipalOrgID is not emulated",
    ],
    [{ Frequency: "often" }, "identity", "the IAM policy element Frequency is not emulated"],
    [
      { Resource: "arn:aws:s3:::home/${aws:username}" },
      "identity",
      "the IAM policy variable ${aws:username} is not emulated",
    ],
    [{ Effect: "Permit" }, "identity", "the Effect of a statement is Permit; expected Allow or Deny"],
    [{ NotAction: "s3:*" }, "identity", "a statement has both Action and NotAction"],
    [{ Action: undefined }, "identity", "a statement has neither Action nor NotAction"],
    [{ Resource: undefined }, "identity", "a statement has neither Resource nor NotResource"],
    [
      { Principal: "*" },
      "identity",
      "a statement of a role's own policy has a Principal; only policies of resources have",
    ],
    [{}, "resource", "a statement has neither Principal nor NotPrincipal"],
    [{ Principal: { Federated: "x" } }, "resource", "the principal Federated is not emulated"],
    [
      { NotPrincipal: { AWS: "x" } },
      "resource",
      "Allow with NotPrincipal is not emulated; name the principals",
    ],
    [{ Resource: undefined }, "trust", "a statement has neither Principal nor NotPrincipal"],
  ])("%j of kind %s", (statement, kind, message) => {
    expect(check(statement, kind)).toThrow(`role r: ${message}`);
  });

  test.each<[object, PolicyKind]>([
    [{ Condition: { ArnLikeIfExists: { "AWS:sourcearn": "arn:aws:sns:*:*:updates" } } }, "identity"],
    [{ Condition: { Null: { "sts:ExternalId": "true" } } }, "identity"],
    [{ Principal: { AWS: "*" } }, "resource"],
    [{ Effect: "Deny", NotPrincipal: { AWS: "x" } }, "resource"],
    [{ Resource: undefined, Principal: { Service: "sns.amazonaws.com" } }, "trust"],
  ])("but not %j of kind %s", (statement, kind) => {
    expect(check(statement, kind)).not.toThrow();
  });
});

describe("for any policies and calls", () => {
  const actions = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"];
  const resources = ["arn:aws:s3:::a/x", "arn:aws:s3:::b/y", "arn:aws:sqs:us-east-1:1:q"];
  const statement = fc.record({
    Effect: fc.constantFrom("Allow" as const, "Deny" as const),
    Action: fc.constantFrom("*", "s3:*", "s3:Get?bject", ...actions),
    Resource: fc.constantFrom("*", "arn:aws:s3:::*", "arn:aws:s3:::a/*", ...resources),
    Condition: fc.constantFrom<NonNullable<Statement["Condition"]>>(
      {},
      { StringEquals: { k: "1" } },
      { StringNotLike: { k: "1*" } },
    ),
  });
  const policy: fc.Arbitrary<Policy> = fc.record({ Statement: fc.array(statement, { maxLength: 5 }) });
  const request = fc.record({
    action: fc.constantFrom(...actions),
    resource: fc.constantFrom(...resources),
    context: fc.constantFrom<Record<string, string>>({}, { k: "1" }, { k: "2" }),
  });

  test("an explicit Deny wins", () => {
    fc.assert(
      fc.property(fc.array(policy), request, (policies, call) => {
        const deny: Policy = { Statement: { Effect: "Deny", Action: call.action, Resource: call.resource } };
        expect(decide([...policies, deny], call)).toBe("explicitly denied");
      }),
    );
  });

  test("another Allow removes nothing", () => {
    fc.assert(
      fc.property(fc.array(policy), statement, request, (policies, extra, call) => {
        fc.pre(decide(policies, call) === "allowed");
        expect(decide([...policies, { Statement: { ...extra, Effect: "Allow" } }], call)).toBe("allowed");
      }),
    );
  });
});
