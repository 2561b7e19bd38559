import { describe, expect, test } from "@jest/globals";
import { budgetText, usdPerBudgetMinute, withBudget } from "../../cli/camera/budget.ts";
import { settingsOfCells } from "../../cli/camera/settings.ts";

const processor = { engine: "stream-processor", maxDurationSeconds: 30, maxSampleGapSeconds: 5 } as const;
const frames = { ...processor, engine: "frames" } as const;

describe("a minute of a budget", () => {
  test("costs what Rekognition bills for it with a stream processor", () => {
    expect(usdPerBudgetMinute(processor)).toBe(0.00817);
  });

  test("costs with frames what the samples of whole sessions cost", () => {
    // 8 samples of 30 s
    expect(usdPerBudgetMinute(frames)).toBeCloseTo(0.016, 10);
    // 14 samples of 60 s
    expect(usdPerBudgetMinute({ ...frames, maxDurationSeconds: 60 })).toBeCloseTo(0.014, 10);
    expect(usdPerBudgetMinute({ ...frames, maxSampleGapSeconds: 1 })).toBeCloseTo(0.06, 10);
  });
});

describe("a daily budget", () => {
  test("in dollars is the minutes that they buy from the engine", () => {
    expect(withBudget({ dailyBudgetUsd: 0.5 }, processor)).toEqual({
      dailyBudgetUsd: 0.5,
      dailyBudgetMinutes: 61.19,
    });
    expect(withBudget({ dailyBudgetUsd: 0.16, engine: "frames" as const }, processor)).toEqual({
      dailyBudgetUsd: 0.16,
      dailyBudgetMinutes: 10,
      engine: "frames",
    });
    expect(withBudget({ dailyBudgetUsd: 1000 }, processor).dailyBudgetMinutes).toBe(1440);
    expect(withBudget({ dailyBudgetUsd: 0 }, processor).dailyBudgetMinutes).toBe(0);
  });

  test("in dollars keeps them when the engine or its density changes", () => {
    const camera = { ...processor, dailyBudgetUsd: 0.48, dailyBudgetMinutes: 58.75 };
    expect(withBudget({ engine: "frames" as const }, camera)).toEqual({
      engine: "frames",
      dailyBudgetMinutes: 30,
    });
    expect(withBudget({ maxSampleGapSeconds: 1 }, { ...camera, ...frames, dailyBudgetMinutes: 30 })).toEqual({
      maxSampleGapSeconds: 1,
      dailyBudgetMinutes: 8,
    });
  });

  test("in minutes keeps them, whatever the engine", () => {
    const camera = { ...processor, dailyBudgetMinutes: 10 };
    expect(withBudget({ engine: "frames" as const }, camera)).toEqual({ engine: "frames" });
  });

  test("in minutes replaces one in dollars, and none removes both", () => {
    const camera = { ...processor, dailyBudgetUsd: 0.5, dailyBudgetMinutes: 61.19 };
    const isRemoved = { dailyBudgetUsd: undefined, dailyBudgetMinutes: undefined };
    expect(withBudget({ dailyBudgetMinutes: 5 }, camera)).toStrictEqual({
      dailyBudgetMinutes: 5,
      dailyBudgetUsd: undefined,
    });
    expect(withBudget({ dailyBudgetMinutes: undefined }, camera)).toStrictEqual(isRemoved);
    expect(withBudget({ dailyBudgetUsd: undefined }, camera)).toStrictEqual(isRemoved);
  });

  test("is shown in minutes and dollars", () => {
    expect(budgetText(processor)).toBe("no limit");
    expect(budgetText({ ...processor, dailyBudgetMinutes: 60 })).toBe("60 minutes a day, about $0.49");
    expect(budgetText({ ...frames, dailyBudgetUsd: 0.16, dailyBudgetMinutes: 10 })).toBe(
      "$0.16 a day: 10 minutes of frames",
    );
  });

  test("is given in minutes or in dollars, not in both", () => {
    const cells = new Map([
      ["dailyBudgetMinutes", "10"],
      ["dailyBudgetUsd", "1"],
    ]);
    expect(() => settingsOfCells(cells)).toThrow("1; expected a budget in minutes or in dollars, not both");
    cells.delete("dailyBudgetMinutes");
    expect(settingsOfCells(cells).settings).toEqual({ dailyBudgetUsd: 1 });
    cells.set("dailyBudgetUsd", "-1");
    expect(() => settingsOfCells(cells)).toThrow("-1; expected 0 to 1000 dollars");
  });
});
