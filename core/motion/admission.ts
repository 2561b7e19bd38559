import { createHash } from "node:crypto";
import type { Session } from "../../schemas/session.ts";
import { Problem, unauthorized } from "./problem.ts";
import { TOLERANCE_MS } from "./webhook.ts";

/** What a camera may report: so much at once, and one report an interval in the long run. */
const BURST = 30;
const INTERVAL_MS = 1000;
/** Twice what a camera may send at once, so that a late webhook still finds those beside it remembered. */
const MAX_WEBHOOKS = 64;
/** Longer than a webhook is fresh, whichever clock of ours it is held against. */
const KEPT_MS = 2 * TOLERANCE_MS;
const FINGERPRINT_LENGTH = 22;

/** A signed request of a camera. */
export interface Webhook {
  readonly id: string;
  /** When it says that it was sent, epoch milliseconds. */
  readonly sentMs: number;
}

/** What a camera's request is, whatever it is about. */
export interface Report {
  /** Absent where the camera proved itself by its token: such a request may act each time it comes. */
  readonly webhook?: Webhook | undefined;
}

/**
 * The record with the report counted, so that what it sets off and that it acted are one write. The rate is kept as the
 * time at which the camera's allowance is whole again (the generic cell rate algorithm). Webhooks are remembered until
 * they are refused as stale anyway; where that are too many, those sent before the forgotten ones act no more.
 * @throws Problem `unauthorized` for a webhook that acted before, `too-many-requests` for a camera that reports too often
 */
export function admit(record: Session, { webhook }: Report, nowMs: number): Session {
  if (webhook && hasActed(record, webhook)) throw unauthorized();
  const allowanceFullAtMs = Math.max(record.allowanceFullAtMs ?? 0, nowMs) + INTERVAL_MS;
  if (allowanceFullAtMs > nowMs + BURST * INTERVAL_MS)
    throw new Problem("too-many-requests", "the camera reports more than once a second", 1);
  const counted = { ...record, allowanceFullAtMs };
  return webhook ? remember(counted, webhook, nowMs) : counted;
}

/** The record without a webhook whose report could not be acted on, so that its sender may try again. */
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

/** Of an id's bytes what tells it from every other: ids are as long as their senders like. */
const fingerprintOf = (webhookId: string): string =>
  createHash("sha256").update(webhookId).digest("base64url").slice(0, FINGERPRINT_LENGTH);
