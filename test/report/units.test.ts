import { expect, test } from "@jest/globals";
import { minutes, size } from "../../report/units.ts";

test.each([
  [0, "0 min"],
  [300, "1 s"],
  [31_600, "32 s"],
  [59_600, "1.0 min"],
  [570_000, "9.5 min"],
  [3_000_000, "50 min"],
  [720_000_000, "200 h"],
])("%d ms of video are %s", (ms, shown) => expect(minutes(ms)).toBe(shown));

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [12_345, "12 kB"],
  [99_999, "100 kB"],
  [100_000, "0.1 MB"],
  [8_100_000, "8.1 MB"],
])("%d scanned bytes are %s", (bytes, shown) => expect(size(bytes)).toBe(shown));
