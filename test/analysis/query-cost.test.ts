import { expect, test } from "@jest/globals";
import { listPrices } from "../../analysis/prices.ts";
import { queryCostUsd } from "../../analysis/query-cost.ts";

test.each([
  [0, 0],
  [1, 0.000_05],
  [10_000_000, 0.000_05],
  [1_000_000_000_000, 5],
])("a query that scans %d bytes costs %d dollars", (bytes, usd) => {
  expect(queryCostUsd(bytes, listPrices)).toBeCloseTo(usd, 12);
});
