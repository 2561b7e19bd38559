import { expect, jest, test } from "@jest/globals";
import { TurnableClock } from "../../base/clock.ts";
import { Events, type CloudEvent } from "../../local/events.ts";

const named =
  (name: string) =>
  (event: CloudEvent): boolean =>
    event.name === name;

const open = (): Events => new Events(new TurnableClock(5));

test("waitFor resolves to a past event", async () => {
  const events = open();
  events.emit("a", "first", { n: 1 });
  expect(await events.waitFor(named("first"))).toEqual({
    service: "a",
    name: "first",
    detail: { n: 1 },
    atMs: 5,
  });
});

test("waitFor resolves to the first match that is emitted later, and leaves no timer", async () => {
  jest.useFakeTimers();
  const events = open();
  const done = events.waitFor(named("done"));
  events.emit("a", "other");
  events.emit("a", "done", { n: 1 });
  events.emit("a", "done", { n: 2 });
  expect((await done).detail).toEqual({ n: 1 });
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test("waitFor rejects after its time, with the last events", async () => {
  const events = open();
  events.emit("a", "first");
  await expect(events.waitFor(named("second"), 1)).rejects.toThrow(
    "no matching event within 1 ms; the last ones: a/first",
  );
});

test("expectNone resolves when nothing matches, and rejects when something does", async () => {
  const events = open();
  await events.expectNone(named("first"), 1);
  const none = events.expectNone(named("first"), 60_000);
  events.emit("a", "first", { n: 1 });
  await expect(none).rejects.toThrow('expected no matching event, but got a/first: {"n":1}');
  await expect(events.expectNone(named("first"), 60_000)).rejects.toThrow("expected no matching event");
});

test("a subscriber gets every later event until it unsubscribes", () => {
  const events = open();
  const got: string[] = [];
  events.emit("a", "early");
  const unsubscribe = events.subscribe(({ name }) => got.push(name));
  events.emit("a", "first");
  unsubscribe();
  events.emit("a", "late");
  expect(got).toEqual(["first"]);
  expect(events.matching(() => true)).toHaveLength(3);
});
