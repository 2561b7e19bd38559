import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseMotionStart, parseMotionStop } from "../../../core/motion/parse-motion.ts";
import { Problem, problemDetails } from "../../../core/problem.ts";
import { PROBLEMS } from "../../../schemas/problem.ts";

const NOW_MS = 1_763_700_000_000;

const problemOf = (body: string): { type: string; detail: string } => {
  try {
    parseMotionStart(body, NOW_MS);
  } catch (error) {
    if (error instanceof Problem) return { type: error.type, detail: error.message };
    throw error;
  }
  throw new Error(`${body} was accepted`);
};

describe("a motion request", () => {
  test("may be empty", () => {
    expect(parseMotionStart("", NOW_MS)).toEqual({});
    expect(parseMotionStart("{}", NOW_MS)).toEqual({});
  });

  test("has the start of motion in epoch milliseconds or ISO 8601", () => {
    expect(parseMotionStart('{"at":1763699999123}', NOW_MS)).toEqual({ at: 1_763_699_999_123 });
    expect(parseMotionStart('{"at":"2025-11-21T04:39:59.123Z"}', NOW_MS)).toEqual({ at: 1_763_699_999_123 });
    expect(parseMotionStart('{"at":"2025-11-21T05:39:59.123+01:00"}', NOW_MS)).toEqual({
      at: 1_763_699_999_123,
    });
    expect(parseMotionStop('{"at":1763699999123}', NOW_MS)).toEqual({ at: 1_763_699_999_123 });
  });

  test("in seconds is refused with the hint", () => {
    expect(problemOf('{"at":1763699999}')).toEqual({
      type: "invalid-motion",
      detail: "at: 1763699999 looks like epoch seconds; expected epoch milliseconds",
    });
  });

  test.each([
    ['{"at":8640000000000001}', "at: 8640000000000001 is no time; expected epoch milliseconds"],
    ['{"at":8650000000000000}', "at: 8650000000000000 is no time; expected epoch milliseconds"],
    ['{"at":1e308}', "at: 1e+308 is no time; expected epoch milliseconds"],
    ['{"at":-1e308}', "at: -1e+308 looks like epoch seconds; expected epoch milliseconds"],
    [
      '{"at":"2026-11-21T10:00:00+99:99"}',
      'at is "2026-11-21T10:00:00+99:99"; expected an ISO 8601 time with a zone, e.g. 2026-11-21T10:00:00.000Z',
    ],
    [
      '{"at":"2026-12-31T23:59:59+23"}',
      'at is "2026-12-31T23:59:59+23"; expected a time with an offset of hours and minutes, e.g. +01:00',
    ],
    ['{"at":8640000000000000}', "at: +275760-09-13T00:00:00.000Z is in the future; check the camera's clock"],
  ])("at a time that does not exist is refused, not a fault: %s", (body, detail) => {
    expect(problemOf(body)).toEqual({ type: "invalid-motion", detail });
  });

  test("of the future or of more than a day ago is refused", () => {
    expect(problemOf('{"at":1763700060001}').detail).toBe(
      "at: 2025-11-21T04:41:00.001Z is in the future; check the camera's clock",
    );
    expect(problemOf('{"at":1763613599999}').detail).toBe(
      "at: 2025-11-20T04:39:59.999Z is more than a day ago; nothing is analysed",
    );
  });

  test("with a field that is wrong is refused with the field and what was expected", () => {
    expect(problemOf('{"maxDurationSeconds":121}').detail).toBe(
      "maxDurationSeconds is 121; expected at most 120 seconds, Rekognition's maximum",
    );
    expect(problemOf('{"maxDurationSeconds":"10"}').detail).toBe(
      'maxDurationSeconds is "10"; expected a number of seconds',
    );
    expect(problemOf('{"at":true}').detail).toBe(
      "at is true; expected an ISO 8601 time or epoch milliseconds, e.g. 2026-11-21T10:00:00.000Z",
    );
  });

  test("with an unknown field, or that is no object, is refused with the fields that it may have", () => {
    expect(problemOf('{"when":1}')).toEqual({
      type: "invalid-motion",
      detail:
        'when is not a known field; expected only at, maxDurationSeconds and motion; e.g. {"at":"2026-11-21T10:00:00.000Z"}',
    });
    for (const [body, value] of [
      ["7", "7"],
      ["null", "null"],
      ['"motion"', '"motion"'],
    ] as const)
      expect(problemOf(body)).toEqual({
        type: "invalid-motion",
        detail: `the body is ${value}; expected an object; e.g. {"at":"2026-11-21T10:00:00.000Z"}`,
      });
    expect(problemOf("[]").type).toBe("invalid-motion");
  });

  test("may say what it reports, and is refused where that does not fit the address", () => {
    expect(parseMotionStart('{"motion":"start"}', NOW_MS)).toEqual({ motion: "start" });
    expect(parseMotionStop('{"motion":"stop"}', NOW_MS)).toEqual({ motion: "stop" });
    expect(problemOf('{"motion":"stop"}')).toEqual({
      type: "invalid-motion",
      detail: 'motion is "stop"; expected "start" at the address /motion/start',
    });
    expect(() => parseMotionStop('{"motion":"start"}', NOW_MS)).toThrow(
      new Problem("invalid-motion", 'motion is "start"; expected "stop" at the address /motion/stop'),
    );
  });

  test("that is no JSON is refused as such", () => {
    expect(problemOf("motion!").type).toBe("not-json");
  });

  test("never fails with anything but a problem", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        try {
          parseMotionStart(body, NOW_MS);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });
});

test("a problem has the form of RFC 9457, with a documented type", () => {
  expect(problemDetails(new Problem("too-many-requests", "try again", 5))).toEqual({
    type: "/problems/too-many-requests",
    title: "The camera sends too many requests",
    status: 429,
    detail: "try again",
  });
  expect(Object.values(PROBLEMS).every(({ status }) => status >= 400 && status < 600)).toBe(true);
});
