import { expect, test } from "@jest/globals";
import { parseSchedule } from "../../../local/eventbridge/schedule.ts";

const START = "2026-11-21T10:00:30.000Z"; // a Saturday

/** The next three times after the start. */
function upcoming(expression: string): string[] {
  const next = parseSchedule(expression, Date.parse(START));
  const times: string[] = [];
  let atMs: number | undefined = Date.parse(START);
  while (times.length < 3 && (atMs = next(atMs)) !== undefined) times.push(new Date(atMs).toISOString());
  return times.map((time) => time.replace(":00.000Z", "Z"));
}

test("a rate counts from the start", () => {
  const next = parseSchedule("rate(5 minutes)", Date.parse(START));
  expect(new Date(next(Date.parse(START))!).toISOString()).toBe("2026-11-21T10:05:30.000Z");
  expect(new Date(next(Date.parse("2026-11-21T10:05:30.000Z"))!).toISOString()).toBe(
    "2026-11-21T10:10:30.000Z",
  );
  expect(parseSchedule("rate(1 day)", 0)(0)).toBe(86_400_000);
});

test.each([
  ["cron(0/15 * * * ? *)", ["2026-11-21T10:15Z", "2026-11-21T10:30Z", "2026-11-21T10:45Z"]],
  ["cron(5,35 14 * * ? *)", ["2026-11-21T14:05Z", "2026-11-21T14:35Z", "2026-11-22T14:05Z"]],
  ["cron(0 18 ? * MON-FRI *)", ["2026-11-23T18:00Z", "2026-11-24T18:00Z", "2026-11-25T18:00Z"]],
  ["cron(0 8 1 * ? *)", ["2026-12-01T08:00Z", "2027-01-01T08:00Z", "2027-02-01T08:00Z"]],
  ["cron(0/30 20-2 ? * SUN *)", ["2026-11-22T00:00Z", "2026-11-22T00:30Z", "2026-11-22T01:00Z"]],
  ["cron(0 0 29 2 ? *)", ["2028-02-29T00:00Z", "2032-02-29T00:00Z", "2036-02-29T00:00Z"]],
  ["cron(59 23 31 12 ? 2026)", ["2026-12-31T23:59Z"]],
  ["cron(0 12 30 FEB ? *)", []],
])("%s runs at %j", (expression, times) => {
  expect(upcoming(expression)).toEqual(times);
});

test.each([
  ["rate(1 minutes)"],
  ["rate(5 minute)"],
  ["rate(0 minutes)"],
  ["rate(5 seconds)"],
  ["cron(0 10 * * * *)"],
  ["cron(0 10 ? * ? *)"],
  ["cron(60 10 * * ? *)"],
  ["cron(0 10 L * ? *)"],
  ["cron(0 10 ? * 3#2 *)"],
  ["cron(0 10 * * ?)"],
  ["at(2026-11-21T10:00:00)"],
])("%s is refused", (expression) => {
  expect(() => parseSchedule(expression, 0)).toThrow(
    `ScheduleExpression: ${expression} is neither a rate nor a cron expression that is emulated`,
  );
});
