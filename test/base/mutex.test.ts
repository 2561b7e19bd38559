import { expect, test } from "@jest/globals";
import { nextTurn } from "../../base/clock.ts";
import { Mutex } from "../../base/mutex.ts";

test("a mutex runs one function at a time, in the order of the calls, after one that failed too", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const task = (name: string) => async (): Promise<string> => {
    log.push(`${name} starts`);
    await nextTurn();
    log.push(`${name} ends`);
    if (name === "b") throw new Error("b fails");
    return name;
  };
  const results = await Promise.allSettled(["a", "b", "c"].map((name) => mutex.run(task(name))));
  expect(log).toEqual(["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
  expect(results).toMatchObject([
    { value: "a" },
    { reason: expect.objectContaining({ message: "b fails" }) },
    { value: "c" },
  ]);
});
