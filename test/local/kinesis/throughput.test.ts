import { expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { SECOND_MS } from "../../../base/durations.ts";
import { Throughput } from "../../../local/kinesis/throughput.ts";

const countOf = (takes: () => boolean): number => {
  let count = 0;
  while (takes()) count++;
  return count;
};

test("a shard takes 1,000 records a second", () => {
  const clock = new TurnableClock(0);
  const throughput = new Throughput(clock);
  expect(countOf(() => throughput.admitsWrite("porch/0", 1))).toBe(1000);
  expect(throughput.admitsWrite("porch/1", 1)).toBe(true);
  clock.turn(SECOND_MS);
  expect(countOf(() => throughput.admitsWrite("porch/0", 1))).toBe(1000);
});

test("a shard takes 1 MiB a second", () => {
  const clock = new TurnableClock(0);
  const throughput = new Throughput(clock);
  expect(countOf(() => throughput.admitsWrite("porch/0", 256 * 1024))).toBe(4);
  clock.turn(SECOND_MS / 2);
  expect(countOf(() => throughput.admitsWrite("porch/0", 256 * 1024))).toBe(2);
});

test("a shard is read 5 times a second, and later after a large read", () => {
  const clock = new TurnableClock(0);
  const throughput = new Throughput(clock);
  expect(countOf(() => throughput.admitsRead("porch/0"))).toBe(5);
  clock.turn(SECOND_MS);
  expect(throughput.admitsRead("porch/0")).toBe(true);
  throughput.countRead("porch/0", 10 * 1024 * 1024);
  for (let second = 0; second < 4; second++) {
    expect(throughput.admitsRead("porch/0")).toBe(false);
    clock.turn(SECOND_MS);
  }
  clock.turn(1);
  expect(throughput.admitsRead("porch/0")).toBe(true);
});
