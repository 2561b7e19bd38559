// What `@jest/globals` is in a test process. The exports are live: each test file finds the functions of its own run.
import { ModernFakeTimers } from "@jest/fake-timers";
import type * as Jest from "@jest/globals";
import { ModuleMocker } from "jest-mock";

type TestGlobals = Pick<
  typeof Jest,
  "afterAll" | "afterEach" | "beforeAll" | "beforeEach" | "describe" | "expect" | "test"
>;

export let { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = {} as TestGlobals;

export function provideGlobals(globals: TestGlobals): void {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = globals);
}

const mocker = new ModuleMocker(globalThis);
const timers = new ModernFakeTimers({
  config: { fakeTimers: {} } as ConstructorParameters<typeof ModernFakeTimers>[0]["config"],
  global: globalThis,
});

export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  useFakeTimers: (config?: Parameters<ModernFakeTimers["useFakeTimers"]>[0]) => timers.useFakeTimers(config),
  useRealTimers: () => timers.useRealTimers(),
  setSystemTime: (now?: number | Date) => timers.setSystemTime(now),
  advanceTimersByTime: (ms: number) => timers.advanceTimersByTime(ms),
  getTimerCount: () => timers.getTimerCount(),
};
