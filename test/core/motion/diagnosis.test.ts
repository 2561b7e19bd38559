import { createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { deriveToken, prove, readCredential } from "../../../core/motion/credential.ts";
import { diagnoseForm, diagnoseProof } from "../../../core/motion/diagnosis.ts";
import type { Diagnosis } from "../../../core/motion/refusal.ts";
import { deriveKey, formatSecret, sign } from "../../../core/webhook.ts";

const NOW_MS = 1_763_700_000_000;
const NOW = "1763700000";
const SECRET = "the master secret";
const CAMERA = "front-door";
const KEY = deriveKey(SECRET, CAMERA, 3);
const WHSEC = formatSecret(KEY);
const BODY = '{"at": "2025-11-21T04:40:00Z"}';

type Headers = Readonly<Record<string, string>>;

/** The diagnosis of a request, as the functions make it; undefined for one that is accepted. */
function diagnose(headers: Headers, { query, body = BODY }: { query?: string; body?: string } = {}) {
  const carrier = { header: (name: string) => headers[name], queryToken: query };
  const rawBody = Buffer.from(body);
  const credential = readCredential(CAMERA, carrier);
  if (credential.kind === "none") return diagnoseForm(CAMERA, carrier, rawBody, NOW_MS);
  if (prove(credential, rawBody, CAMERA, { keyVersion: 3 }, SECRET, NOW_MS).ok) return undefined;
  const known = { masterSecret: SECRET, cameraId: CAMERA, keyVersion: 3 };
  return diagnoseProof(known, carrier, rawBody, NOW_MS);
}

const headersOf = (signature: string, timestamp = NOW, id = "msg_1"): Headers => ({
  "webhook-id": id,
  "webhook-timestamp": timestamp,
  "webhook-signature": signature,
});

const hmac = (key: string | Buffer, text: string): string =>
  `v1,${createHmac("sha256", key).update(text).digest("base64")}`;

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

const verdict = (diagnosis: Diagnosis | undefined) =>
  diagnosis && `${diagnosis.check}: ${diagnosis.reason.split(";")[0]}`;

describe("a refused signature is explained by", () => {
  test("the text that it must cover, and the camera's clock", () => {
    expect(diagnose(headersOf(hmac("another key", `msg_1.${NOW}.${BODY}`)))).toEqual({
      check: "webhook-signature",
      reason: expect.stringContaining("compare that text with what the camera signs"),
      signedText: `msg_1.${NOW}.${BODY}`,
      clockSkewMs: 0,
    });
  });

  test.each([
    ["the secret's text as key", WHSEC, `msg_1.${NOW}.${BODY}`, "the key is the secret's text"],
    ["base64 as key", WHSEC.slice(6), `msg_1.${NOW}.${BODY}`, "the key is base64"],
    [
      "the key before the last rotation",
      deriveKey(SECRET, CAMERA, 2),
      `msg_1.${NOW}.${BODY}`,
      "the key is of version 2, which was replaced",
    ],
    ["the body alone", KEY, BODY, "the signature covers the body alone"],
    ["timestamp and body", KEY, `${NOW}.${BODY}`, "the signature covers timestamp.body"],
    ["timestamp before id", KEY, `${NOW}.msg_1.${BODY}`, "the signature covers timestamp.id.body"],
    ["an empty body", KEY, `msg_1.${NOW}.`, "the signature covers an empty body"],
    [
      "a line break that was not sent",
      KEY,
      `msg_1.${NOW}.${BODY}\n`,
      "the signature covers the body with a line break that was not sent",
    ],
    [
      "another form of the JSON",
      KEY,
      `msg_1.${NOW}.${JSON.stringify(JSON.parse(BODY))}`,
      "the signature covers the body in another form",
    ],
  ])("the mistake: %s", (_mistake, key, text, reason) => {
    expect(verdict(diagnose(headersOf(hmac(key, text))))).toBe(`webhook-signature: ${reason}`);
  });

  test("the two mistakes that it has", () => {
    const { reason } = diagnose(headersOf(hmac(WHSEC, BODY)))!;
    expect(reason).toBe(
      "the key is the secret's text; decode the base64 after its prefix to 32 bytes; the signature covers the body alone; expected id.timestamp.body",
    );
  });

  test("the clock, when all else is right", () => {
    for (const [timestamp, words, clockSkewMs] of [
      ["1763699588", "412 s behind", 412_000],
      ["1763700301", "301 s ahead", -301_000],
    ] as const) {
      const signed = diagnose(headersOf(sign(KEY, "msg_1", timestamp, BODY), timestamp))!;
      expect([verdict(signed), signed.clockSkewMs]).toEqual([
        `webhook-timestamp: the signature is right, but the camera's clock is ${words}`,
        clockSkewMs,
      ]);
    }
  });

  test("the header that is missing or has another form", () => {
    const good = sign(KEY, "msg_1", NOW, BODY);
    const hex = createHmac("sha256", KEY).update(`msg_1.${NOW}.${BODY}`).digest("hex");
    const cases: [Headers, string][] = [
      [{ "webhook-timestamp": NOW, "webhook-signature": good }, "webhook-id: the header is missing"],
      [headersOf(good, NOW, "x".repeat(129)), "webhook-id: the id has 129 characters"],
      [{ "webhook-id": "msg_1", "webhook-signature": good }, "webhook-timestamp: the header is missing"],
      [headersOf(good, `${NOW}000`), "webhook-timestamp: the time is in milliseconds"],
      [headersOf(good, `${NOW}.5`), "webhook-timestamp: the time has a fraction"],
      [headersOf(good, "2025-11-21T04:40:00Z"), "webhook-timestamp: the time is a date"],
      [headersOf(good, "soon"), "webhook-timestamp: the header is no time"],
      [headersOf(hex), "webhook-signature: the signature is hexadecimal"],
      [headersOf(`sha256=${hex}`), "webhook-signature: the signature is hexadecimal"],
      [
        headersOf(`v1,${"-".repeat(43)}=`),
        "webhook-signature: the signature is base64url, with - and _ instead of + and /",
      ],
      [
        headersOf(good.slice(3)),
        "webhook-signature: the version before the signature is missing or another one",
      ],
      [headersOf("v1a,AAAA"), "webhook-signature: the signature is asymmetric, of version v1a"],
      [headersOf("v1,AAAA"), "webhook-signature: no part of the header is a signature"],
      [{ "webhook-id": "msg_1", "webhook-timestamp": NOW }, "webhook-signature: the header is missing"],
    ];
    for (const [headers, expected] of cases) expect(verdict(diagnose(headers))).toBe(expected);
  });
});

test("a refused token is explained", () => {
  const old = deriveToken(SECRET, CAMERA, 2);
  const token = deriveToken(SECRET, CAMERA, 3);
  const cases: [Headers, string | undefined, string][] = [
    [{}, undefined, "credential: the request has no credential"],
    [{}, old, "token: the token is of key version 2, which was replaced"],
    [{}, "A".repeat(43), "token: the token is not this camera's"],
    [{}, "short", "token: the token has 5 characters"],
    [{}, WHSEC, "token: this is the secret that signs requests, not the token"],
    [
      { authorization: `Bearer ${old}` },
      undefined,
      "authorization: the token is of key version 2, which was replaced",
    ],
    [
      { authorization: basic(CAMERA, old) },
      undefined,
      "authorization: the token is of key version 2, which was replaced",
    ],
    [
      { authorization: basic("admin", token) },
      undefined,
      "authorization: the user is not the camera's id of the address",
    ],
    [{ authorization: `Digest ${token}` }, undefined, "authorization: Digest is not supported"],
    [
      { authorization: `Bearer ${"!".repeat(43)}` },
      undefined,
      "authorization: the token has other characters than a token's",
    ],
    [
      { authorization: token },
      undefined,
      "authorization: expected Bearer and the token, or Basic with the camera's id and token",
    ],
  ];
  for (const [headers, query, expected] of cases)
    expect(verdict(diagnose(headers, query === undefined ? {} : { query }))).toBe(expected);
});

describe("a diagnosis has", () => {
  test("the body only if it is a motion request's own; of any other its length and hash", () => {
    const shownOf = (body: string) =>
      diagnose(headersOf(hmac("x", "x")), { body })!.signedText!.slice(`msg_1.${NOW}.`.length);
    expect(shownOf("")).toBe("");
    expect(shownOf('{"at":1763700000000,"motion":"start"}')).toBe('{"at":1763700000000,"motion":"start"}');
    expect(shownOf('{"name":"Ada"}')).toBe("<body of 14 bytes, SHA-256 88bab6d8f6dc68a8…>");
    expect(shownOf("a".repeat(300_000))).toMatch(/^<body of 300000 bytes, SHA-256 [0-9a-f]{16}…>$/);
  });

  test("no secret, no token and no signature, wherever the request has them", () => {
    const token = deriveToken(SECRET, CAMERA, 3);
    const signature = sign(KEY, "msg_1", NOW, BODY);
    const secrets = [WHSEC, WHSEC.slice(6), token, signature, signature.slice(3), SECRET];
    const place = fc.constantFrom(
      "webhook-id",
      "webhook-timestamp",
      "webhook-signature",
      "authorization",
      "body",
      "query",
    );
    const part = fc.oneof(fc.constantFrom(...secrets), fc.string());
    const wrapped = fc
      .tuple(fc.string({ maxLength: 5 }), part, fc.string({ maxLength: 5 }))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.dictionary(place, fc.oneof(part, wrapped)), fc.boolean(), (request, isMotion) => {
        const { body = "", query, ...headers } = request;
        const sent = isMotion ? JSON.stringify({ at: body }) : body;
        const text = JSON.stringify(
          diagnose(headers, { body: sent, ...(query !== undefined && { query }) }) ?? {},
        );
        for (const secret of secrets) expect(text).not.toContain(secret);
      }),
    );
  });
});
