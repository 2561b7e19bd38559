import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Protocol } from "../../../local/api/protocols.ts";
import { asRefusal, SignatureError, type Reason } from "../../../local/iam/errors.ts";
import { checkTime, readSignature } from "../../../local/iam/signature.ts";

const authorization = (scope: string, signedHeaders: string, signature: string): readonly string[] => [
  `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
];

describe("a signature is read", () => {
  const DATE = { "x-amz-date": ["20150830T123600Z"] };
  const good = authorization("20150830/us-east-1/sqs", "host", "00")[0]!;
  const from = (headers: Record<string, readonly string[]>, target = "/") =>
    readSignature({ method: "GET", target, headers });

  test("from the Authorization header, whose access key may have slashes", () => {
    expect(
      from({ ...DATE, authorization: [good.replace("AKIDEXAMPLE", "a/b")], "x-amz-security-token": ["t"] }),
    ).toEqual({
      accessKeyId: "a/b",
      sessionToken: "t",
      date: "20150830",
      region: "us-east-1",
      service: "sqs",
      signedAt: "20150830T123600Z",
      signedAtMs: 1_440_938_160_000,
      isPresigned: false,
      signedHeaders: ["host"],
      signature: "00",
    });
  });

  test("with the Date header, when there is no X-Amz-Date", () => {
    expect(from({ date: ["Sun, 30 Aug 2015 12:36:00 GMT"], authorization: [good] }).signedAt).toBe(
      "20150830T123600Z",
    );
  });

  test.each<[string, () => unknown, Reason, string]>([
    ["none at all", () => from({}), "unsigned", "Missing Authentication Token."],
    [
      "another scheme",
      () => from({ authorization: ["Bearer key"] }),
      "incomplete",
      "Unsupported AWS 'algorithm': expected AWS4-HMAC-SHA256.",
    ],
    [
      "missing parts",
      () => from({ ...DATE, authorization: ["AWS4-HMAC-SHA256 Credential=a"] }),
      "incomplete",
      "Authorization header requires 'SignedHeaders' parameter. Authorization header requires 'Signature' parameter.",
    ],
    [
      "no date",
      () => from({ authorization: [good] }),
      "incomplete",
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    ],
    [
      "a date in another form",
      () => from({ "x-amz-date": ["2015-08-30"], authorization: [good] }),
      "incomplete",
      "Date must be in ISO-8601 'basic format'. Got '2015-08-30'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      "a short scope",
      () => from({ ...DATE, authorization: [good.replace("/us-east-1/sqs", "")] }),
      "incomplete",
      "Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20150830/aws4_request'.",
    ],
    [
      "another terminator",
      () => from({ ...DATE, authorization: [good.replace("aws4_request", "aws5")] }),
      "incomplete",
      "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
    ],
    [
      "a scope of another day",
      () => from({ "x-amz-date": ["20150831T000000Z"], authorization: [good] }),
      "wrong signature",
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150830' != '20150831', from '20150831T000000Z'.",
    ],
    [
      "a URL without its expiry",
      () => from({}, "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"),
      "incomplete link",
      "AWS query-string parameters must include 'X-Amz-Expires'.",
    ],
    [
      "a URL for more than a week",
      () => from({}, "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00&X-Amz-Expires=604801"),
      "incomplete link",
      "X-Amz-Expires is 604801; expected 1..604800",
    ],
  ])("and refused with %s", (_what, read, reason, message) => {
    expect(read).toThrow(expect.objectContaining({ name: "SignatureError", reason, message }));
  });
});

test("any text in place of a signature is read or refused, and never breaks the reader", () => {
  const part = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.constantFrom(
      "AWS4-HMAC-SHA256 ",
      "Credential=",
      "SignedHeaders=",
      "Signature=",
      "a/20150830/r/s/aws4_request",
    ),
    fc.constantFrom(",", ";", "=", "/", "X-Amz-Signature=", "X-Amz-Expires=60", "&", "%", "20150830T123600Z"),
  );
  const claim = fc.array(part, { maxLength: 10 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(claim, claim, claim, (authorization, date, query) => {
      const request = {
        method: "GET",
        target: `/?${query}`,
        headers: { authorization: [authorization], "x-amz-date": [date] },
      };
      for (const one of [request, { ...request, headers: {} }])
        try {
          readSignature(one);
        } catch (error) {
          expect(error).toBeInstanceOf(SignatureError);
        }
    }),
  );
});

describe("a signature's age", () => {
  const AT_MS = Date.UTC(2026, 0, 1, 12);
  const signature = (service: string, expires?: number) =>
    readSignature({
      method: "GET",
      target: expires
        ? `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260101%2Fr%2F${service}%2Faws4_request&X-Amz-Date=20260101T120000Z&X-Amz-Expires=${expires}&X-Amz-SignedHeaders=host&X-Amz-Signature=00`
        : "/",
      headers: expires
        ? {}
        : {
            "x-amz-date": ["20260101T120000Z"],
            authorization: authorization(`20260101/r/${service}`, "host", "00"),
          },
    });
  const check = (one: ReturnType<typeof signature>, fromMs: number, toMs = fromMs) =>
    checkTime(one, { earliestMs: AT_MS + fromMs, latestMs: AT_MS + toMs });

  test.each([
    ["sqs", 300_000],
    ["s3", 900_000],
  ])("may differ from now, on %s by %i ms and no more", (service, skewMs) => {
    for (const ms of [skewMs, -skewMs]) expect(() => check(signature(service), ms)).not.toThrow();
    for (const ms of [skewMs + 1, -skewMs - 1])
      expect(() => check(signature(service), ms)).toThrow(expect.objectContaining({ reason: "clock skew" }));
  });

  test("is refused with AWS's message", () => {
    expect(() => check(signature("sqs"), 301_000)).toThrow(
      "Signature expired: 20260101T120000Z is now earlier than 20260101T120001Z (20260101T120501Z - 5 min.)",
    );
    expect(() => check(signature("sqs"), -301_000)).toThrow(
      "Signature not yet current: 20260101T120000Z is still later than 20260101T115959Z (20260101T115459Z + 5 min.)",
    );
  });

  test("may be anywhere between the machine's clock and one that a test has turned forward", () => {
    expect(() => check(signature("sqs"), -3_600_000, 86_400_000)).not.toThrow();
    expect(() => check(signature("sqs"), 301_000, 86_400_000)).toThrow("Signature expired");
  });

  test("ends a presigned URL when it expires", () => {
    expect(() => check(signature("s3", 3600), 3_600_000)).not.toThrow();
    expect(() => check(signature("s3", 3600), 3_600_001)).toThrow(
      expect.objectContaining({ reason: "expired link" }),
    );
    expect(() => check(signature("s3", 3600), -900_001)).toThrow(
      expect.objectContaining({ reason: "clock skew" }),
    );
  });
});

describe("a refusal has its protocol's code and status:", () => {
  test.each<[Reason, Protocol, string, number]>([
    ["unsigned", "json-1.1", "MissingAuthenticationTokenException", 400],
    ["unsigned", "query", "MissingAuthenticationToken", 403],
    ["wrong signature", "json-1.1", "InvalidSignatureException", 400],
    ["wrong signature", "rest-json", "InvalidSignatureException", 403],
    ["wrong signature", "query", "SignatureDoesNotMatch", 403],
    ["wrong signature", "s3", "SignatureDoesNotMatch", 403],
    ["expired token", "json-1.1", "ExpiredTokenException", 400],
    ["expired token", "query", "ExpiredToken", 403],
  ])("%s in %s", (reason, protocol, code, status) => {
    expect(asRefusal(new SignatureError(reason, "No.", "Do this."), protocol)).toMatchObject({
      code,
      status,
      message: "No. Do this.",
    });
  });

  test("S3 has its own messages", () => {
    expect(asRefusal(new SignatureError("clock skew", "Signature expired: …"), "s3")).toMatchObject({
      code: "RequestTimeTooSkewed",
      status: 403,
      message: "The difference between the request time and the server's time is too large.",
    });
  });
});
