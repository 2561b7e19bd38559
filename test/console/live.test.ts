import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { beforeEach, expect, test } from "@jest/globals";
import { nextTurn } from "../../base/clock.ts";
import { HOUR_MS } from "../../base/durations.ts";
import { LiveFeed } from "../../console/live.ts";
import { consoleWorld, NOW_MS, type ConsoleWorld } from "./world.ts";

let world: ConsoleWorld;
let feed: LiveFeed;

beforeEach(() => {
  world = consoleWorld();
  feed = new LiveFeed(world.cloud);
});

/** A page's response, which keeps what is written. */
class Page extends EventEmitter {
  status = 0;
  text = "";
  isEnded = false;

  writeHead(status: number): this {
    this.status = status;
    return this;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  end(): this {
    this.isEnded = true;
    return this;
  }

  count(part: string): number {
    return this.text.split(part).length - 1;
  }
}

function connect(): Page {
  const page = new Page();
  feed.serve(page as unknown as ServerResponse);
  return page;
}

/** Lets so many seconds of the clock pass; a list of the lake in memory ends within a turn of the event loop. */
async function pass(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed++) {
    world.clock.turn(1000);
    await nextTurn();
  }
}

test("what is there when a page connects is not new, and a file that comes is, once", async () => {
  world.lake.add("detection_records", NOW_MS);
  const page = connect();
  await pass(15);
  expect(page.text).toBe('retry: 2000\n\nevent: cloud\ndata: {"state":"back"}\n\n: still here\n\n');
  page.text = "";
  world.lake.add("session_records", NOW_MS);
  await pass(1);
  const activity = `event: activity\ndata: {"atMs":${NOW_MS + 16_000},"tables":["session_records"]}\n\n`;
  expect(page.text).toBe(activity);
  await pass(30);
  expect(page.count("event: activity")).toBe(1);
});

test("a file of an earlier hour, of video that was uploaded later, is new within ten lists", async () => {
  const page = connect();
  await pass(2);
  world.lake.add("detection_records", NOW_MS - 30 * HOUR_MS);
  await pass(10);
  expect(page.count("event: activity")).toBe(1);
});

test("a cloud that does not respond is reported once, and that it is back", async () => {
  const page = connect();
  await pass(2);
  world.lake.failure = new Error("ECONNREFUSED");
  await pass(10);
  expect(page.count('"state":"lost"')).toBe(1);
  expect(page.text).toContain('"error":"ECONNREFUSED","remedy":"');
  expect(connect().count('"state":"lost"')).toBe(1);
  world.lake.failure = undefined;
  await pass(1);
  expect(page.text.endsWith('data: {"state":"back"}\n\n')).toBe(true);
});

test("a connection is kept open by a comment every 15 seconds", async () => {
  const page = connect();
  await pass(40);
  expect(page.count(": still here\n\n")).toBe(2);
});

test("nothing is listed while no page is connected", async () => {
  const page = connect();
  await pass(3);
  page.emit("close");
  expect(world.clock.nextDueMs).toBeUndefined();
});

test("a feed that closes ends its pages and lists no more", async () => {
  const page = connect();
  await pass(3);
  feed.close();
  expect([page.isEnded, world.clock.nextDueMs]).toEqual([true, undefined]);
});

test("more pages than are served are sent away for good", () => {
  const pages = Array.from({ length: 51 }, connect);
  expect(pages.map(({ status }) => status)).toEqual([...Array<number>(50).fill(200), 204]);
  expect(pages[50]!.isEnded).toBe(true);
});
