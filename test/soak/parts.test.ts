import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { MINUTE_MS } from "../../base/durations.ts";
import { randomSequence } from "../../base/random.ts";
import { balanceOf, type LakeCount } from "./count.ts";
import { ledgerFaults, MotionReporter } from "./motion-reports.ts";
import { deliveryOrder, soakEvents } from "./soak-events.ts";
import { stepsOf } from "./steps.ts";

const NOW_MS = Date.UTC(2026, 10, 30);

test("a seed repeats the events, their order, and where kills and faults fall among them", () => {
  const all = () => {
    const random = randomSequence(7);
    const events = soakEvents(500, random, NOW_MS);
    return { events, order: deliveryOrder(events, random), steps: stepsOf({ kills: 5, faults: 4 }, random) };
  };
  const once = all();
  expect(all()).toEqual(once);
  expect(new Set(once.order)).toEqual(new Set(once.events));
  expect(once.order.length).toBeGreaterThan(once.events.length);
  expect(new Set(once.events.map(({ kind }) => kind))).toEqual(new Set(["detection", "end", "unreadable"]));
  expect(once.steps.filter(({ refused }) => refused === undefined)).toHaveLength(5);
  expect(once.steps.findLast(({ refused }) => refused !== undefined)!.refused).toEqual([]);
});

test("what is acknowledged and nowhere is lost; what can be read and is in quarantine is misplaced", () => {
  const event = (id: string, kind: "detection" | "end" | "unreadable") => ({
    id,
    kind,
    text: `text of ${id}`,
  });
  const stored = event("detection-1", "detection");
  const lost = event("detection-2", "detection");
  const misplaced = event("end-3", "end");
  const [quarantined, vanished] = [event("unreadable-4", "unreadable"), event("unreadable-5", "unreadable")];
  const events = [stored, lost, misplaced, quarantined, vanished];
  const lake: LakeCount = {
    detections: new Set(["detection-1", "detection-99"]),
    ends: new Set(["a session of a camera"]),
    decided: new Set(["detection-1"]),
    rows: 3,
    ledger: [],
    quarantined: new Map([
      [misplaced.text, "the function failed"],
      [quarantined.text, "eventNamespace is missing"],
    ]),
  };
  expect(balanceOf(lake, events, new Set(events))).toEqual({
    lost: ["detection-2", "unreadable-5"],
    undecided: [],
    misplaced: ["end-3: the function failed"],
    unknown: ["detection-99"],
  });
  expect(balanceOf(lake, events, new Set([stored])).lost).toEqual([]);
  const { undecided } = balanceOf({ ...lake, decided: new Set() }, events, new Set(events));
  expect(undecided).toEqual(["detection-1"]);
});

test("motion lasts as long as it lasts, however late its start is accepted", async () => {
  const sent: { at: number }[] = [];
  const api = createServer((request, response) => {
    void json(request).then((body) => {
      sent.push(body as { at: number });
      response.statusCode = sent.length === 1 ? 503 : 200;
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const abort = new AbortController();
  // Between two readings of the clock the cloud is out of reach, or its clock is turned.
  let nowMs = NOW_MS - MINUTE_MS;
  const reporter = new MotionReporter("a", url, "token", () => {
    abort.abort();
    return 0.5;
  });
  await reporter.run(abort.signal, () => (nowMs += MINUTE_MS));
  api.close();
  expect(reporter.reported).toEqual([{ fromMs: NOW_MS, untilMs: NOW_MS + 4000 }]);
  expect(sent.map(({ at }) => at - NOW_MS)).toEqual([0, 0, 4000]);
});

test("motion that the ledger lacks is missing, and what two entries have is doubled, to the millisecond", () => {
  const entry = (fromMs: number, untilMs: number) => ({
    eventId: `${fromMs}`,
    cameraId: "a",
    fromMs,
    untilMs,
  });
  expect(ledgerFaults([{ fromMs: 10, untilMs: 20 }], [entry(0, 15), entry(15, 40)])).toEqual({
    missing: [],
    missingMs: 0,
    doubledMs: 0,
  });
  expect(ledgerFaults([{ fromMs: 10, untilMs: 20 }], [entry(0, 12), entry(11, 15)])).toEqual({
    missing: [{ fromMs: 15, untilMs: 20 }],
    missingMs: 5,
    doubledMs: 1,
  });
});
