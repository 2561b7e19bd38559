import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, expect, test } from "@jest/globals";
import { TurnableClock } from "../../base/clock.ts";
import { openDocuments, type Collection } from "../../local/documents.ts";
import { Events } from "../../local/events.ts";
import { RetryQueue, type Attempt, type QueuedItem } from "../../local/retry-queue.ts";

const LIMITS = { maxRetries: 2, maxAgeMs: 100_000 };
const START_MS = 1_000_000;

const failed: Attempt<string> = { kind: "failed", error: "no", retryAfterMs: 10_000 };
const postponed: Attempt<string> = { kind: "postponed", error: "busy", retryAfterMs: 10_000 };
const done: Attempt<string> = { kind: "done" };

let clock: TurnableClock;
let documents: ReturnType<typeof openDocuments>;
/** What attempts come to, in this order; the last one for all that follow. */
let script: Attempt<string>[];
let attempts: { readonly retries: number; readonly atMs: number }[];
let ends: unknown[];
let queue: RetryQueue<string, string>;
let events: Events;
let isFull: boolean;

/** The stored items, on a disk that may be full. */
function breakable(): Collection<never> {
  const items = documents.collection<never>("test");
  const refuseWhenFull = (): void => {
    if (isFull) throw new Error("database or disk is full");
  };
  return {
    ...items,
    put: (key, item) => {
      refuseWhenFull();
      items.put(key, item);
    },
    delete: (key) => {
      refuseWhenFull();
      return items.delete(key);
    },
  };
}

const open = (): RetryQueue<string, string> =>
  new RetryQueue<string, string>(
    { clock, documents: { ...documents, collection: () => breakable() }, events },
    {
      name: "test",
      target: (item) => item,
      limits: () => LIMITS,
      attempt: ({ retries }) => {
        attempts.push({ retries, atMs: clock.now() - START_MS });
        return Promise.resolve(script.length > 1 ? script.shift()! : script[0]!);
      },
      onEnd: ({ item, retries }, reason, error) => {
        ends.push([item, retries, reason, error]);
        return Promise.resolve();
      },
    },
  );

const kept = (): string[] =>
  documents
    .collection<QueuedItem<string>>("test")
    .list()
    .map(({ item }) => item);

/** Turns the clock and waits for the attempts that became due. */
async function turn(durationMs: number): Promise<void> {
  clock.turn(durationMs);
  await queue.settled();
  await nextTurn();
}

beforeEach(() => {
  clock = new TurnableClock(START_MS);
  documents = openDocuments(":memory:");
  script = [done];
  attempts = [];
  ends = [];
  isFull = false;
  events = new Events(clock);
  queue = open();
});

test("an item is attempted at once, and forgotten when that succeeds", async () => {
  queue.add("1", "letter");
  expect(kept()).toEqual(["letter"]);
  await turn(0);
  expect(attempts).toEqual([{ retries: 0, atMs: 0 }]);
  expect([kept(), ends]).toEqual([[], []]);
});

test("an item that fails is retried after its delay, and given up when its retries are used up", async () => {
  script = [failed];
  queue.add("1", "letter");
  await turn(0);
  await turn(9_999);
  expect(attempts).toHaveLength(1);
  await turn(1);
  await turn(10_000);
  await turn(1_000_000);
  expect(attempts).toEqual([
    { retries: 0, atMs: 0 },
    { retries: 1, atMs: 10_000 },
    { retries: 2, atMs: 20_000 },
  ]);
  expect([kept(), ends]).toEqual([[], [["letter", 2, "retries", "no"]]]);
});

test("a postponed attempt counts as no retry, but the item still grows too old", async () => {
  script = [postponed];
  queue.add("1", "letter");
  await turn(0);
  for (let turns = 0; turns < 20; turns++) await turn(10_000);
  expect(attempts).toHaveLength(11);
  expect(attempts.every(({ retries }) => retries === 0)).toBe(true);
  expect(ends).toEqual([["letter", 0, "age", "busy"]]);
});

test("a refused item is given up at once", async () => {
  script = [{ kind: "refused", error: "never" }];
  queue.add("1", "letter");
  await turn(0);
  await turn(1_000_000);
  expect(attempts).toHaveLength(1);
  expect([kept(), ends]).toEqual([[], [["letter", 0, "refused", "never"]]]);
});

test("items that wait survive a restart, with their retries and due times", async () => {
  script = [failed, done];
  queue.add("1", "letter");
  await turn(0);
  queue.stop();
  await turn(5_000);
  queue = open();
  queue.resume();
  await turn(4_999);
  expect(attempts).toHaveLength(1);
  await turn(1);
  expect(attempts.at(-1)).toEqual({ retries: 1, atMs: 10_000 });
  expect(kept()).toEqual([]);
});

test("an attempt that fails while the queue stops is repeated after a restart", async () => {
  script = [failed, done];
  queue.add("1", "letter");
  clock.turn(0);
  queue.stop();
  await queue.settled();
  expect([kept(), ends]).toEqual([["letter"], []]);
  queue = open();
  queue.resume();
  await turn(0);
  expect(attempts.map(({ retries }) => retries)).toEqual([0, 0]);
  expect(kept()).toEqual([]);
});

test("a target has twenty attempts in progress, and another one does not wait for it", async () => {
  const held: (() => void)[] = [];
  const begun: string[] = [];
  queue = new RetryQueue<string, string>(
    { clock, documents, events },
    {
      name: "held",
      target: (item) => item,
      limits: () => LIMITS,
      attempt: async ({ id, item }) => {
        begun.push(id);
        if (item === "slow") await new Promise<void>((resolve) => held.push(resolve));
        return done;
      },
      onEnd: () => Promise.resolve(),
    },
  );
  const ids = Array.from({ length: 22 }, (_, index) => `slow-${index}`);
  for (const id of ids) queue.add(id, "slow");
  queue.add("other", "quick");
  clock.turn(0);
  expect(begun).toEqual([...ids.slice(0, 20), "other"]);
  held[0]!();
  await nextTurn();
  expect(begun.at(-1)).toBe("slow-20");
  for (let next = 1; next < ids.length; next++) {
    held[next]!();
    await nextTurn();
  }
  await queue.settled();
  expect(begun).toEqual([...ids.slice(0, 20), "other", "slow-20", "slow-21"]);
});

test("on a full disk an item is refused, and those that were accepted are attempted to the end", async () => {
  script = [failed, failed, done];
  queue.add("a", "a");
  isFull = true;
  expect(() => queue.add("b", "b")).toThrow("database or disk is full");
  for (let turns = 0; turns < 3; turns++) await turn(10_000);
  expect(attempts.map(({ retries }) => retries)).toEqual([0, 1, 2]);
  expect(events.matching(() => true).map(({ name, detail }) => [name, detail])).toEqual(
    Array(3).fill(["write-failed", { what: "test", error: "database or disk is full" }]),
  );
  expect(kept()).toEqual(["a"]);
});
