import { describe, expect, test } from "@jest/globals";
import { DAY_MS, SECOND_MS } from "../../../base/durations.ts";
import type { TopicMessage } from "../../../core/alerts/messages/message.ts";
import { sendAlert, type SendParts } from "../../../core/alerts/send.ts";
import { SlowTargets } from "../../../core/alerts/slow-targets.ts";
import type { PersonRecord } from "../../../schemas/person.ts";
import type { AlertTarget } from "../../../schemas/alert-target.ts";
import type { WebhookMessage, WebhookOutcome } from "../../../schemas/webhook.ts";
import { deliveryOf, targetOf } from "./samples.ts";

const NOW_MS = Date.parse("2026-11-30T14:02:06Z");

interface World {
  readonly target?: AlertTarget | undefined;
  readonly outcome?: WebhookOutcome;
  readonly tookMs?: number;
  readonly persons?: readonly PersonRecord[];
}

/** What sends, with one target and one outcome of every attempt. */
function worldOf({
  target = targetOf(),
  outcome = { kind: "accepted", status: 204 },
  tookMs = 0,
  persons = [],
}: World = {}) {
  let nowMs = NOW_MS;
  const posted: WebhookMessage[] = [];
  const published: TopicMessage[] = [];
  const disabled: string[] = [];
  const parts: SendParts = {
    now: () => nowMs,
    random: () => 0.5,
    findTarget: async (targetId) => (targetId === target.targetId ? target : undefined),
    disableTarget: async ({ targetId }, reason) => void disabled.push(`${targetId}: ${reason}`),
    secret: async () => "secret",
    post: async (message) => {
      posted.push(message);
      nowMs += tookMs;
      return outcome;
    },
    publish: async (message) => void published.push(message),
    persons: { find: async (personId) => persons.find((one) => one.personId === personId) },
    slowTargets: new SlowTargets(),
    apiUrl: "https://api.example",
  };
  return { parts, posted, published, disabled };
}

const received = (delivery: object = deliveryOf(), attempt = 1, sentAtMs = NOW_MS) => ({
  body: JSON.stringify(delivery),
  attempt,
  sentAtMs,
});

