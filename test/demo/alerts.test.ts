import { expect, test } from "@jest/globals";
import { alertTable, sentAlerts } from "../../demo/alerts.ts";
import type { CloudEvent } from "../../local/index.ts";
import { detailOf } from "../core/alerts/samples.ts";

const RAISED_MS = Date.parse(detailOf().raisedAt);
const TOPIC = "arn:aws:sns:us-east-1:000000000000:detections";

const published = (atMs: number, topicArn = TOPIC): CloudEvent => ({
  service: "sns",
  name: "published",
  detail: { topicArn },
  atMs,
});
const onBus = (type: string, changes: object, atMs: number): CloudEvent => ({
  service: "eventbridge",
  name: "event-received",
  detail: { event: { "detail-type": type, detail: detailOf(changes) } },
  atMs,
});
const logged = (message: string, revision: number, atMs: number, more: object = {}): CloudEvent => ({
  service: "lambda",
  name: "log",
  detail: {
    line: JSON.stringify({ message, revision, alertId: detailOf().alertId, targetId: "demo", ...more }),
  },
  atMs,
});
const [person] = detailOf().labels;

test("the demo shows each revision of an alert, what became of it, and how long after its detection", () => {
  const events = [
    published(RAISED_MS - 300),
    // Of another topic, and of the session's end.
    published(RAISED_MS - 100, "arn:other"),
    published(RAISED_MS + 50),
    onBus("SessionStarted", {}, RAISED_MS),
    onBus("AlertRaised", {}, RAISED_MS + 2000),
    logged("alert not accepted", 1, RAISED_MS + 2100, { reason: "status 503" }),
    logged("alert sent", 1, RAISED_MS + 7000, { targetId: "another" }),
    logged("alert sent", 1, RAISED_MS + 7200),
    published(RAISED_MS + 8000),
    onBus("AlertUpdated", { revision: 2, labels: [person, { ...person, name: "PET" }] }, RAISED_MS + 8200),
    logged("alert sent", 2, RAISED_MS + 8500),
    onBus(
      "AlertEnded",
      { revision: 3, silent: true, labels: [person, { ...person, name: "PET" }] },
      RAISED_MS + 9000,
    ),
    { service: "lambda", name: "log", detail: { line: "no JSON" }, atMs: RAISED_MS },
  ];
  const alerts = sentAlerts(events, { topicArn: TOPIC, sinceMs: RAISED_MS });
  const common = { camera: "front-door", silent: false };
  expect(alerts).toEqual([
    {
      ...common,
      type: "AlertRaised",
      revision: 1,
      title: "Person at front-door",
      labels: ["PERSON"],
      outcome: "sent",
      afterMs: 7500,
    },
    {
      ...common,
      type: "AlertUpdated",
      revision: 2,
      title: "Person and pet at front-door",
      labels: ["PERSON", "PET"],
      outcome: "sent",
      afterMs: 500,
    },
    {
      ...common,
      type: "AlertEnded",
      revision: 3,
      silent: true,
      title: "Person and pet at front-door (ended)",
      labels: ["PERSON", "PET"],
      outcome: "waiting",
    },
  ]);
  expect(alertTable(alerts).rows).toEqual([
    ["front-door", "1", "Person at front-door", "sent", "7.50 s"],
    ["front-door", "2", "Person and pet at front-door", "sent", "0.50 s"],
    ["front-door", "3", "Person and pet at front-door (ended)", "waiting", ""],
  ]);
  expect(sentAlerts(events, { topicArn: TOPIC, sinceMs: RAISED_MS + 10_000 })).toEqual([]);
});

test("the demo says why a message was not sent", () => {
  const events = [
    onBus("AlertRaised", {}, RAISED_MS),
    logged("alert not accepted", 1, RAISED_MS + 10, { reason: "connect ECONNREFUSED" }),
  ];
  expect(alertTable(sentAlerts(events, { topicArn: TOPIC, sinceMs: 0 })).rows).toEqual([
    ["front-door", "1", "Person at front-door", "not accepted: connect ECONNREFUSED", ""],
  ]);
});
