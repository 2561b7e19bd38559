import { describe, expect, test } from "@jest/globals";
import { nearestNames } from "../../cli/nearest-names.ts";

describe("nearest names", () => {
  const names = ["busiest-hours", "longest-gaps", "package-dwell", "pets-at-night", "timeline"];

  test.each([
    ["pets-at-nigth", ["pets-at-night"]],
    ["TimeLine", ["timeline"]],
    ["est-", ["busiest-hours", "longest-gaps"]],
    ["package", ["package-dwell"]],
    ["cost", []],
  ])("of %s are %j", (written, near) => {
    expect(nearestNames(written, names)).toEqual(near);
  });
});
