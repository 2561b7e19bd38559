import { describe, expect, test } from "@jest/globals";
import { Access } from "../../../local/iam/access.ts";
import { withoutGrant } from "../../../local/iam/grants.ts";
import type { Policy, Statement } from "../../../local/iam/policy.ts";

const ROLE = "arn:aws:iam::000000000000:role/worker";
const QUEUE = "arn:aws:sqs:us-east-1:000000000000:mail";
const TOPIC = "arn:aws:sns:us-east-1:000000000000:updates";
const OBJECT = "arn:aws:s3:::photos/a.txt";
const everything: Policy = { Statement: { Effect: "Allow", Action: "*", Resource: "*" } };

function accessWith(trust: Policy, ...policies: Policy[]): Access {
  const access = new Access("000000000000");
  access.addRole({ name: "worker", arn: ROLE, trust, policies });
  return access;
}

const trusting = (Condition: Record<string, Record<string, string>> = {}): Policy => ({
  Statement: {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: "firehose.amazonaws.com" },
    Condition,
  },
});

describe("a service assumes a role", () => {
  test("that trusts it", () => {
    expect(accessWith(trusting()).assumeRole(ROLE, "firehose.amazonaws.com")).toEqual({
      kind: "role",
      roleArn: ROLE,
      arn: "arn:aws:sts::000000000000:assumed-role/worker/firehose",
    });
  });

  test("but no role that trusts another service or does not exist", () => {
    const access = accessWith(trusting());
    expect(() => access.assumeRole(ROLE, "lambda.amazonaws.com")).toThrow(
      `User: lambda.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${ROLE} because no role trust policy allows the sts:AssumeRole action`,
    );
    expect(() => access.assumeRole(`${ROLE}2`, "firehose.amazonaws.com")).toThrow(
      "because the role does not exist",
    );
  });

  test.each([
    [{ StringEquals: { "sts:ExternalId": "000000000000" } }, { "sts:ExternalId": "000000000000" }],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:updates" } }, { "aws:SourceArn": TOPIC }],
  ])("only if its trust policy's condition holds: %j", (condition, context) => {
    const access = accessWith(trusting(condition));
    expect(access.assumeRole(ROLE, "firehose.amazonaws.com", context).kind).toBe("role");
    expect(() => access.assumeRole(ROLE, "firehose.amazonaws.com")).toThrow("is not authorized");
    const [key = ""] = Object.keys(context);
    expect(() => access.assumeRole(ROLE, "firehose.amazonaws.com", { [key]: "other" })).toThrow(
      "is not authorized",
    );
  });

  test("for a resource of its own account, if the policy requires that", () => {
    const access = accessWith(trusting({ StringEquals: { "aws:SourceAccount": "000000000000" } }));
    const source = { "aws:SourceArn": TOPIC };
    expect(access.assumeRole(ROLE, "firehose.amazonaws.com", source).kind).toBe("role");
    expect(() => access.assumeRole(ROLE, "firehose.amazonaws.com")).toThrow("is not authorized");
  });

  test("never against a Deny of its trust policy", () => {
    const { Statement } = trusting();
    const deny = { ...(Statement as object), Effect: "Deny" } as Statement;
    const access = accessWith({ Statement: [Statement as Statement, deny] });
    expect(() => access.assumeRole(ROLE, "firehose.amazonaws.com")).toThrow(
      "with an explicit deny in the role trust policy",
    );
  });
});

