import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { attemptOf, VERDICTS } from "../../console/attempts.ts";
import { ROUTES } from "../../schemas/console/routes.ts";

const NOW_MS = 1_796_000_000_000;

const attempt = (fields: Record<string, unknown>, verb: "start" | "stop" = "start") =>
  attemptOf({ id: "1", atMs: NOW_MS, fields }, verb);

describe("a log line of the motion API is shown as", () => {
  test("an accepted request, with what became of it", () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ sessionId: "s1", state: "running" }, "motion started; session s1 is running"],
      [{ state: "starting" }, "motion started; session without an id yet is starting"],
      [
        { blocked: "schedule" },
        "motion noted; the camera is disarmed by its schedule, so nothing is analysed",
      ],
      [{ blocked: "budget" }, "motion noted; the camera's budget of the day is used up"],
      [{ retry: "throttled" }, "motion started; the session's start is repeated (throttled)"],
    ];
    for (const [fields, words] of cases)
      expect(attempt({ message: "motion started", ...fields })).toMatchObject({ verdict: "accepted", words });
    expect(attempt({ message: "motion stopped" }, "stop")).toMatchObject({
      verdict: "accepted",
      status: 200,
      words: "motion ended",
    });
  });

  test("one that was ignored, since it reports no motion", () => {
    expect(attempt({ message: "no motion", reason: "VideoLoss", cameraId: "porch" })).toEqual({
      id: "1",
      atMs: NOW_MS,
      cameraId: "porch",
      path: "/cameras/porch/motion/start",
      verdict: "ignored",
      status: 200,
      words: "no motion: VideoLoss",
    });
  });

  test("a refused one, with its status, reason and all that helps to fix it", () => {
    const fields = {
      message: "request refused",
      cameraId: "porch",
      problem: "unauthorized",
      check: "webhook-timestamp",
      reason: "the clock is behind",
      signedText: "msg_1.1796000000.",
      clockSkewMs: 412_000,
    };
    expect(attempt(fields)).toMatchObject({
      verdict: "refused",
      status: 401,
      words: "the clock is behind",
      expected: {
        check: "webhook-timestamp",
        problem: "unauthorized",
        signedText: "msg_1.1796000000.",
        clock: "412 s behind",
      },
    });
    expect(attempt({ message: "request refused", problem: "wrong-format", reason: "no XML" })).toMatchObject({
      status: 422,
      words: "no XML",
    });
  });

  test("a failure of the function", () => {
    expect(
      attempt({ message: "request failed", error: { name: "TimeoutError", message: "slow" } }),
    ).toMatchObject({
      verdict: "refused",
      status: 500,
      words: "motion/start failed: TimeoutError: slow; the function's log has more",
    });
  });

  test("the camera's clock in words", () => {
    const clock = (clockSkewMs: number) =>
      attempt({ message: "motion started", clockSkewMs }).expected?.["clock"];
    expect([0, 400, 2000, -29_000, 31_000, -412_000].map(clock)).toEqual([
      "right",
      "right",
      "2 s behind, which is fine",
      "29 s ahead, which is fine",
      "31 s behind",
      "412 s ahead",
    ]);
  });

  test("something of the API's shape, whatever the line is", () => {
    const schema = ROUTES.getTryLog.answer.schema.entries.attempts.item;
    const field = fc.constantFrom(
      "message",
      "cameraId",
      "problem",
      "reason",
      "error",
      "clockSkewMs",
      "signedText",
    );
    fc.assert(
      fc.property(
        fc.dictionary(field, fc.oneof(fc.constantFrom(...VERDICTS), fc.jsonValue())),
        fc.constantFrom("start" as const, "stop" as const),
        (fields, verb) => {
          expect(v.is(schema, JSON.parse(JSON.stringify(attempt(fields, verb))))).toBe(true);
        },
      ),
    );
  });
});
