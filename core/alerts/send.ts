import * as v from "valibot";
import { errorMessage } from "../../base/errors.ts";
import { alertDelivery, type AlertDelivery } from "../../schemas/alert-message.ts";
import type { AlertTarget } from "../../schemas/alert-target.ts";
import type { WebhookMessage, WebhookOutcome } from "../../schemas/webhook.ts";
import { messageFor, type AlertMessage } from "./messages/index.ts";
import type { PersonRecords } from "../faces/recognise.ts";
import { linksOf } from "./messages/links.ts";
import type { TopicMessage } from "./messages/message.ts";
import { shownPersons } from "./names.ts";
import { readRetryAfter, retryDelayMs } from "./retries.ts";
import type { SlowTargets } from "./slow-targets.ts";

/** A message of the queue of deliveries, as it was received. */
export interface ReceivedDelivery {
  readonly body: string;
  /** How often it was received, with this time. */
  readonly attempt: number;
  /** When it was put into the queue; a redriven message has a day of its own. */
  readonly sentAtMs: number;
}

/** What sends alerts. */
export interface SendParts {
  /** Epoch milliseconds. */
  now(): number;
  /** 0 up to but not including 1. */
  random(): number;
  findTarget(targetId: string): Promise<AlertTarget | undefined>;
  /** Sends nothing more to a target, unless it has been changed since it was read. */
  disableTarget(target: AlertTarget, reason: string): Promise<void>;
  /** The stack's secret of alerts. */
  secret(): Promise<string>;
  post(message: WebhookMessage & { readonly allowPrivate: boolean }): Promise<WebhookOutcome>;
  publish(message: TopicMessage): Promise<void>;
  /** For their names. */
  readonly persons: Pick<PersonRecords, "find">;
  readonly slowTargets: SlowTargets;
  /** Where links point to: the address of the stack's HTTP API. */
  readonly apiUrl: string;
}

/** What is to become of a received message. */
export type Sending = { readonly delivery?: AlertDelivery; readonly host?: string } & (
  | { readonly kind: "sent" | "not-needed"; readonly reason?: string }
  /** It is to be received again after the delay. */
  | { readonly kind: "postponed"; readonly delayMs: number; readonly reason: string }
  /** It is not sent again. */
  | { readonly kind: "unsent"; readonly reason: string }
);

/** Makes one attempt to send a message to its target. It does not throw. */
export async function sendAlert(parts: SendParts, received: ReceivedDelivery): Promise<Sending> {
  const read = readDelivery(received.body);
  if (typeof read === "string") return { kind: "unsent", reason: read };
  const delivery = read;
  try {
    const target = await parts.findTarget(delivery.targetId);
    if (!target) return { kind: "unsent", delivery, reason: "the target does not exist" };
    if (target.disabled !== undefined)
      return { kind: "unsent", delivery, reason: `the target is disabled: ${target.disabled}` };
    return { delivery, ...hostOf(target), ...(await sendTo(parts, target, delivery, received)) };
  } catch (error) {
    return { delivery, ...later(parts, received, errorMessage(error)) };
  }
}

async function sendTo(
  parts: SendParts,
  target: AlertTarget,
  delivery: AlertDelivery,
  received: ReceivedDelivery,
): Promise<Sending> {
  const { targetId } = target;
  if (parts.slowTargets.isPaused(targetId, parts.now()))
    return later(parts, received, "the target was slow a moment ago");
  const secret = await parts.secret();
  const persons = await shownPersons(parts.persons, delivery.detail.persons ?? [], parts.now());
  const nowMs = parts.now();
  let message: AlertMessage;
  try {
    const links = linksOf(delivery, target, secret, parts.apiUrl);
    message = messageFor({ delivery, target, links, persons }, secret, nowMs);
  } catch (error) {
    return { kind: "unsent", reason: errorMessage(error) };
  }
  if (message.via === "nothing") return { kind: "not-needed", reason: message.reason };
  if (message.via === "topic") {
    await parts.publish(message);
    return { kind: "sent" };
  }
  const outcome = await parts.post({ ...message, allowPrivate: target.allowPrivate });
  parts.slowTargets.attempted(targetId, parts.now() - nowMs, parts.now());
  switch (outcome.kind) {
    case "accepted":
      return { kind: "sent" };
    case "blocked":
      return { kind: "unsent", reason: outcome.reason };
    case "gone":
      await parts.disableTarget(target, outcome.reason);
      return { kind: "unsent", reason: outcome.reason };
    case "refused":
      return later(parts, received, outcome.reason, readRetryAfter(outcome.retryAfter, parts.now()));
  }
}

/** The message after a failed attempt. */
function later(
  { now, random }: SendParts,
  { attempt, sentAtMs }: ReceivedDelivery,
  reason: string,
  retryAfterMs?: number,
): Sending {
  const delayMs = retryDelayMs({ attempt, sentAtMs, retryAfterMs }, now(), random());
  return delayMs === undefined
    ? { kind: "unsent", reason: `not accepted within a day, at last because ${reason}` }
    : { kind: "postponed", delayMs, reason };
}

/** @returns why it is not a delivery, or the delivery */
function readDelivery(body: string): AlertDelivery | string {
  try {
    const result = v.safeParse(alertDelivery, JSON.parse(body));
    if (result.success) return result.output;
    const [{ message, path = [] }] = result.issues;
    return `not a message to a target: ${path.map(({ key }) => String(key)).join(".")}: ${message}`;
  } catch {
    return "not a message to a target: not JSON";
  }
}

/** For log lines: the rest of a URL may be a secret. */
function hostOf({ url }: AlertTarget): { host?: string } {
  const host = url === undefined ? undefined : URL.parse(url)?.hostname;
  return host === undefined ? {} : { host };
}