describe("an access key", () => {
  const NOW_MS = 1_763_700_000_000;

  test("that was not issued is the account owner's, and its secret equals it", () => {
    expect(new Access("000000000000").identify("AKIAEXAMPLE", undefined, NOW_MS)).toEqual({
      principal: { kind: "account", arn: "arn:aws:iam::000000000000:root" },
      secretAccessKey: "AKIAEXAMPLE",
    });
  });

  test("that was issued is its principal's, and needs its own session token", () => {
    const access = accessWith(trusting());
    const principal = access.assumeRole(ROLE, "firehose.amazonaws.com");
    const { accessKeyId, secretAccessKey, sessionToken } = access.issue(principal);
    expect(accessKeyId).toMatch(/^ASIALOCAL[0-9A-F]{11}$/);
    expect(access.identify(accessKeyId, sessionToken, NOW_MS)).toEqual({ principal, secretAccessKey });
    for (const token of [undefined, "", "other", access.issue(principal).sessionToken])
      expect(() => access.identify(accessKeyId, token, NOW_MS)).toThrow(
        expect.objectContaining({
          reason: "wrong token",
          message: "The security token included in the request is invalid.",
        }),
      );
  });

  test("that was issued until a time is refused from then on", () => {
    const access = accessWith(trusting());
    const principal = access.assumeRole(ROLE, "firehose.amazonaws.com");
    const { accessKeyId, sessionToken } = access.issue(principal, NOW_MS);
    expect(access.identify(accessKeyId, sessionToken, NOW_MS - 1).principal).toEqual(principal);
    expect(() => access.identify(accessKeyId, sessionToken, NOW_MS)).toThrow(
      expect.objectContaining({ reason: "expired token" }),
    );
  });

  test("of an earlier run is refused", () => {
    const { accessKeyId, sessionToken } = accessWith(trusting()).issue({
      kind: "role",
      arn: ROLE,
      roleArn: ROLE,
    });
    expect(() => new Access("000000000000").identify(accessKeyId, sessionToken, NOW_MS)).toThrow(
      expect.objectContaining({ reason: "unknown key" }),
    );
  });
});

