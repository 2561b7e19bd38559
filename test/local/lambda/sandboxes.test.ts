import { beforeEach, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { IdleSandboxes } from "../../../local/lambda/idle-sandboxes.ts";

class FakeSandbox {
  alive = true;
  retire(): void {
    this.alive = false;
  }
}

let clock: TurnableClock;
let idle: IdleSandboxes<FakeSandbox>;
let ended: FakeSandbox[];
beforeEach(() => {
  clock = new TurnableClock(0);
  idle = new IdleSandboxes(clock);
  ended = [];
});

const owner = {};
const add = (of = owner): FakeSandbox => {
  const sandbox = new FakeSandbox();
  idle.add({ owner: of, sandbox, ended: () => void ended.push(sandbox) });
  return sandbox;
};

test("the sandbox that its function used last is used first, and no other function's", () => {
  const [first, second] = [add(), add()];
  add({});
  expect([idle.take(owner), idle.take(owner), idle.take(owner)]).toEqual([second, first, undefined]);
  expect(ended).toEqual([]);
});

test("a sandbox that is not used for a minute is ended, and one that is used is not", () => {
  const [unused, used] = [add(), add()];
  clock.turn(59_000);
  const taken = idle.take(owner)!;
  expect(taken).toBe(used);
  clock.turn(1000);
  expect([unused.alive, used.alive, ended]).toEqual([false, true, [unused]]);
});

test("of more than twelve idle sandboxes of all functions, those that were used longest ago are ended", () => {
  const all = Array.from({ length: 14 }, () => add({}));
  expect(ended).toEqual(all.slice(0, 2));
  expect(all.map(({ alive }) => alive)).toEqual(all.map((_, index) => index >= 2));
});

test("a sandbox that died while it was idle is not used again, and a function that stops keeps its own", () => {
  const [alive, died] = [add(), add()];
  died.alive = false;
  expect(idle.take(owner)).toBe(alive);
  expect(ended).toEqual([died]);
  add();
  idle.forgetAll(owner);
  clock.turn(600_000);
  expect(ended).toEqual([died]);
});
