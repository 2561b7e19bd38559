/**
 * A thousand alerts in a minute, of three revisions each, for a receiver that fails half the time: it refuses, closes the
 * connection, accepts and then says that it did not, or does not respond. The real sender runs over a queue in memory, on a
 * clock that is turned. Each revision must be received, and the receiver, which replaces what it has by the alert's id and
 * ignores lower revisions, must end with the last one of each alert. Beside it a sender that tries once.
 *
 * Then a target that does not respond at all has a thousand messages, and another has a hundred in between: how long those
 * wait, and how long they would if each of the thousand were tried at once.
 *
 *     npm run bench -- alert-storm [-- --alerts=1000]
 */
import * as v from "valibot";
import { nextTurn, sleep, TurnableClock } from "../base/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../base/durations.ts";
import { randomSequence, type Random } from "../base/random.ts";
import { signingKeys } from "../core/alerts/keys.ts";
import { sendAlert, type SendParts } from "../core/alerts/send.ts";
import { SlowTargets } from "../core/alerts/slow-targets.ts";
import { verify } from "../core/webhook.ts";
import type { AlertDelivery } from "../schemas/alert-message.ts";
import { alertTarget, type AlertTarget } from "../schemas/alert-target.ts";
import type { WebhookMessage, WebhookOutcome } from "../schemas/webhook.ts";
import { quantile, rounded, words } from "./figures.ts";
import { numberFlag } from "./flags.ts";
import { figure, report } from "./result.ts";

const ALERTS = numberFlag("alerts", 1000);
const START_MS = Date.parse("2026-11-30T12:00:00Z");
/** Functions at a time, and the messages of each (serverless.yml). */
const FUNCTIONS = 5;
const BATCH_SIZE = 10;
/** What a function does beside the attempt takes so long: assumed. */
const OVERHEAD_MS = 20;
const RESPONSE_MS = 100;
const TIMEOUT_MS = 10 * SECOND_MS;
const SECRET = "the alerts' secret";

interface Message {
  readonly body: string;
  readonly sentAtMs: number;
  attempt: number;
  visibleAtMs: number;
}

interface Options {
  readonly targets: readonly AlertTarget[];
  post(world: World, message: WebhookMessage): Promise<WebhookOutcome>;
  /** Whether a function leaves a slow target alone for a while. */
  readonly pauses?: boolean;
  /** Whether a message is tried once. */
  readonly once?: boolean;
}

/** The queue of deliveries and its functions. */
class World {
  readonly clock = new TurnableClock(START_MS);
  readonly random: Random = randomSequence(1);
  /** Ids of what was given up, and is in the queue of the unsent. */
  readonly unsent = new Set<string>();
  attempts = 0;
  readonly #options: Options;
  readonly #queue: Message[] = [];
  readonly #idle: SendParts[];

  constructor(options: Options) {
    this.#options = options;
    this.#idle = Array.from({ length: FUNCTIONS }, () => this.#functionParts());
  }

  /** Puts a message into the queue after the delay. */
  deliver(afterMs: number, delivery: AlertDelivery): void {
    this.clock.after(afterMs, () => {
      const nowMs = this.clock.now();
      const message = { body: JSON.stringify(delivery), sentAtMs: nowMs, attempt: 0, visibleAtMs: nowMs };
      this.#queue.push(message);
      this.#poll();
    });
  }

  /** Turns the clock until nothing waits for it any more. */
  async run(): Promise<void> {
    for (;;) {
      await nextTurn();
      const dueMs = this.clock.nextDueMs;
      if (dueMs === undefined) return;
      this.clock.turn(Math.max(0, dueMs - this.clock.now()));
    }
  }

