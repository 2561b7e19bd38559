import { describe, expect, test } from "@jest/globals";
import { hastyClock } from "../support/hasty-clock.ts";
import { withBackoff } from "../../operator/with-backoff.ts";

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
  test("is retried while the service throttles or the connection breaks", async () => {
    const clock = hastyClock();
    const options = { clock, random: () => 1 };
    expect(await withBackoff(failing(2, named("ClientLimitExceededException")).call, options)).toBe("done");
    expect(await withBackoff(failing(1, named("Error", "ECONNRESET")).call, options)).toBe("done");
    expect(clock.waitsMs).toEqual([400, 800, 400]);
  });

  test("fails after eight attempts with the service's error", async () => {
    const { call, calls } = failing(100, named("ClientLimitExceededException"));
    await expect(withBackoff(call, { clock: hastyClock() })).rejects.toThrow("ClientLimitExceededException");
    expect(calls.count).toBe(8);
  });

  test("is not retried after any other error, nor after an abort", async () => {
    const { call, calls } = failing(1, named("ResourceNotFoundException"));
    await expect(withBackoff(call)).rejects.toThrow("ResourceNotFoundException");
    expect(calls.count).toBe(1);
    const aborted = AbortSignal.abort(new Error("aborted"));
    await expect(withBackoff(call, { signal: aborted })).rejects.toThrow("aborted");
    expect(calls.count).toBe(1);
  });
});

test("waits double up to ten seconds, and each is a random share of its ceiling", async () => {
  const clock = hastyClock();
  const randoms = [1, 1, 1, 1, 1, 1, 0.25];
  const { call } = failing(7, named("ClientLimitExceededException"));
  expect(await withBackoff(call, { clock, random: () => randoms.shift()! })).toBe("done");
  expect(clock.waitsMs).toEqual([400, 800, 1600, 3200, 6400, 10_000, 2500]);
});
