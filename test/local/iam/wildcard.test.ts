import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { covers, coversAction, coversArn } from "../../../local/iam/wildcard.ts";

const text = fc.string({ unit: fc.constantFrom("a", "b", ":", "/", ".", "\n", "$") });
const pattern = fc.string({ unit: fc.constantFrom("a", "b", ":", "/", ".", "\n", "$", "*", "?") });

/** The rule as a regular expression says it. */
const asExpression = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.$]/g, String.raw`\$&`)
      .replaceAll("*", "[^]*")
      .replaceAll("?", "[^]")}$`,
  );

test("a pattern covers what the equivalent regular expression matches", () => {
  fc.assert(
    fc.property(pattern, text, (glob, actual) => {
      expect(covers(glob, actual)).toBe(asExpression(glob).test(actual));
    }),
    { numRuns: 2000 },
  );
});

test("a text with parts replaced by stars covers the text", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.boolean())), (parts) => {
      const glob = parts.map(([part, isHidden]) => (isHidden ? "*" : part)).join("");
      expect(covers(glob, parts.map(([part]) => part).join(""))).toBe(true);
    }),
  );
});

test("a pattern without wildcards covers itself alone", () => {
  fc.assert(
    fc.property(text, text, (glob, actual) => {
      expect(covers(glob, actual)).toBe(glob === actual);
    }),
  );
});

test("the worst pattern is decided quickly", () => {
  expect(covers("*a".repeat(500) + "b", "a".repeat(5000))).toBe(false);
});

test("actions are case-insensitive, resources are not", () => {
  expect(coversAction("S3:get*", "s3:GetObject")).toBe(true);
  expect(covers("arn:aws:s3:::Photos", "arn:aws:s3:::photos")).toBe(false);
});

test("a star in an ARN's part stays within the part, except in the last", () => {
  expect(coversArn("arn:aws:sns:*:*:updates", "arn:aws:sns:us-east-1:000000000000:updates")).toBe(true);
  expect(coversArn("arn:aws:sns:*", "arn:aws:sns:us-east-1:000000000000:updates")).toBe(false);
  expect(coversArn("arn:aws:lambda:*:*:function*", "arn:aws:lambda:us-east-1:1:function:a:b")).toBe(true);
});
