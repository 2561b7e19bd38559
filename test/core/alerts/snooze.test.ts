import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { durationOf, problemPage, sentenceOf, snoozePage } from "../../../core/alerts/snooze-page.ts";
import { MAX_SNOOZE_MINUTES, minutesLeft, readSnooze, snoozable } from "../../../core/alerts/snooze.ts";
import { Problem } from "../../../core/problem.ts";

const link = { cameraId: "porch", ruleIds: ["night-people", "porch"], expiresAtMs: 0 };
const camera = { kind: "camera", id: "porch" } as const;
const rule = { kind: "rule", id: "night-people" } as const;

describe("a snooze request", () => {
  test("is for the camera, or for one of the link's rules, also one with the camera's id", () => {
    expect(readSnooze({ minutes: 15 }, link)).toEqual({ of: camera, minutes: 15 });
    expect(readSnooze({ minutes: "15", rule: "" }, link)).toEqual({ of: camera, minutes: 15 });
    expect(readSnooze({ minutes: "480", rule: "night-people" }, link)).toEqual({ of: rule, minutes: 480 });
    expect(readSnooze({ minutes: "0", rule: "porch" }, link)).toEqual({
      of: { kind: "rule", id: "porch" },
      minutes: 0,
    });
  });

  test("is for an hour when it names no minutes", () => {
    expect(readSnooze({}, link)).toEqual({ of: camera, minutes: 60 });
  });

  test("of any other minutes or another rule is a problem", () => {
    const expected = new Problem("invalid-snooze", "expected minutes=0 to 10080, whole minutes; 0 wakes it");
    for (const minutes of [-1, 1.5, 10_081, "10081", "1e3", "", " 5", "999999", null, NaN, Infinity, [5], {}])
      expect(() => readSnooze({ minutes }, link)).toThrow(expected);
    expect(() => readSnooze({ minutes: 5, rule: "all" }, link)).toThrow(
      new Problem("invalid-snooze", "the link is not for that rule; leave rule out for the camera"),
    );
  });

  test("is refused as a problem, whatever its fields are", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (minutes, ruleId) => {
        for (const fields of [minutes, { minutes, rule: ruleId }]) {
          try {
            expect(readSnooze(fields, link).minutes).toBeLessThanOrEqual(MAX_SNOOZE_MINUTES);
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
          }
        }
      }),
    );
  });
});

test("what is left of a snooze is rounded up to whole minutes, and nothing once it is over", () => {
  const snooze = { of: camera, untilMs: 120_000 };
  expect([0, 1, 60_000, 119_999, 120_000, 500_000].map((nowMs) => minutesLeft(snooze, nowMs))).toEqual([
    2, 2, 1, 1, 0, 0,
  ]);
  expect(minutesLeft(undefined, 0)).toBe(0);
});

test("a duration is in at most two units", () => {
  expect([1, 15, 60, 61, 480, 1439, 1440, 1441, 1500, 10_080].map(durationOf)).toEqual([
    "1 minute",
    "15 minutes",
    "1 hour",
    "1 hour 1 minute",
    "8 hours",
    "23 hours 59 minutes",
    "1 day",
    "1 day",
    "1 day 1 hour",
    "7 days",
  ]);
});

describe("the page", () => {
  const [first, ...rest] = snoozable(link).map((of) => ({ of, minutes: 0 }));

  test("has a form of its own address with a button for each time, and no script", () => {
    const html = snoozePage([first!]);
    expect([...html.matchAll(/<button name="minutes" value="(\d+)"/g)].map(([, minutes]) => minutes)).toEqual(
      ["15", "60", "480", "10080", "0"],
    );
    expect(html).toContain('<form method="post">');
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|src=|<link|<input/i);
  });

  test("lets a link with rules choose between the camera and each rule, and keeps the choice", () => {
    const choices = (html: string) =>
      [...html.matchAll(/<input type="radio" name="rule" value="([^"]*)"( checked)?/g)].map(
        ([, value, checked]) => [value, checked !== undefined],
      );
    expect(choices(snoozePage([first!, ...rest]))).toEqual([
      ["", true],
      ["night-people", false],
      ["porch", false],
    ]);
    expect(choices(snoozePage([first!, ...rest], { of: rule, minutes: 5 }))).toEqual([
      ["", false],
      ["night-people", true],
      ["porch", false],
    ]);
  });

  test("says what was done, and what else is snoozed", () => {
    const states = [
      { of: camera, minutes: 60 },
      { of: rule, minutes: 5 },
    ] as const;
    const html = snoozePage([...states], states[0]);
    expect(html).toContain('role="status">No alerts of porch for 1 hour.</p>');
    expect(html).toContain("<li>No alerts of the rule night-people for 5 minutes.</li>");
    expect(html.match(/No alerts of porch/g)).toHaveLength(1);
    expect(sentenceOf({ of: camera, minutes: 0 })).toBe("Alerts of porch are on.");
  });

  test("shows every text as text", () => {
    const hostile = `"><script>alert(1)</script>&`;
    const of = { kind: "rule", id: hostile } as const;
    for (const html of [
      snoozePage(
        [
          { of: { kind: "camera", id: hostile }, minutes: 5 },
          { of, minutes: 5 },
        ],
        { of, minutes: 5 },
      ),
      problemPage({ title: hostile, detail: hostile }),
    ]) {
      expect(html).not.toContain("<script");
      expect(html).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;");
    }
  });
});
