import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { linkKey } from "../../../core/alerts/keys.ts";
import {
  evidenceKeyOf,
  mediaToken,
  readMediaToken,
  readSnoozeToken,
  snoozeToken,
  type MediaLink,
  type SnoozeLink,
} from "../../../core/alerts/links.ts";

const KEY = linkKey("the alerts' secret");
const OTHER_KEY = linkKey("another stack's secret");
const NOW_MS = 1_763_700_000_000;

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const expiresAtMs = fc.integer({ min: NOW_MS + 1, max: NOW_MS + 30 * 86_400_000 });
const mediaLink: fc.Arbitrary<MediaLink> = fc.record({
  cameraId: id,
  objectKey: fc.string({ unit: "grapheme", maxLength: 200 }).map((rest) => `evidence/${rest}`),
  expiresAtMs,
});
const snoozeLink: fc.Arbitrary<SnoozeLink> = fc.record({
  cameraId: id,
  ruleIds: fc.array(id, { maxLength: 10 }),
  expiresAtMs,
});

const INVALID = { kind: "invalid" };

/** The two kinds of tokens: each rule below holds for both. */
const kinds = [
  {
    name: "media",
    link: mediaLink as fc.Arbitrary<never>,
    write: mediaToken,
    read: readMediaToken,
    other: readSnoozeToken,
  },
  {
    name: "snooze",
    link: snoozeLink as fc.Arbitrary<never>,
    write: snoozeToken,
    read: readSnoozeToken,
    other: readMediaToken,
  },
] as const;

describe.each(kinds)("a token of kind $name", ({ link, write, read, other }) => {
  test("returns what it was made of until it expires, and from then on that it is expired", () => {
    fc.assert(
      fc.property(link, (given: MediaLink & SnoozeLink) => {
        const token = write(KEY, given);
        expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
        expect(read(KEY, token, NOW_MS)).toEqual({ kind: "valid", ...given });
        expect(read(KEY, token, given.expiresAtMs - 1)).toEqual({ kind: "valid", ...given });
        expect(read(KEY, token, given.expiresAtMs)).toEqual({ kind: "expired" });
      }),
    );
  });

  test("is invalid with any character changed, added or missing", () => {
    fc.assert(
      fc.property(
        link,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (given: MediaLink & SnoozeLink, position, character) => {
          const token = write(KEY, given);
          const at = position % token.length;
          const forged = [
            token.slice(0, at) + character + token.slice(at + 1),
            token.slice(0, at) + character + token.slice(at),
            token.slice(0, at) + token.slice(at + 1),
          ];
          for (const text of forged) if (text !== token) expect(read(KEY, text, NOW_MS)).toEqual(INVALID);
        },
      ),
    );
  });

  test("is invalid with a last character that decodes to the same signature", () => {
    fc.assert(
      fc.property(link, (given: MediaLink & SnoozeLink) => {
        const token = write(KEY, given);
        const signature = token.slice(-43);
        const same = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
          .map((last) => signature.slice(0, -1) + last)
          .filter(
            (text) =>
              text !== signature &&
              Buffer.from(text, "base64url").equals(Buffer.from(signature, "base64url")),
          );
        expect(same).toHaveLength(3);
        for (const text of same) expect(read(KEY, token.slice(0, -43) + text, NOW_MS)).toEqual(INVALID);
      }),
      { numRuns: 20 },
    );
  });

  test("is invalid under another key, and as a token of the other kind", () => {
    fc.assert(
      fc.property(link, (given: MediaLink & SnoozeLink) => {
        const token = write(KEY, given);
        expect(read(OTHER_KEY, token, NOW_MS)).toEqual(INVALID);
        expect(other(KEY, token, NOW_MS)).toEqual(INVALID);
      }),
    );
  });

  test("is invalid with the payload of another camera or time under its signature", () => {
    fc.assert(
      fc.property(link, id, expiresAtMs, (given: MediaLink & SnoozeLink, cameraId, later) => {
        const signature = write(KEY, given).slice(-43);
        for (const changed of [
          { ...given, cameraId },
          { ...given, expiresAtMs: later },
        ]) {
          const token = write(KEY, changed).slice(0, -43) + signature;
          if (token !== write(KEY, given)) expect(read(KEY, token, NOW_MS)).toEqual(INVALID);
        }
      }),
    );
  });

  test("is not any text, however long", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        for (const text of [a, `${a}.${b}`, `${a}.${"A".repeat(43)}`, ".".repeat(5000), "A".repeat(100_000)])
          expect(read(KEY, text, NOW_MS)).toEqual(INVALID);
      }),
    );
  });
});

describe("a link", () => {
  const link = { cameraId: "front-door", expiresAtMs: NOW_MS + 1 };

  test("shows only what is below evidence/", () => {
    for (const objectKey of ["", "lake/a.parquet", "evidence", "evidences/a.jpg", "/evidence/a.jpg"])
      expect(() => mediaToken(KEY, { ...link, objectKey })).toThrow(
        new RangeError(`no link can show the object ${objectKey}`),
      );
  });

  test("shows any object of S3 below evidence/, and refuses a longer key", () => {
    const objectKey = `evidence/${"x".repeat(1024 - "evidence/".length)}`;
    const longest = { ...link, cameraId: "c".repeat(63), objectKey };
    expect(readMediaToken(KEY, mediaToken(KEY, longest), NOW_MS)).toEqual({ kind: "valid", ...longest });
    expect(() => mediaToken(KEY, { ...link, objectKey: objectKey.repeat(2) })).toThrow(RangeError);
  });

  test("snoozes at most ten rules, so that it stays under 1100 characters", () => {
    const ruleIds = Array.from({ length: 30 }, (_, index) => String(index).padStart(63, "r"));
    const token = snoozeToken(KEY, { ...link, cameraId: "c".repeat(63), ruleIds });
    expect(token.length).toBeLessThan(1100);
    expect(readSnoozeToken(KEY, token, NOW_MS)).toMatchObject({ ruleIds: ruleIds.slice(0, 10) });
  });

  test("gets the key of an object of evidence from its address", () => {
    expect(evidenceKeyOf("s3://doorstep-dev-evidence/evidence/porch/s-1/1-frame.jpg")).toBe(
      "evidence/porch/s-1/1-frame.jpg",
    );
    expect(
      ["s3://bucket/lake/a", "s3://evidence/a", "https://evidence/evidence/a", ""].map(evidenceKeyOf),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });
});
