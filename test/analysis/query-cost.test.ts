import { describe, expect, test } from "@jest/globals";
import { nearestNames } from "../../cli/nearest-names.ts";
import { listPrices } from "../../analysis/prices.ts";
import { queryCostUsd } from "../../analysis/query-cost.ts";

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

test.each([
  [0, 0],
  [1, 0.000_05],
  [10_000_000, 0.000_05],
  [1_000_000_000_000, 5],
])("a query that scans %d bytes costs %d dollars", (bytes, usd) => {
  expect(queryCostUsd(bytes, listPrices)).toBeCloseTo(usd, 12);
});
