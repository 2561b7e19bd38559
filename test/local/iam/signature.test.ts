import { createHash } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { SignableRequest } from "../../../local/iam/canonical-request.ts";
import { EMPTY_HASH, isAuthentic, readSignature, SigningKeys } from "../../../local/iam/signature.ts";
import { published } from "./published-signatures.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const S3_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const keys = new SigningKeys();

const verifies = (request: SignableRequest, payloadHash = EMPTY_HASH, secret = SECRET): boolean => {
  const signature = readSignature(request);
  return isAuthentic(request, signature, payloadHash, keys.get(secret, signature));
};

const authorization = (scope: string, signedHeaders: string, signature: string): readonly string[] => [
  `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
];

describe("verifies the signatures that AWS published:", () => {
  test.each(published)("$name of the test suite", ({ method, target, headers, payloadHash, signature }) => {
    const all: Record<string, readonly string[]> = {
      ...headers,
      host: ["example.amazonaws.com"],
      "x-amz-date": ["20150830T123600Z"],
    };
    const names = Object.keys(all).toSorted().join(";");
    const request = (hex: string): SignableRequest => ({
      method,
      target,
      headers: { ...all, authorization: authorization("20150830/us-east-1/service", names, hex) },
    });
    expect(verifies(request(signature), payloadHash)).toBe(true);
    expect(
      verifies(request(signature.replace(/.$/, (last) => (last === "0" ? "1" : "0"))), payloadHash),
    ).toBe(false);
  });

  test("IAM ListUsers of the user guide", () => {
    const request = {
      method: "GET",
      target: "/?Action=ListUsers&Version=2010-05-08",
      headers: {
        authorization: authorization(
          "20150830/us-east-1/iam",
          "content-type;host;x-amz-date",
          "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
        "content-type": ["application/x-www-form-urlencoded; charset=utf-8"],
        host: ["iam.amazonaws.com"],
        "x-amz-date": ["20150830T123600Z"],
      },
    };
    expect(verifies(request)).toBe(true);
    expect(keys.get(SECRET, readSignature(request)).export().toString("hex")).toBe(
      "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
    );
  });

  test("S3 GET Object with a range, of the S3 API reference", () => {
    const request = {
      method: "GET",
      target: "/test.txt",
      headers: {
        authorization: authorization(
          "20130524/us-east-1/s3",
          "host;range;x-amz-content-sha256;x-amz-date",
          "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        host: ["examplebucket.s3.amazonaws.com"],
        range: ["bytes=0-9"],
        "x-amz-content-sha256": [EMPTY_HASH],
        "x-amz-date": ["20130524T000000Z"],
      },
    };
    expect(verifies(request, EMPTY_HASH, S3_SECRET)).toBe(true);
  });

  test("S3 presigned GET Object, of the S3 API reference", () => {
    const request = {
      method: "GET",
      target:
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      headers: { host: ["examplebucket.s3.amazonaws.com"] },
    };
    expect(verifies(request, "UNSIGNED-PAYLOAD", S3_SECRET)).toBe(true);
    expect(
      verifies(
        { ...request, target: request.target.replace("86400", "86401") },
        "UNSIGNED-PAYLOAD",
        S3_SECRET,
      ),
    ).toBe(false);
  });
});

/** RFC 3986, as clients write their paths and queries. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const text = (maxLength: number) => fc.string({ unit: "grapheme", maxLength });
const anyRequest = fc.record({
  service: fc.constantFrom("s3", "lambda"),
  method: fc.constantFrom("GET", "PUT", "POST"),
  segments: fc.array(fc.oneof(fc.constantFrom("", ".", "..", "a b", "100%", "x+y", "(1)!*'"), text(8)), {
    maxLength: 4,
  }),
  query: fc.dictionary(
    text(6).filter((name) => !/^x-amz-/i.test(name) && name !== "__proto__"),
    text(6),
    { maxKeys: 3 },
  ),
  value: fc.string({ unit: fc.constantFrom("a", "B", "9", " ", ",", ";", "=", '"'), maxLength: 12 }),
  body: fc.uint8Array({ maxLength: 40 }),
});

/** A request as the AWS SDK signs it and then sends it. */
async function signed({
  service,
  method,
  segments,
  query,
  value,
  body,
}: typeof anyRequest extends fc.Arbitrary<infer T> ? T : never): Promise<SignableRequest> {
  const signer = new SignatureV4({
    service,
    region: "eu-west-1",
    credentials: { accessKeyId: "some/key", secretAccessKey: SECRET, sessionToken: "token" },
    sha256: Sha256,
    uriEscapePath: service !== "s3",
  });
  const path = `/${segments.map(encode).join("/")}`;
  const { headers } = await signer.sign({
    method,
    protocol: "http:",
    hostname: "127.0.0.1",
    path,
    query,
    headers: { host: "127.0.0.1:4566", "x-amz-meta-value": value },
    body,
  });
  const pairs = Object.entries(query).map(([name, one]) => `${encode(name)}=${encode(one)}`);
  return {
    method,
    target: pairs.length > 0 ? `${path}?${pairs.join("&")}` : path,
    headers: Object.fromEntries(Object.entries(headers).map(([name, one]) => [name, [one]])),
  };
}

describe("a request that the AWS SDK signed", () => {
  test("verifies with any contents", async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (given) => {
        expect(verifies(await signed(given), sha256(given.body))).toBe(true);
      }),
    );
  });

  const changes: Readonly<Record<string, (request: SignableRequest) => SignableRequest>> = {
    method: (request) => ({ ...request, method: "DELETE" }),
    path: (request) => ({ ...request, target: request.target.replace(/^[^?]*/, (path) => `${path}/other`) }),
    query: (request) => ({
      ...request,
      target: `${request.target}${request.target.includes("?") ? "&" : "?"}more=1`,
    }),
    header: (request) => ({ ...request, headers: { ...request.headers, "x-amz-meta-value": ["other"] } }),
    "repeated header": (request) => ({
      ...request,
      headers: { ...request.headers, "x-amz-meta-value": [...request.headers["x-amz-meta-value"]!, "other"] },
    }),
    host: (request) => ({ ...request, headers: { ...request.headers, host: ["127.0.0.2:4566"] } }),
    "session token": (request) => ({
      ...request,
      headers: { ...request.headers, "x-amz-security-token": ["other"] },
    }),
  };

  test.each(Object.entries(changes))("is refused once its %s is another", async (_what, change) => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (given) => {
        expect(verifies(change(await signed(given)), sha256(given.body))).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test("is refused with another body, or another secret", async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (given) => {
        const request = await signed(given);
        expect(verifies(request, sha256(Uint8Array.of(...given.body, 0)))).toBe(false);
        expect(verifies(request, sha256(given.body), `${SECRET}x`)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});

test("signing keys are kept for the latest scopes only, and derived again after that", () => {
  const few = new SigningKeys();
  const scope = (day: number) => ({ date: String(20_260_000 + day), region: "us-east-1", service: "sqs" });
  const first = few.get("s", scope(0));
  expect(few.get("s", scope(0))).toBe(first);
  for (let day = 1; day <= 256; day++) few.get("s", scope(day));
  expect(few.get("s", scope(0))).not.toBe(first);
  expect(few.get("s", scope(0))).toEqual(first);
});
