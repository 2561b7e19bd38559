import { describe, expect, test } from "@jest/globals";
import { backoffMs, withBackoff } from "../../operator/with-backoff.ts";

const named = (name: string, code?: string): Error => Object.assign(new Error(name), { name, code });

/** Fails so many times, then works. */
function failing(times: number, error: Error) {
  const calls = { count: 0 };
  const call = async (): Promise<string> => {
    if (calls.count++ < times) throw error;
    return "done";
  };
  return { call, calls };
}

describe("a call with backoff", () => {
  test("is made again while the service throttles or the connection breaks", async () => {
    const waits: number[] = [];
    const wait = async (ms: number): Promise<void> => void waits.push(ms);
    expect(await withBackoff(failing(2, named("ClientLimitExceededException")).call, { wait })).toBe("done");
    expect(await withBackoff(failing(1, named("Error", "ECONNRESET")).call, { wait })).toBe("done");
    expect(waits).toHaveLength(3);
  });

  test("is given up after eight attempts, with the service's error", async () => {
    const { call, calls } = failing(100, named("ClientLimitExceededException"));
    await expect(withBackoff(call, { wait: async () => {} })).rejects.toThrow("ClientLimitExceededException");
    expect(calls.count).toBe(8);
  });

  test("is not made again after any other error, nor once it is called off", async () => {
    const { call, calls } = failing(1, named("ResourceNotFoundException"));
    await expect(withBackoff(call)).rejects.toThrow("ResourceNotFoundException");
    expect(calls.count).toBe(1);
    const off = AbortSignal.abort(new Error("called off"));
    await expect(withBackoff(call, { signal: off })).rejects.toThrow("called off");
    expect(calls.count).toBe(1);
  });
});

test("the wait doubles up to ten seconds, and chance takes any share of it", () => {
  expect([1, 2, 3].map((attempts) => backoffMs(attempts, 1))).toEqual([400, 800, 1600]);
  expect(backoffMs(7, 1)).toBe(10_000);
  expect(backoffMs(7, 0.25)).toBe(2500);
});
