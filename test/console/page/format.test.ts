import { expect, test } from "@jest/globals";
import {
  agoOf,
  bytesOf,
  clockIn,
  dateOf,
  dayOf,
  durationOf,
  hueOf,
  labelName,
  percentOf,
  startOfDate,
} from "../../../console/page/parts/format.ts";

test.each([
  [400, "0.4 s"],
  [0, "0.0 s"],
  [7300, "7 s"],
  [59_400, "59 s"],
  [59_999, "1 min"],
  [60_000, "1 min"],
  [200_000, "3 min 20 s"],
  [3_599_900, "1 h"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
])("%d ms last %s", (ms, shown) => expect(durationOf(ms)).toBe(shown));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [12_400, "12 kB"],
  [8_100_000, "8.1 MB"],
  [2e9, "2.0 GB"],
  [5e15, "5000.0 TB"],
])("%d bytes are %s", (bytes, shown) => expect(bytesOf(bytes)).toBe(shown));

test.each([
  [0, "0 %"],
  [0.001, "< 1 %"],
  [0.5, "50 %"],
  [0.999, "> 99 %"],
  [1, "100 %"],
])("a share of %d is %s", (share, shown) => expect(percentOf(share)).toBe(shown));

test("days have names that people use", () => {
  const nowMs = new Date(2026, 10, 30, 18).getTime();
  expect(dayOf(new Date(2026, 10, 30, 1).getTime(), nowMs)).toBe("Today");
  expect(dayOf(new Date(2026, 10, 29, 23).getTime(), nowMs)).toBe("Yesterday");
  expect(dayOf(new Date(2026, 10, 28).getTime(), nowMs)).toBe("Saturday 28 November");
  expect(dayOf(new Date(2025, 10, 28).getTime(), nowMs)).toBe("Friday 28 November 2025");
});

test("dates are those of the browser's time zone", () => {
  const ms = new Date(2026, 0, 5, 23, 59).getTime();
  expect(dateOf(ms)).toBe("2026-01-05");
  expect(startOfDate("2026-01-05")).toBe(new Date(2026, 0, 5).getTime());
  expect(startOfDate("2026-01-01", -1)).toBe(new Date(2025, 11, 31).getTime());
});

test("times of day are those of the given time zone, or of UTC if there is no such zone", () => {
  const ms = Date.parse("2026-11-30T18:04:09Z");
  expect(clockIn("Europe/Berlin").exact(ms)).toBe("19:04:09");
  expect(clockIn("Nowhere/Else").short(ms)).toBe("18:04");
});

test("ages are in the largest unit", () => {
  expect([30_000, 240_000, 3 * 3_600_000, 3 * 86_400_000].map((age) => agoOf(0, age))).toEqual([
    "just now",
    "4 min ago",
    "3 h ago",
    "3 days ago",
  ]);
});

test("labels in capitals are shown as words, and have the same colour each time", () => {
  expect(["PERSON", "Car", "PICKUP TRUCK"].map(labelName)).toEqual(["Person", "Car", "Pickup truck"]);
  expect(["PERSON", "PET", "PACKAGE"].map(hueOf)).toEqual([1, 2, 3]);
  expect(hueOf("CAR")).toBe(hueOf("CAR"));
  expect([4, 5, 6]).toContain(hueOf("constructor"));
});
