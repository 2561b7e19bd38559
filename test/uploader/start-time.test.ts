import { describe, expect, test } from "@jest/globals";
import { parseStart } from "../../uploader/start-time.ts";

describe("parseStart", () => {
  test.each([
    ["2025-11-21T04:40:00Z", 1_763_700_000_000],
    ["2025-11-21T05:40:00.5+01:00", 1_763_700_000_500],
    ["2025-11-21", 1_763_683_200_000],
    ["1763700000123", 1_763_700_000_123],
  ])("reads %s", (text, expected) => {
    expect(parseStart(text)).toBe(expected);
  });

  test.each([
    ["1763700000", "it looks like seconds: did you mean 1763700000000?"],
    ["1763700000.5", "it looks like seconds: did you mean 1763700000500?"],
    ["0", "the start 0 is not in epoch milliseconds"],
    ["1763700000123000", "the start 1763700000123000 is not in epoch milliseconds"],
    ["2025-11-21T04:40:00", "expected ISO 8601 such as 2025-11-21T04:40:00Z, or epoch milliseconds"],
    ["2025-13-21T04:40:00Z", "the start 2025-13-21T04:40:00Z is not a time"],
    ["yesterday", "the start yesterday is not a time"],
  ])("refuses %s", (text, message) => {
    expect(() => parseStart(text)).toThrow(message);
  });
});
