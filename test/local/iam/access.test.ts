import { describe, expect, test } from "@jest/globals";
import { Access } from "../../../local/iam/access.ts";
import type { Policy } from "../../../local/iam/policy.ts";

const ROLE = "arn:aws:iam::000000000000:role/worker";
const QUEUE = "arn:aws:sqs:us-east-1:000000000000:mail";
const TOPIC = "arn:aws:sns:us-east-1:000000000000:news";
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

describe("a service takes a role", () => {
  test("that trusts it", () => {
    expect(accessWith(trusting()).assumeRole(ROLE, "firehose.amazonaws.com")).toEqual({
      kind: "role",
      roleArn: ROLE,
      arn: "arn:aws:sts::000000000000:assumed-role/worker/firehose",
    });
  });

  test("and no role that trusts another, or that is not there", () => {
    const access = accessWith(trusting());
    expect(() => access.assumeRole(ROLE, "lambda.amazonaws.com")).toThrow(
      `lambda.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${ROLE} because no statement of the role's trust policy allows it`,
    );
    expect(() => access.assumeRole(`${ROLE}2`, "firehose.amazonaws.com")).toThrow(
      "because the role does not exist",
    );
  });

  test.each([
    [{ StringEquals: { "sts:ExternalId": "000000000000" } }, { "sts:ExternalId": "000000000000" }],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:news" } }, { "aws:SourceArn": TOPIC }],
  ])("only with what its trust policy asks for: %j", (condition, context) => {
    const access = accessWith(trusting(condition));
    expect(access.assumeRole(ROLE, "firehose.amazonaws.com", context).kind).toBe("role");
    expect(() => access.assumeRole(ROLE, "firehose.amazonaws.com")).toThrow("is not authorized");
    const [key = ""] = Object.keys(context);
    expect(() => access.assumeRole(ROLE, "firehose.amazonaws.com", { [key]: "other" })).toThrow(
      "is not authorized",
    );
  });

  test("of its own account, if that is asked for", () => {
    const access = accessWith(trusting({ StringEquals: { "aws:SourceAccount": "000000000000" } }));
    expect(access.assumeRole(ROLE, "firehose.amazonaws.com").kind).toBe("role");
  });
});

describe("an access key", () => {
  const NOW_MS = 1_763_700_000_000;

  test("that nobody issued is the account owner's, and its secret equals it", () => {
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

  test("for the account owner, whatever it is", () => {
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
    expect(() => access.authorise(role, "s3:GetObject", OBJECT)).toThrow("with an explicit deny");
    expect(() => access.authorise(role, "s3:GetObject", "arn:aws:s3:::films/a")).not.toThrow();
  });

  test("as one over TLS, so that a bucket for TLS only stays open", () => {
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
