import { describe, expect, test } from "@jest/globals";
import { compilePattern } from "../../../local/eventbridge/pattern.ts";

const event = {
  version: "0",
  "detail-type": "Detection",
  source: "doorstep",
  time: "2026-11-21T10:00:00Z",
  resources: ["arn:aws:x:1", "arn:aws:x:2"],
  detail: {
    camera: "front-door",
    count: 5,
    score: 301.8,
    armed: true,
    reason: null,
    note: "",
    path: "site/a/front*door",
    address: "10.0.0.33",
    address6: "2001:db8::7",
    labels: ["PERSON", "PET"],
    boxes: [
      { label: "PERSON", confidence: 90 },
      { label: "PET", confidence: 60 },
    ],
    none: [],
  },
};

const detail = (pattern: unknown) => ({ detail: pattern });

test.each([
  ["an exact text", { source: ["doorstep"] }],
  ["one of several texts", { source: ["elsewhere", "doorstep"] }],
  ["fields on several levels", { source: ["doorstep"], detail: { camera: ["front-door"] } }],
  ["a number", detail({ count: [5] })],
  ["true", detail({ armed: [true] })],
  ["null", detail({ reason: [null] })],
  ["an empty text", detail({ note: [""] })],
  ["one element of an array", { resources: ["arn:aws:x:2"] }],
  ["a prefix", { time: [{ prefix: "2026-11" }] }],
  ["a prefix in any case", detail({ camera: [{ prefix: { "equals-ignore-case": "FRONT" } }] })],
  ["a suffix", detail({ camera: [{ suffix: "-door" }] })],
  ["a suffix in any case", detail({ camera: [{ suffix: { "equals-ignore-case": "DOOR" } }] })],
  ["a text in any case", detail({ camera: [{ "equals-ignore-case": "Front-Door" }] })],
  ["a wildcard", detail({ camera: [{ wildcard: "f*-d*r" }] })],
  ["an escaped asterisk", detail({ path: [{ wildcard: "site/*/front\\*door" }] })],
  ["anything but a text", detail({ camera: [{ "anything-but": "garage" }] })],
  ["anything but some texts", detail({ camera: [{ "anything-but": ["garage", "attic"] }] })],
  ["anything but a number", detail({ count: [{ "anything-but": [1, 2] }] })],
  ["anything but a prefix", detail({ camera: [{ "anything-but": { prefix: "back" } }] })],
  ["anything but some prefixes", detail({ camera: [{ "anything-but": { prefix: ["back", "side"] } }] })],
  ["anything but a wildcard", detail({ camera: [{ "anything-but": { wildcard: "*/lib/*" } }] })],
  ["anything but one of an array's elements", detail({ labels: [{ "anything-but": "PERSON" }] })],
  ["a number in a range", detail({ count: [{ numeric: [">", 0, "<=", 5] }] })],
  ["a number equal to another spelling of it", detail({ score: [{ numeric: ["=", 3.018e2] }] })],
  ["an IPv4 block", detail({ address: [{ cidr: "10.0.0.0/24" }] })],
  ["an IPv6 block", detail({ address6: [{ cidr: "2001:db8::/32" }] })],
  ["a field that is there", detail({ camera: [{ exists: true }] })],
  ["a field that is not there", detail({ garden: [{ exists: false }] })],
  ["no leaf where there is an object", { detail: [{ exists: false }] }],
  ["no leaf in an empty array", detail({ none: [{ exists: false }] })],
  ["a text or no field", detail({ garden: ["x", { exists: false }] })],
  ["two fields of one object in an array", detail({ boxes: { label: ["PET"], confidence: [60] } })],
  ["one of two alternatives", { $or: [{ source: ["elsewhere"] }, detail({ count: [5] })] }],
  ["an alternative within a field", detail({ $or: [{ count: [1] }, { camera: ["front-door"] }] })],
])("a pattern matches on %s", (_what, pattern) => {
  expect(compilePattern(pattern)(event)).toBe(true);
});

test.each([
  ["another text", { source: ["Doorstep"] }],
  ["a number written as text", detail({ count: ["5"] })],
  ["one field of two", { source: ["doorstep"], "detail-type": ["Motion"] }],
  ["an absent field", detail({ garden: ["x"] })],
  ["an absent object", detail({ garden: { gate: ["x"] } })],
  ["a prefix of a number", detail({ count: [{ prefix: "5" }] })],
  ["an absent field that is anything but a text", detail({ garden: [{ "anything-but": "x" }] })],
  ["a number outside a range", detail({ count: [{ numeric: ["<", 5] }] })],
  ["a text that looks like a number in a range", { version: [{ numeric: ["=", 0] }] }],
  ["an address outside a block", detail({ address: [{ cidr: "10.0.1.0/24" }] })],
  ["a text that is not an address", detail({ camera: [{ cidr: "0.0.0.0/0" }] })],
  ["a wildcard in part", detail({ camera: [{ wildcard: "ront-d*" }] })],
  ["two fields of different objects in an array", detail({ boxes: { label: ["PET"], confidence: [90] } })],
  ["no alternative", { $or: [{ source: ["elsewhere"] }, detail({ count: [6] })] }],
])("a pattern does not match on %s", (_what, pattern) => {
  expect(compilePattern(pattern)(event)).toBe(false);
});

test("$or over operators' names is an ordinary field", () => {
  const pattern = { $or: [{ prefix: "a" }, { prefix: "b" }] };
  expect(compilePattern(pattern)({ $or: "bc" })).toBe(true);
  expect(compilePattern(pattern)({ $or: "c" })).toBe(false);
});

describe("a pattern is refused", () => {
  test.each([
    ["{", "it is not JSON"],
    ["[]", "it is not an object"],
    [{}, "empty objects are not allowed"],
    [{ source: "doorstep" }, "source: a field takes an object or a list with at least one value"],
    [{ source: [] }, "source: a field takes an object or a list with at least one value"],
    [{ detail: { a: [{ like: "x" }] } }, "detail.a: Unrecognized match type like"],
    [{ a: [{ prefix: 5 }] }, "a: prefix takes text, not 5"],
    [{ a: [{ exists: "yes" }] }, "a: exists takes true or false"],
    [{ a: [{ numeric: [">"] }] }, "a: numeric takes one or two comparisons"],
    [{ a: [{ numeric: ["!", 5] }] }, "a: numeric has no comparison ! 5"],
    [{ a: [{ "anything-but": [1, "x"] }] }, "a: anything-but takes texts or numbers"],
    [{ a: [{ wildcard: "a**b" }] }, "a: consecutive wildcard characters are not allowed"],
    [{ a: [{ cidr: "10.0.0.0/40" }] }, "a: 10.0.0.0/40 is not a CIDR block"],
    [{ a: ["x".repeat(2048)] }, "it has 2058 characters; at most 2048"],
  ])("%j", (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(`Event pattern is not valid. Reason: ${reason}`);
  });
});
