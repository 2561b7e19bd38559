import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { HOUR_MS } from "../../base/durations.ts";
import { serveConsole, type OpenConsole } from "../../console/server.ts";
import { ConsoleClient } from "./client.ts";
import { consoleWorld, NOW_MS, type ConsoleWorld } from "./world.ts";

let world: ConsoleWorld;
let open: OpenConsole;
let client: ConsoleClient;
let pages: AbortController[];

beforeEach(async () => {
  world = consoleWorld();
  open = await serveConsole(world.cloud, new Map(), 0);
  client = new ConsoleClient(open.url);
  pages = [];
});
afterEach(async () => {
  for (const page of pages) page.abort();
  await open.close();
});

/** A connected page, and what it got so far. */
async function connect(): Promise<{ readonly got: () => string; readonly close: () => void }> {
  const page = new AbortController();
  pages.push(page);
  const response = await fetch(`http://127.0.0.1:${client.port}/api/live`, {
    headers: { cookie: client.own["cookie"]! },
    signal: page.signal,
  });
  let text = "";
  void (async () => {
    for await (const chunk of response.body!) text += Buffer.from(chunk).toString("utf8");
  })().catch(() => {});
  return { got: () => text, close: () => page.abort() };
}

/** Turns the clock a second at a time until it holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 200) throw new Error("it does not hold after 200 seconds");
    world.clock.turn(1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Lets so many seconds of the clock pass. */
async function pass(seconds: number): Promise<void> {
  let left = seconds;
  await until(() => left-- <= 0);
}

const count = (text: string, part: string): number => text.split(part).length - 1;

test("what is there when a page connects is not new, and a file that comes is, once", async () => {
  world.lake.add("detection_records", NOW_MS);
  const { got } = await connect();
  await pass(15);
  expect(got()).toContain('event: cloud\ndata: {"state":"back"}\n\n');
  expect(count(got(), "event: activity")).toBe(0);
  world.lake.add("session_records", NOW_MS);
  await until(() => got().includes("event: activity"));
  expect(got()).toMatch(/event: activity\ndata: \{"atMs":\d+,"tables":\["session_records"\]\}\n\n/);
  await pass(30);
  expect(count(got(), "event: activity")).toBe(1);
});

test("a file of an earlier hour, of video that was uploaded later, is new as well", async () => {
  const { got } = await connect();
  await pass(2);
  world.lake.add("detection_records", NOW_MS - 30 * HOUR_MS);
  await until(() => got().includes("event: activity"));
});

test("a cloud that does not respond is reported once, and that it is back", async () => {
  const { got } = await connect();
  await pass(2);
  world.lake.failure = new Error("ECONNREFUSED");
  await until(() => got().includes('"state":"lost"'));
  await pass(10);
  expect(count(got(), '"state":"lost"')).toBe(1);
  expect(got()).toContain('"error":"ECONNREFUSED","remedy":"');
  const second = await connect();
  await until(() => second.got().includes('"state":"lost"'));
  world.lake.failure = undefined;
  await until(() => got().endsWith('data: {"state":"back"}\n\n'));
});

test("a connection is kept open by a comment every 15 seconds", async () => {
  const { got } = await connect();
  await pass(40);
  expect(count(got(), ": still here\n\n")).toBe(2);
});

test("nothing is listed while no page is connected", async () => {
  const { close } = await connect();
  await pass(3);
  close();
  await pass(2);
  const due = world.clock.nextDueMs;
  expect(due).toBeUndefined();
});

test("more pages than are served are sent away for good", async () => {
  await Promise.all(Array.from({ length: 50 }, connect));
  const { cookie, host } = client.own;
  const answer = await client.send("GET", "/api/live", { headers: { cookie, host } });
  expect(answer.status).toBe(204);
});