describe("a message", () => {
  test("is sent with the alert's links, and the target's host is known for the log", async () => {
    const { parts, posted } = worldOf();
    const picture = {
      frameUri: "s3://bucket/evidence/frame.jpg",
      cropUri: "s3://bucket/evidence/crop.jpg",
    };
    const delivery = deliveryOf({}, { picture });
    expect(await sendAlert(parts, received(delivery))).toEqual({
      kind: "sent",
      delivery,
      host: "receiver.example",
    });
    const { links } = (JSON.parse(posted[0]!.body) as { data: { links: Record<string, string> } }).data;
    expect(links).toEqual({
      frame: expect.stringMatching(/^https:\/\/api\.example\/media\/[\w-]+\.[\w-]+$/),
      crop: expect.stringMatching(/^https:\/\/api\.example\/media\/[\w-]+\.[\w-]+$/),
      snooze: expect.stringMatching(/^https:\/\/api\.example\/snooze\/[\w-]+\.[\w-]+$/),
    });
    expect(posted[0]!.body).not.toContain("s3://");
  });

  test("has no links to pictures for a target without pictures", async () => {
    const { parts, posted } = worldOf({ target: targetOf({ pictures: false }) });
    await sendAlert(parts, received(deliveryOf({}, { picture: { frameUri: "s3://bucket/evidence/f.jpg" } })));
    const { links } = (JSON.parse(posted[0]!.body) as { data: { links: object } }).data;
    expect(Object.keys(links)).toEqual(["snooze"]);
  });

  test("names the persons of its alert by what they are called now, and leaves out who is not enrolled any more", async () => {
    const idOf = (digit: number): string => `person-${String(digit).repeat(20)}`;
    const consent = { givenBy: "Anna", givenAtMs: 0, wording: "2026-11", expiresAtMs: NOW_MS + 1 };
    const anna = { personId: idOf(1), version: 2, name: "Anna", consent, createdAtMs: 0 };
    const removed = { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 };
    const { parts, posted } = worldOf({
      persons: [
        anna,
        { personId: idOf(2), version: 2, mergedInto: idOf(1) },
        { ...anna, personId: idOf(3), name: "Expired", consent: { ...consent, expiresAtMs: NOW_MS } },
        {
          personId: idOf(4),
          version: 2,
          forgottenAtMs: 0,
          reason: "requested",
          step: "lake",
          ids: [idOf(4)],
          removed,
        },
      ],
    });
    const delivery = deliveryOf({}, { persons: [idOf(4), idOf(2), "unknown", idOf(1), idOf(3), idOf(5)] });
    const sending = await sendAlert(parts, received(delivery));
    const { data } = JSON.parse(posted[0]!.body) as { data: object };
    expect(data).toMatchObject({
      title: "Anna and unknown person at front-door",
      persons: [{ person: idOf(1), name: "Anna" }, { person: "unknown" }],
    });
    // What is returned is logged.
    expect(JSON.stringify(sending)).not.toContain("Anna");
  });

  test("is received again when the names cannot be looked up", async () => {
    const { parts, posted } = worldOf();
    const persons = { find: () => Promise.reject(new Error("table throttled")) };
    const delivery = deliveryOf({}, { persons: [`person-${"1".repeat(20)}`] });
    expect(await sendAlert({ ...parts, persons }, received(delivery))).toMatchObject({
      kind: "postponed",
      reason: "table throttled",
    });
    expect(posted).toEqual([]);
  });

  test("is published for a target of SNS, and not needed when it changes nothing there", async () => {
    const { parts, published } = worldOf({ target: targetOf({ format: "sns", url: undefined }) });
    expect(await sendAlert(parts, received())).toMatchObject({ kind: "sent" });
    expect(published).toMatchObject([{ subject: "Person at front-door", attributes: { target: "phone" } }]);
    expect(await sendAlert(parts, received(deliveryOf({}, { silent: true })))).toMatchObject({
      kind: "not-needed",
      reason: "a silent change, and sns cannot replace a message",
    });
  });

  test("that is refused is received again after the delay of its attempt, or as late as Retry-After says", async () => {
    const outcome = { kind: "refused", status: 503, reason: "it responded 503" } as const;
    const delays = await Promise.all(
      [1, 2, 3].map((attempt) => sendAlert(worldOf({ outcome }).parts, received(deliveryOf(), attempt))),
    );
    expect(delays).toMatchObject([
      { kind: "postponed", delayMs: 5 * SECOND_MS, reason: "it responded 503" },
      { kind: "postponed", delayMs: 30 * SECOND_MS },
      { kind: "postponed", delayMs: 120 * SECOND_MS },
    ]);
    const { parts } = worldOf({ outcome: { ...outcome, retryAfter: "60" } });
    expect(await sendAlert(parts, received())).toMatchObject({ kind: "postponed", delayMs: 60 * SECOND_MS });
  });

  test("that is refused a day after it was sent is given up, with the last reason", async () => {
    const { parts } = worldOf({ outcome: { kind: "refused", reason: "it refused the connection" } });
    expect(await sendAlert(parts, received(deliveryOf(), 12, NOW_MS - DAY_MS))).toMatchObject({
      kind: "unsent",
      reason: "not accepted within a day, at last because it refused the connection",
    });
  });

  test("is given up at once when its target is not, is disabled, lacks a setting, or may not be sent to", async () => {
    const results = await Promise.all([
      sendAlert(worldOf().parts, received(deliveryOf({ targetId: "unknown" }))),
      sendAlert(worldOf({ target: targetOf({ disabled: "it responded 410 (gone)" }) }).parts, received()),
      sendAlert(worldOf({ target: targetOf({ url: undefined }) }).parts, received()),
      sendAlert(worldOf({ outcome: { kind: "blocked", reason: "its URL is not valid" } }).parts, received()),
    ]);
    expect(results.map(({ kind, reason }) => [kind, reason])).toEqual([
      ["unsent", "the target does not exist"],
      ["unsent", "the target is disabled: it responded 410 (gone)"],
      ["unsent", "the target phone has no URL"],
      ["unsent", "its URL is not valid"],
    ]);
  });

  test("that a receiver calls gone disables its target", async () => {
    const { parts, disabled } = worldOf({
      outcome: { kind: "gone", status: 410, reason: "it responded 410 (gone)" },
    });
    expect(await sendAlert(parts, received())).toMatchObject({
      kind: "unsent",
      reason: "it responded 410 (gone)",
    });
    expect(disabled).toEqual(["phone: it responded 410 (gone)"]);
  });

  test("that cannot be read is given up with what is wrong with it", async () => {
    const { parts } = worldOf();
    const results = await Promise.all(
      ["{", "null", JSON.stringify({ ...deliveryOf(), atMs: "now" })].map((body) =>
        sendAlert(parts, { body, attempt: 1, sentAtMs: NOW_MS }),
      ),
    );
    expect(results).toEqual([
      { kind: "unsent", reason: "not a message to a target: not JSON" },
      { kind: "unsent", reason: expect.stringMatching(/^not a message to a target: .*received null/i) },
      {
        kind: "unsent",
        reason: expect.stringMatching(/^not a message to a target: atMs: .*received "now"/i),
      },
    ]);
  });

  test("is received again after what failed here, such as a table that cannot be read", async () => {
    const { parts } = worldOf();
    const failing = { ...parts, findTarget: () => Promise.reject(new Error("table throttled")) };
    expect(await sendAlert(failing, received())).toMatchObject({
      kind: "postponed",
      delayMs: 5 * SECOND_MS,
      reason: "table throttled",
    });
  });
});

test("a target that was slow is not tried by the next messages, which wait as after a failure", async () => {
  const { parts, posted } = worldOf({
    outcome: { kind: "refused", reason: "it did not respond within 10 s" },
    tookMs: 10_000,
  });
  const results = [await sendAlert(parts, received()), await sendAlert(parts, received())];
  expect(posted).toHaveLength(1);
  expect(results.map(({ kind, reason }) => [kind, reason])).toEqual([
    ["postponed", "it did not respond within 10 s"],
    ["postponed", "the target was slow a moment ago"],
  ]);
});