describe("a call is authorised", () => {
  const sns = (sourceArn = TOPIC) =>
    new Access("000000000000").servicePrincipal("sns.amazonaws.com", sourceArn);
  const role = { kind: "role", arn: "session", roleArn: ROLE } as const;
  const queuePolicy: Policy = {
    Statement: {
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: QUEUE,
      Condition: { ArnEquals: { "aws:SourceArn": TOPIC } },
    },
  };

  test("for the account owner in any case", () => {
    const owner = { kind: "account", arn: "root" } as const;
    expect(() => new Access("000000000000").authorise(owner, "s3:DeleteBucket", "*")).not.toThrow();
  });

  test("for a service by the resource's policy alone", () => {
    const access = new Access("000000000000");
    expect(() => access.authorise(sns(), "sqs:SendMessage", QUEUE)).toThrow(
      `User: sns.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: ${QUEUE} because no resource-based policy allows the sqs:SendMessage action`,
    );
    access.addResourcePolicy(QUEUE, queuePolicy);
    expect(() => access.authorise(sns(), "sqs:SendMessage", QUEUE)).not.toThrow();
    expect(() => access.authorise(sns(`${TOPIC}2`), "sqs:SendMessage", QUEUE)).toThrow("is not authorized");
    expect(() => access.authorise(sns(), "sqs:ReceiveMessage", QUEUE)).toThrow("is not authorized");
  });

  test("for a role by its own policies", () => {
    const access = accessWith(trusting(), {
      Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::photos/*" },
    });
    expect(() => access.authorise(role, "s3:GetObject", OBJECT)).not.toThrow();
    expect(() => access.authorise(role, "s3:PutObject", OBJECT)).toThrow(
      expect.objectContaining({
        code: "AccessDeniedException",
        status: 403,
        message: `User: session is not authorized to perform: s3:PutObject on resource: ${OBJECT} because no identity-based policy allows the s3:PutObject action`,
      }),
    );
  });

  test("for a role never against a Deny of the bucket's policy", () => {
    const access = accessWith(trusting(), everything);
    const deny = { Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::photos/*" } as const;
    access.addResourcePolicy("arn:aws:s3:::photos", { Statement: { ...deny, Principal: { AWS: ROLE } } });
    expect(() => access.authorise(role, "s3:GetObject", OBJECT)).toThrow(
      "with an explicit deny in a resource-based policy",
    );
    expect(() => access.authorise(role, "s3:GetObject", "arn:aws:s3:::films/a")).not.toThrow();
  });

  test("for a role of the account, and not as a service's", () => {
    const access = accessWith(trusting(), {
      Statement: {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: {
          ArnEquals: { "aws:PrincipalArn": ROLE },
          StringEquals: { "aws:PrincipalAccount": "000000000000", "aws:ResourceAccount": "000000000000" },
          Bool: { "aws:PrincipalIsAWSService": "false" },
          Null: { "aws:SourceArn": "true", "aws:SourceAccount": "true" },
        },
      },
    });
    expect(() => access.authorise(role, "s3:GetObject", OBJECT)).not.toThrow();
  });

  test("as one over TLS, so that a bucket for TLS only allows it", () => {
    const access = accessWith(trusting(), everything);
    access.addResourcePolicy("arn:aws:s3:::photos", {
      Statement: {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    });
    expect(() => access.authorise(role, "s3:GetObject", OBJECT)).not.toThrow();
  });
});

describe("the access log", () => {
  const role = { kind: "role", arn: "session", roleArn: ROLE } as const;
  const policy: Policy = {
    Statement: [
      {
        Sid: "Read",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:GetObjectTagging"],
        Resource: "arn:aws:s3:::photos/*",
      },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: [QUEUE, `${QUEUE}2`] },
    ],
  };
  const unused = (access: Access): string[] =>
    [...access.grants()].flatMap(([owner, grants]) =>
      grants
        .filter((grant) => !access.log.isUsed(owner, grant))
        .map(({ statement, action, resource }) => `${statement} ${action} ${resource}`),
    );

  test("shows each action on each resource that was never used", () => {
    const access = accessWith(trusting(), policy);
    access.authorise(role, "s3:GetObject", OBJECT);
    access.authorise(role, "sqs:SendMessage", QUEUE);
    expect(unused(access)).toEqual([
      "Read s3:GetObjectTagging arn:aws:s3:::photos/*",
      `policies[0].Statement[1] sqs:SendMessage ${QUEUE}2`,
    ]);
  });

  test("records what a resource's policy allowed", () => {
    const access = new Access("000000000000");
    const allow = { Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE } as const;
    access.addResourcePolicy(QUEUE, {
      Statement: [
        { Sid: "News", Principal: { Service: "sns.amazonaws.com" }, ...allow },
        { Sid: "Events", Principal: { Service: "events.amazonaws.com" }, ...allow },
      ],
    });
    access.authorise(access.servicePrincipal("sns.amazonaws.com", TOPIC), "sqs:SendMessage", QUEUE);
    expect(unused(access)).toEqual([`Events sqs:SendMessage ${QUEUE}`]);
  });

  test("keeps every denial with its message", () => {
    const access = accessWith(trusting(), policy);
    expect(() => access.authorise(role, "s3:PutObject", OBJECT)).toThrow();
    expect(() => access.assumeRole(ROLE, "lambda.amazonaws.com")).toThrow();
    expect(access.log.denials).toEqual([
      {
        principal: ROLE,
        action: "s3:PutObject",
        resource: OBJECT,
        message: `User: session is not authorized to perform: s3:PutObject on resource: ${OBJECT} because no identity-based policy allows the s3:PutObject action`,
      },
      {
        principal: "lambda.amazonaws.com",
        action: "sts:AssumeRole",
        resource: ROLE,
        message: `User: lambda.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${ROLE} because no role trust policy allows the sts:AssumeRole action`,
      },
    ]);
  });

  test("records what is used after a permission was removed and restored", () => {
    const access = accessWith(trusting(), policy);
    const [read] = access.grants().get(ROLE)!;
    access.replacePolicies(ROLE, withoutGrant([policy], read!));
    expect(() => access.authorise(role, "s3:GetObject", OBJECT)).toThrow("is not authorized");
    access.authorise(role, "s3:GetObjectTagging", OBJECT);
    access.replacePolicies(ROLE, [policy]);
    access.authorise(role, "s3:GetObject", OBJECT);
    expect(unused(access)).toEqual([
      `policies[0].Statement[1] sqs:SendMessage ${QUEUE}`,
      `policies[0].Statement[1] sqs:SendMessage ${QUEUE}2`,
    ]);
  });
});
