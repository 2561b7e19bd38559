import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { deriveToken, prove, readCredential } from "../../../core/motion/credential.ts";
import { deriveKey, sign } from "../../../core/webhook.ts";

const NOW_MS = 1_763_700_000_000;
const SECRET = "the master secret";
const CAMERA = "front-door";

const token = (version: number) => deriveToken(SECRET, CAMERA, version);
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Whether a request with these headers and this query authenticates, with these valid versions. */
function proves(
  { headers = {}, query }: { headers?: Record<string, string>; query?: string },
  versions: { keyVersion: number; previousKeyUntilMs?: number } = { keyVersion: 3 },
): boolean {
  const credential = readCredential(CAMERA, { header: (name) => headers[name], queryToken: query });
  return prove(credential, "body", CAMERA, versions, SECRET, NOW_MS).ok;
}

const signed = (version: number) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": "1763700000",
  "webhook-signature": sign(deriveKey(SECRET, CAMERA, version), "msg_1", "1763700000", "body"),
});

describe("a camera proves itself", () => {
  test("by a signature, a bearer token, a Basic password under its id, or the query's token", () => {
    expect(proves({ headers: signed(3) })).toBe(true);
    expect(proves({ headers: { authorization: `Bearer ${token(3)}` } })).toBe(true);
    expect(proves({ headers: { authorization: `bearer ${token(3)}` } })).toBe(true);
    expect(proves({ headers: { authorization: basic(CAMERA, token(3)) } })).toBe(true);
    expect(proves({ query: token(3) })).toBe(true);
  });

  test("by the key version before only while that still counts, and never by an older or a later one", () => {
    const rotating = { keyVersion: 3, previousKeyUntilMs: NOW_MS + 1 };
    const rotated = { keyVersion: 3, previousKeyUntilMs: NOW_MS };
    for (const forms of [(v: number) => ({ query: token(v) }), (v: number) => ({ headers: signed(v) })]) {
      expect([1, 2, 3, 4].map((version) => proves(forms(version), rotating))).toEqual([
        false,
        true,
        true,
        false,
      ]);
      expect([1, 2, 3, 4].map((version) => proves(forms(version), rotated))).toEqual([
        false,
        false,
        true,
        false,
      ]);
    }
  });

  test("not by a key of version 0 while its first is rotated", () => {
    expect(proves({ query: token(0) }, { keyVersion: 1, previousKeyUntilMs: NOW_MS + 1 })).toBe(false);
  });

  test("by 256 bits, of which the guesses of a thousand years at the API's rate are next to nothing", () => {
    const bytes = Buffer.from(token(3), "base64url");
    expect([bytes.length, deriveKey(SECRET, CAMERA, 3).length]).toEqual([32, 32]);
    // 20 requests a second on each of five routes; a rotated camera has two valid keys.
    const guesses = 20 * 5 * 1000 * 366 * 86_400;
    expect((2 * guesses) / 2 ** 256).toBeLessThan(1e-64);
  });

  test("not by another camera's credential", () => {
    const other = deriveToken(SECRET, "back-yard", 3);
    expect(proves({ query: other })).toBe(false);
    expect(proves({ headers: { authorization: `Bearer ${other}` } })).toBe(false);
    expect(proves({ headers: { authorization: basic("back-yard", token(3)) } })).toBe(false);
  });

  test("not by a wrong signature, whatever else it sends", () => {
    const wrong = { ...signed(3), "webhook-signature": "v1,AAAA", authorization: `Bearer ${token(3)}` };
    expect(proves({ headers: wrong, query: token(3) })).toBe(false);
  });

  test("only by a credential of a plausible form, which is known without any key", () => {
    const kindOf = (headers: Record<string, string>, query?: string) =>
      readCredential(CAMERA, { header: (name) => headers[name], queryToken: query }).kind;
    const good = signed(3);
    expect(kindOf(good)).toBe("signature");
    expect(kindOf({ ...good, "webhook-signature": `v2,x ${good["webhook-signature"]}` })).toBe("signature");
    for (const [name, value] of [
      ["webhook-signature", "v1,AAAA"],
      ["webhook-signature", `v2,${good["webhook-signature"].slice(3)}`],
      ["webhook-id", ""],
      ["webhook-id", "x".repeat(129)],
      ["webhook-timestamp", "yesterday"],
      ["webhook-timestamp", ""],
    ] as const)
      expect([name, value, kindOf({ ...good, [name]: value })]).toEqual([name, value, "none"]);

    const long = token(1);
    expect(kindOf({}, long)).toBe("token");
    expect(kindOf({ authorization: `Bearer ${long}` })).toBe("token");
    expect(kindOf({ authorization: basic(CAMERA, long) })).toBe("token");
    for (const text of ["", long.slice(1), `${long}A`, `${long.slice(1)}=`, `${long.slice(1)}\n`]) {
      expect([text, kindOf({}, text)]).toEqual([text, "none"]);
      expect([text, kindOf({ authorization: basic(CAMERA, text) })]).toEqual([text, "none"]);
    }
    for (const authorization of ["", "Bearer", `Digest ${long}`, basic("back-yard", long), "Basic !!!"])
      expect([authorization, kindOf({ authorization })]).toEqual([authorization, "none"]);
    expect(kindOf({ authorization: basic(CAMERA, long + "x".repeat(9999)) })).toBe("none");
    expect(kindOf({})).toBe("none");
  });

  test("not by anything made up", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (authorization, query) => {
        expect(proves({ headers: { authorization }, query })).toBe(false);
        expect(proves({ query })).toBe(false);
        expect(proves({ headers: { authorization: basic(CAMERA, query) } })).toBe(false);
      }),
    );
  });
});

test("a token is 43 characters that need no escaping in an address, and reveals nothing of the signing key", () => {
  expect(token(1)).toMatch(/^[\w-]{43}$/);
  expect(Buffer.from(token(1), "base64url")).not.toEqual(deriveKey(SECRET, CAMERA, 1));
});
