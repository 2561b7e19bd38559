import { describe, expect, test } from "@jest/globals";
import { nextTurn, TurnableClock } from "../../base/clock.ts";
import { whileProgressing } from "../../demo/progress.ts";
import { Events } from "../../local/events.ts";

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });

describe("a wait for a session", () => {
  const watch = () => {
    const clock = new TurnableClock(0);
    const events = new Events(clock);
    const names = new Set(["session-1"]);
    const describe = () => Promise.resolve("front-door's session is running");
    return { clock, events, watched: { clock, events, names, describe } };
  };

  test("goes on for as long as something happens to it, and ends a minute after the last time, with its state", async () => {
    const { clock, events, watched } = watch();
    let error: unknown;
    void whileProgressing(watched, forever).catch((reason: unknown) => (error = reason));
    for (let minute = 0; minute < 10; minute++) {
      clock.turn(59_000);
      events.emit("rekognition", "fragment-analysed", { sessionId: "session-1" });
      await nextTurn();
      expect(error).toBeUndefined();
    }
    clock.turn(59_999);
    events.emit("rekognition", "fragment-analysed", { sessionId: "another" });
    clock.turn(1);
    await nextTurn();
    expect((error as Error).message).toBe("nothing has happened for 60 s: front-door's session is running");
  });

  test("returns what it waited for, and throws what that threw", async () => {
    const { watched } = watch();
    await expect(whileProgressing(watched, () => Promise.resolve(7))).resolves.toBe(7);
    await expect(whileProgressing(watched, () => Promise.reject(new Error("broken")))).rejects.toThrow(
      "broken",
    );
  });
});
