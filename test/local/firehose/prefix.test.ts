import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  dataPrefix,
  errorPrefix,
  evaluatePrefix,
  objectKey,
  parsePrefix,
  partitionKeysOf,
} from "../../../local/firehose/settings/prefix.ts";
import {
  formatTimestamp,
  parseTimestampPattern,
} from "../../../local/firehose/settings/timestamp-pattern.ts";

const values = {
  oldestArrivalMs: Date.parse("2026-11-20T23:05:09.123Z"),
  timeZone: "UTC",
  randomString: () => "abcDEF12345",
};

const evaluated = (text: string, more = {}): string =>
  evaluatePrefix(parsePrefix(text), { ...values, ...more });

describe("a prefix", () => {
  test("evaluates timestamps in UTC, from the oldest record's arrival", () => {
    expect(evaluated("a/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/")).toBe("a/dt=2026-11-20/hour=23/");
  });

  test("evaluates timestamps in the custom time zone", () => {
    expect(evaluated("!{timestamp:yyyy/MM/dd HH:mm:ss}", { timeZone: "Asia/Tokyo" })).toBe(
      "2026/11/21 08:05:09",
    );
  });

  test.each([
    ["yy M d H:m:s", "26 11 20 23:5:9"],
    ["MMM MMMM E EEEE", "Nov November Fri Friday"],
    ["hh a", "11 PM"],
    ["D", "324"],
    ["yyyy'-'MM'T'", "2026-11T"],
    ["''yyyy''", "'2026'"],
  ])("formats the Java pattern %s", (pattern, text) => {
    expect(formatTimestamp(parseTimestampPattern(pattern), values.oldestArrivalMs, "UTC")).toBe(text);
  });

  test("refuses letters that are not emulated, such as the week-based year", () => {
    expect(() => parsePrefix("!{timestamp:YYYY/MM}")).toThrow("YYYY in YYYY/MM is not emulated");
    expect(() => parsePrefix("!{timestamp:yyyy'}")).toThrow("the quote in yyyy' is not closed");
  });

  test("evaluates every random-string expression anew", () => {
    const strings = ["first", "second"];
    expect(
      evaluated("!{firehose:random-string}/!{firehose:random-string}", {
        randomString: () => strings.shift(),
      }),
    ).toBe("first/second");
  });

  test("evaluates the partition keys of the Lambda processor", () => {
    const prefix = parsePrefix("dt=!{partitionKeyFromLambda:dt}/h=!{partitionKeyFromLambda:hour}/");
    expect(partitionKeysOf(prefix)).toEqual(["dt", "hour"]);
    expect(evaluatePrefix(prefix, { ...values, partitionKeys: { dt: "2026-01-02", hour: "07" } })).toBe(
      "dt=2026-01-02/h=07/",
    );
  });

  test.each([
    ["!{partitionKeyFromQuery:k}", "!{partitionKeyFromQuery:k} is not emulated"],
    ["!{firehose:nothing}", "!{firehose:nothing} is not a prefix expression"],
    ["!{timestamp}", "!{timestamp} is not a prefix expression"],
    ["a/!{timestamp:yyyy", "the expression !{timestamp:yyyy has no closing brace"],
  ])("refuses %s", (text, message) => {
    expect(() => parsePrefix(text)).toThrow(message);
  });

  test("gets the hour appended only when it has no expression", () => {
    const of = (text: string) => evaluatePrefix(dataPrefix(parsePrefix(text)), values);
    expect(of("")).toBe("2026/11/20/23/");
    expect(of("legacy")).toBe("legacy2026/11/20/23/");
    expect(of("x/!{firehose:random-string}/")).toBe("x/abcDEF12345/");
  });

  test("of errors gets type and hour appended when it has no expression", () => {
    const of = (errors: string | undefined, prefix: string) =>
      evaluatePrefix(
        errorPrefix(errors === undefined ? undefined : parsePrefix(errors), parsePrefix(prefix)),
        {
          ...values,
          errorOutputType: "processing-failed",
        },
      );
    expect(of(undefined, "data/")).toBe("data/processing-failed/2026/11/20/23/");
    expect(of("bad/", "data/")).toBe("bad/processing-failed/2026/11/20/23/");
    expect(of("bad/!{firehose:error-output-type}!", "data/")).toBe("bad/processing-failed!");
  });

  test("is followed by stream, version, arrival, uuid and extension", () => {
    const name = { streamName: "detections", version: 3, uuid: "0b5f", extension: ".parquet" };
    expect(objectKey(parsePrefix("lake/"), values, name)).toBe(
      "lake/detections-3-2026-11-20-23-05-09-0b5f.parquet",
    );
  });

  test("without expressions is literal text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => !text.includes("!{")),
        (text) => {
          expect(evaluated(text)).toBe(text);
        },
      ),
    );
  });

  test("separates literal text and key values, whatever they contain", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "!", "{", "}", "/", ":", "$", "é") });
    const literal = word.filter((text) => !`${text}!`.includes("!{") && !text.endsWith("!"));
    fc.assert(
      fc.property(literal, word, literal, (before, value, after) => {
        const text = `${before}!{partitionKeyFromLambda:k}${after}`;
        expect(evaluated(text, { partitionKeys: { k: value } })).toBe(before + value + after);
      }),
    );
  });
});
