import { expect, test } from "@jest/globals";
import { TurnableClock } from "../../base/clock.ts";
import { Events, type CloudEvent } from "../../local/events.ts";

const named =
  (name: string) =>
  (event: CloudEvent): boolean =>
    event.name === name;

const open = (): Events => new Events(new TurnableClock(5));

test("waitFor resolves to a past or a future event", async () => {
  const events = open();
  events.emit("a", "first", { n: 1 });
  expect(await events.waitFor(named("first"))).toEqual({
    service: "a",
    name: "first",
    detail: { n: 1 },
    atMs: 5,
  });
  const second = events.waitFor(named("second"));
  events.emit("a", "second");
  expect(await second).toMatchObject({ name: "second" });
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
  await expect(none).rejects.toThrow('expected no such event, but a/first came: {"n":1}');
  await expect(events.expectNone(named("first"), 60_000)).rejects.toThrow("expected no such event");
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
