import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { sleep, systemClock, TurnableClock } from "../../base/clock.ts";

afterEach(() => {
  jest.useRealTimers();
});

describe("turning the clock", () => {
  test("fires the timers that fall due, in the order of their times, each at its own time", () => {
    jest.useFakeTimers();
    const clock = new TurnableClock();
    const startMs = clock.now();
    const fired: [string, number][] = [];
    const at = (name: string) => () => void fired.push([name, clock.now() - startMs]);
    clock.after(300, at("c"));
    clock.after(100, at("a"));
    clock.after(100, at("b"));
    clock.after(1000, at("later"));
    clock.turn(500);
    expect(fired).toEqual([
      ["a", 100],
      ["b", 100],
      ["c", 300],
    ]);
    expect(clock.now() - startMs).toBe(500);
    expect(clock.offsetMs).toBe(500);
  });

  test("fires timers that a fired one sets, if they fall due on the way too", () => {
    jest.useFakeTimers();
    const clock = new TurnableClock();
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.after(100, tick);
    };
    clock.after(100, tick);
    clock.turn(1000);
    expect(ticks).toBe(10);
  });

  test("fires no timer that was cancelled", () => {
    jest.useFakeTimers();
    const clock = new TurnableClock();
    const run = jest.fn();
    clock.after(100, run).cancel();
    clock.turn(1000);
    expect(run).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  test("brings those that are not due yet nearer by as much", () => {
    jest.useFakeTimers();
    const clock = new TurnableClock();
    const run = jest.fn();
    clock.after(1000, run);
    clock.turn(900);
    jest.advanceTimersByTime(99);
    expect(run).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
    clock.turn(10_000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});

test.each([systemClock, new TurnableClock()])("a wait of months is not cut short", (clock) => {
  jest.useFakeTimers();
  const run = jest.fn();
  const days = 86_400_000;
  clock.after(60 * days, run);
  jest.advanceTimersByTime(60 * days - 1);
  expect(run).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
});

describe("a sleep", () => {
  test("ends with its time", async () => {
    const clock = new TurnableClock();
    const slept = sleep(clock, 60_000);
    clock.turn(60_000);
    await slept;
  });

  test("ends with its signal, and leaves no timer", async () => {
    jest.useFakeTimers();
    const stopping = new AbortController();
    const slept = sleep(systemClock, 60_000, stopping.signal);
    stopping.abort();
    await slept;
    await sleep(systemClock, 60_000, stopping.signal);
    expect(jest.getTimerCount()).toBe(0);
  });
});
