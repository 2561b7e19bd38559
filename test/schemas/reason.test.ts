import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { explainIssue } from "../../schemas/reason.ts";

const schema = v.strictObject({
  name: v.string(),
  size: v.optional(v.number()),
  isOpen: v.optional(v.boolean()),
  colour: v.optional(v.picklist(["red", "green"])),
  parts: v.optional(v.array(v.strictObject({ share: v.pipe(v.number(), v.maxValue(1, "expected 0..1")) }))),
  prices: v.optional(v.record(v.picklist(["gold"], "no price of that name"), v.number())),
});

const explained = (input: unknown): string =>
  explainIssue(v.safeParse(schema, input).issues![0], { subject: "the body", fields: ["name", "size"] });

describe("an invalid value is explained by its place, itself and what was expected, never in valibot's words", () => {
  test.each([
    [7, "the body is 7; expected an object"],
    [{}, "name is missing"],
    [{ name: 1 }, "name is 1; expected text"],
    [{ name: "a", size: "b" }, 'size is "b"; expected a number'],
    [{ name: "a", size: "s3://evidence/key" }, "size is text of 17 characters; expected a number"],
    [{ name: "a", size: "https:\\/\\/" }, "size is text of 10 characters; expected a number"],
    [{ name: "a", size: "x".repeat(40) }, `size is "${"x".repeat(40)}"; expected a number`],
    [{ name: "a", size: "x".repeat(41) }, "size is text of 41 characters; expected a number"],
    [{ name: "a", isOpen: 1 }, "isOpen is 1; expected true or false"],
    [{ name: "a", colour: "blue" }, 'colour is "blue"; expected "red" or "green"'],
    [{ name: "a", when: 1 }, "when is not a known field; expected only name and size"],
    [{ name: "a", parts: 1 }, "parts is 1; expected an array"],
    [{ name: "a", parts: [{ share: 2 }] }, "parts[0].share is 2; expected 0..1"],
    [{ name: "a", parts: [{}] }, "parts[0].share is missing"],
    [{ name: "a", parts: [{ share: 1, left: 1 }] }, "parts[0].left is not a known field"],
    [{ name: "a", prices: { silver: 1 } }, "prices.silver: no price of that name"],
  ])("%j: %s", (input, text) => {
    expect(explained(input)).toBe(text);
  });
});
