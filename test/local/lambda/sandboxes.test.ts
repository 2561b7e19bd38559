import { beforeEach, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { Sandboxes } from "../../../local/lambda/sandboxes.ts";

class FakeSandbox {
  alive = true;
  retire(): void {
    this.alive = false;
  }
}

let clock: TurnableClock;
let sandboxes: Sandboxes<FakeSandbox>;
beforeEach(() => {
  clock = new TurnableClock(0);
  sandboxes = new Sandboxes(clock);
});

const take = (owner: object): FakeSandbox | undefined => sandboxes.take(owner, () => new FakeSandbox());
const takeMany = (owner: object, count: number) => Array.from({ length: count }, () => take(owner)!);
const owner = {};

test("the sandbox that its function used last is used first, and no other function's", () => {
  const [first, second] = takeMany(owner, 2);
  const other = take({})!;
  for (const one of [first!, second!, other]) sandboxes.giveBack(one);
  expect([take(owner), take(owner)]).toEqual([second, first]);
  expect(take(owner)).not.toBe(other);
});

test("a function has up to four sandboxes; then its invocations wait for one that is given back", () => {
  const [first] = takeMany(owner, 4);
  expect(take(owner)).toBeUndefined();
  sandboxes.giveBack(first!);
  expect(take(owner)).toBe(first);
});

test("a sandbox that is not used for a minute is ended, and one that is used is not", () => {
  const [unused, used] = takeMany(owner, 2);
  for (const one of [unused!, used!]) sandboxes.giveBack(one);
  clock.turn(59_000);
  expect(take(owner)).toBe(used);
  clock.turn(1000);
  expect([unused!.alive, used!.alive]).toEqual([false, true]);
});

test("all functions have eight sandboxes together; only a function without any gets one beyond them", () => {
  const [one, other, third] = [{}, {}, {}];
  const [oldest] = [...takeMany(one, 4), ...takeMany(other, 4)];
  const beyond = take(third)!;
  expect(beyond).toBeInstanceOf(FakeSandbox);
  expect(take(third)).toBeUndefined();
  // One too many: the first that is idle ends.
  sandboxes.giveBack(oldest!);
  expect(oldest!.alive).toBe(false);
  sandboxes.giveBack(beyond);
  expect(beyond.alive).toBe(true);
});

test("a function without a sandbox takes the place of the one that is idle longest", () => {
  const idle = [...takeMany({}, 4), ...takeMany({}, 4)];
  for (const one of idle) sandboxes.giveBack(one);
  take(owner);
  expect(idle.map(({ alive }) => alive)).toEqual([false, ...Array<boolean>(7).fill(true)]);
});

test("a sandbox that died is not used again, and makes room for another", () => {
  const [idle, running, ...others] = takeMany(owner, 4);
  sandboxes.giveBack(idle!);
  idle!.alive = false;
  const replacement = take(owner);
  expect([idle, running, ...others]).not.toContain(replacement);
  running!.alive = false;
  sandboxes.giveBack(running!);
  expect(take(owner)).toBeInstanceOf(FakeSandbox);
  expect(take(owner)).toBeUndefined();
});

test("a function that stops ends its sandboxes itself", () => {
  const [idle, running] = takeMany(owner, 2);
  sandboxes.giveBack(idle!);
  expect(sandboxes.removeAll(owner)).toEqual([idle, running]);
  sandboxes.giveBack(running!);
  clock.turn(600_000);
  expect([idle!.alive, running!.alive]).toEqual([true, true]);
});
