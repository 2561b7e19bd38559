import { createHash } from "node:crypto";
import type { Session } from "../../schemas/session.ts";
import { Problem, unauthorized } from "../problem.ts";
import { TOLERANCE_MS } from "../webhook.ts";
import { REPLAYED } from "./refusal.ts";

/** What a camera may send: a burst of requests at once, and one request per interval in the long run. */
const BURST = 30;
const INTERVAL_MS = 1000;
/** Twice the burst, so that a late webhook still finds those sent with it remembered. */
const MAX_WEBHOOKS = 64;
/** Longer than a webhook is fresh, by whichever of our clocks. */
const KEPT_MS = 2 * TOLERANCE_MS;
const FINGERPRINT_LENGTH = 22;

/** A signed request of a camera. */
export interface Webhook {
  readonly id: string;
  /** When it says that it was sent, epoch milliseconds. */
  readonly sentMs: number;
}

/** What is counted of a camera's request, whatever its purpose. */
export interface MotionRequest {
  /** Absent if the camera authenticated with its token: such a request may act each time it is sent. */
  readonly webhook?: Webhook | undefined;
}

/**
 * Counts a request in the record, so that its effect and the fact that it acted are one write. The rate is kept as the
 * time at which the camera's allowance is full again (the generic cell rate algorithm). Webhooks are remembered until
 * they are refused as stale anyway; if there are too many, webhooks sent before the forgotten ones no longer act.
 * @throws Problem `unauthorized` for a webhook that has acted before, `too-many-requests` for a camera above its rate
 */
export function admit(record: Session, { webhook }: MotionRequest, nowMs: number): Session {
  if (webhook && hasActed(record, webhook)) throw unauthorized(REPLAYED);
  const allowanceFullAtMs = Math.max(record.allowanceFullAtMs ?? 0, nowMs) + INTERVAL_MS;
  if (allowanceFullAtMs > nowMs + BURST * INTERVAL_MS)
    throw new Problem("too-many-requests", "the camera sends more than one request a second", 1);
  const counted = { ...record, allowanceFullAtMs };
  return webhook ? remember(counted, webhook, nowMs) : counted;
}

/** Forgets a webhook whose request failed, so that its sender may send it again. */
export function forget(record: Session, webhookId: string): Session {
  const id = fingerprintOf(webhookId);
  const webhooks = record.webhooks.filter((known) => known.id !== id);
  return webhooks.length === record.webhooks.length ? record : { ...record, webhooks };
}

function hasActed(
  { webhooks, webhooksForgottenToMs = -Infinity }: Session,
  { id, sentMs }: Webhook,
): boolean {
  const fingerprint = fingerprintOf(id);
  return sentMs <= webhooksForgottenToMs || webhooks.some((known) => known.id === fingerprint);
}

function remember(record: Session, { id, sentMs }: Webhook, nowMs: number): Session {
  const fresh = record.webhooks.filter((known) => known.sentMs >= nowMs - KEPT_MS);
  const webhooks = [...fresh, { id: fingerprintOf(id), sentMs }].toSorted((a, b) => a.sentMs - b.sentMs);
  const surplus = webhooks.splice(0, Math.max(0, webhooks.length - MAX_WEBHOOKS));
  const webhooksForgottenToMs = surplus.at(-1)?.sentMs ?? record.webhooksForgottenToMs;
  return { ...record, webhooks, ...(webhooksForgottenToMs !== undefined && { webhooksForgottenToMs }) };
}

/** A short hash of an id: senders choose ids of any length. */
const fingerprintOf = (webhookId: string): string =>
  createHash("sha256").update(webhookId).digest("base64url").slice(0, FINGERPRINT_LENGTH);