  #functionParts(): SendParts {
    const { targets, post, pauses = true } = this.#options;
    const never = { isPaused: () => false, attempted: () => undefined } as unknown as SlowTargets;
    return {
      now: () => this.clock.now(),
      random: this.random,
      findTarget: async (targetId) => targets.find((one) => one.targetId === targetId),
      disableTarget: async () => undefined,
      persons: { find: async () => undefined },
      secret: async () => SECRET,
      post: (message) => {
        this.attempts++;
        return post(this, message);
      },
      publish: async () => undefined,
      slowTargets: pauses ? new SlowTargets() : never,
      apiUrl: "https://api.example",
    };
  }

  #poll(): void {
    while (this.#idle.length > 0) {
      const batch = this.#receive();
      if (batch.length === 0) return;
      const parts = this.#idle.shift()!;
      void this.#handle(parts, batch).then(() => {
        this.#idle.push(parts);
        this.#poll();
      });
    }
  }

  #receive(): Message[] {
    const nowMs = this.clock.now();
    const batch = this.#queue.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).slice(0, BATCH_SIZE);
    for (const message of batch) this.#queue.splice(this.#queue.indexOf(message), 1);
    return batch;
  }

  async #handle(parts: SendParts, batch: readonly Message[]): Promise<void> {
    await Promise.all(
      batch.map(async (message) => {
        message.attempt++;
        const sending = await sendAlert(parts, message);
        if (sending.kind === "unsent" || (sending.kind === "postponed" && this.#options.once))
          this.unsent.add(sending.delivery!.detail.eventId);
        else if (sending.kind === "postponed") {
          message.visibleAtMs = this.clock.now() + Math.ceil(sending.delayMs / SECOND_MS) * SECOND_MS;
          this.#queue.push(message);
          this.clock.after(message.visibleAtMs - this.clock.now(), () => this.#poll());
        }
      }),
    );
    await sleep(this.clock, OVERHEAD_MS);
  }
}

/** A receiver that keeps the last revision of each alert. */
class ReceiverState {
  readonly receivedIds = new Set<string>();
  readonly firstAtMs = new Map<string, number>();
  readonly revisions = new Map<string, number>();
  repeated = 0;
  ignored = 0;
  unverified = 0;

  receive(target: AlertTarget, { headers, body }: WebhookMessage, nowMs: number): void {
    const id = headers["webhook-id"]!;
    const [key] = signingKeys(SECRET, target, nowMs);
    const signed = { id, timestamp: headers["webhook-timestamp"], signature: headers["webhook-signature"] };
    if (!verify(signed, body, key!, nowMs).ok) this.unverified++;
    if (this.receivedIds.has(id)) this.repeated++;
    this.receivedIds.add(id);
    if (!this.firstAtMs.has(id)) this.firstAtMs.set(id, nowMs);
    const { alertId, revision } = (JSON.parse(body) as { data: { alertId: string; revision: number } }).data;
    const before = this.revisions.get(alertId) ?? 0;
    if (revision <= before) {
      this.ignored++;
      return;
    }
    this.revisions.set(alertId, revision);
  }
}

const targetOf = (targetId: string): AlertTarget =>
  v.parse(alertTarget, { targetId, format: "standard", url: `https://${targetId}.example` });

function deliveryOf(targetId: string, alertId: string, revision: number, atMs: number): AlertDelivery {
  const at = new Date(atMs).toISOString();
  return {
    targetId,
    type: (["AlertRaised", "AlertUpdated", "AlertEnded"] as const)[revision - 1]!,
    atMs,
    detail: {
      eventId: `${alertId}-${revision}`,
      alertId,
      revision,
      cameraId: "front-door",
      severity: "warning",
      silent: revision > 1,
      labels: [{ name: "PERSON", confidence: 95, detectedAt: at }],
      rules: ["people"],
      chainStartedAt: at,
      raisedAt: at,
    },
  };
}

const REVISIONS = 3;
/** A revision follows the one before after so long, so that a failed one is often sent after its successor. */
const REVISION_MS = 4 * SECOND_MS;

async function storm(once: boolean) {
  const target = targetOf("unreliable");
  const state = new ReceiverState();
  const world = new World({
    targets: [target],
    once,
    post: async ({ clock, random }, message) => {
      await sleep(clock, RESPONSE_MS);
      const failure = random() < 0.5 ? Math.floor(random() * 4) : undefined;
      switch (failure) {
        case 0:
          return { kind: "refused", status: 500, reason: "it responded 500" };
        case 1:
          return { kind: "refused", reason: "it closed the connection without a response" };
        case 2:
          // Received, but its response is lost.
          state.receive(target, message, clock.now());
          return { kind: "refused", reason: "it closed the connection without a response" };
        case 3:
          return { kind: "refused", status: 429, retryAfter: "7", reason: "it responded 429" };
        default:
          state.receive(target, message, clock.now());
          return { kind: "accepted", status: 204 };
      }
    },
  });
  const sentAtMs = new Map<string, number>();
  for (let index = 0; index < ALERTS; index++)
    for (let revision = 1; revision <= REVISIONS; revision++) {
      const alertId = `front-door-${START_MS + index}`;
      const afterMs = Math.floor((index * MINUTE_MS) / ALERTS) + (revision - 1) * REVISION_MS;
      const delivery = deliveryOf(target.targetId, alertId, revision, START_MS + afterMs);
      sentAtMs.set(delivery.detail.eventId, START_MS + afterMs);
      world.deliver(afterMs, delivery);
    }
  await world.run();
  const waits = [...state.firstAtMs].map(([id, atMs]) => atMs - sentAtMs.get(id)!);
  return {
    messages: ALERTS * REVISIONS,
    received: state.receivedIds.size,
    unsent: world.unsent.size,
    lost: [...sentAtMs.keys()].filter((id) => !state.receivedIds.has(id) && !world.unsent.has(id)).length,
    alertsAtLastRevision: [...state.revisions.values()].filter((revision) => revision === REVISIONS).length,
    receivedAgain: state.repeated,
    lowerRevisionsIgnored: state.ignored,
    unverified: state.unverified,
    attempts: world.attempts,
    secondsUntilReceived: secondsOf(waits),
  };
}

async function besideDead(pauses: boolean) {
  const [dead, alive] = [targetOf("dead"), targetOf("alive")];
  const state = new ReceiverState();
  const world = new World({
    targets: [dead, alive],
    pauses,
    post: async ({ clock }, message) => {
      if (new URL(message.url).hostname.startsWith("dead")) {
        await sleep(clock, TIMEOUT_MS);
        return { kind: "refused", reason: "it did not respond within 10 s" };
      }
      await sleep(clock, RESPONSE_MS);
      state.receive(alive, message, clock.now());
      return { kind: "accepted", status: 204 };
    },
  });
  const sentAtMs = new Map<string, number>();
  for (let index = 0; index < ALERTS; index++) {
    const afterMs = Math.floor((index * MINUTE_MS) / ALERTS);
    world.deliver(afterMs, deliveryOf("dead", `dead-${index}`, 1, START_MS + afterMs));
    if (index % 10 > 0) continue;
    const delivery = deliveryOf("alive", `alive-${index}`, 1, START_MS + afterMs);
    sentAtMs.set(delivery.detail.eventId, START_MS + afterMs);
    world.deliver(afterMs, delivery);
  }
  await world.run();
  const waits = [...state.firstAtMs].map(([id, atMs]) => atMs - sentAtMs.get(id)!);
  return {
    ofAlive: sentAtMs.size,
    received: waits.length,
    secondsUntilReceived: secondsOf(waits),
    unsentOfDead: world.unsent.size,
  };
}

const secondsOf = (milliseconds: readonly number[]) => ({
  p50: rounded(quantile(milliseconds, 0.5) / SECOND_MS, 1),
  p99: rounded(quantile(milliseconds, 0.99) / SECOND_MS, 1),
  most: rounded(quantile(milliseconds, 1) / SECOND_MS, 1),
});

const result = {
  storm: await storm(false),
  triedOnce: await storm(true),
  besideDeadTarget: await besideDead(true),
  besideDeadTargetWithoutPauses: await besideDead(false),
};
const { storm: own, triedOnce, besideDeadTarget: beside, besideDeadTargetWithoutPauses } = result;
report("alert-storm", {
  figures: Object.entries(result).flatMap(([name, figures]) =>
    Object.entries(figures).flatMap(([key, value]) =>
      typeof value === "number"
        ? [figure(`${words(name)}: ${words(key)}`, value, "")]
        : Object.entries(value).map(([share, seconds]) =>
            figure(`${words(name)}: ${words(key)}, ${share}`, seconds, "s"),
          ),
    ),
  ),
  rival: {
    name: "a sender that tries once",
    ratio: rounded(own.received / triedOnce.received),
    ratioOf: "messages received / its",
  },
  sameWork:
    "both were given the same messages; the receiver has every message and the last revision of each alert",
  failures: [
    ...(own.lost + own.unverified > 0 || own.received < own.messages
      ? ["a message was lost or not signed"]
      : []),
    ...(own.alertsAtLastRevision < ALERTS ? ["the receiver lacks the last revision of an alert"] : []),
    ...(beside.received < beside.ofAlive ? ["a message beside a dead target was lost"] : []),
    ...(triedOnce.messages !== own.messages || besideDeadTargetWithoutPauses.ofAlive !== beside.ofAlive
      ? ["the senders were given different messages"]
      : []),
  ],
});
