import { errorMessage } from "../../base/errors.ts";
import type { AlertDelivery } from "../../schemas/alert-message.ts";
import type { AlertDecision } from "../../schemas/alert-decision.ts";
import type { AlertOutgoing, AlertRecord } from "../../schemas/alert-record.ts";
import type { AlertRule } from "../../schemas/alert-rule.ts";
import type { BusEvent } from "../../schemas/bus-event.ts";
import type { Camera } from "../../schemas/camera.ts";
import { acceptedIds } from "../outbox.ts";
import type { Look } from "./package.ts";
import { plan, SHORTEST_DELAY_MS, type AlertCall } from "./plan.ts";
import { isFull, noAlerts, reduce, type AlertEvent, type AlertMoment } from "./reduce.ts";

/** More turns than a record needs: each is one write, and several callers may update one record at the same time. */
const MAX_TURNS = 50;

/** What moves a camera's alerts. */
export interface AlertParts {
  /** Epoch milliseconds. */
  now(): number;
  find(cameraId: string): Promise<AlertRecord | undefined>;
  /** Replaces exactly the version before. @returns false when another writer was faster */
  put(record: AlertRecord): Promise<boolean>;
  /** Sends a wake-up of the camera's alerts that arrives `delayMs` from now: 1 second to 15 minutes. */
  wake(cameraId: string, delayMs: number): Promise<void>;
  /**
   * Takes one alert of the rule's in the hour of the clock. The same alert takes it once.
   * @returns whether it is within the rule's `maxPerHour`
   */
  take(rule: AlertRule, alertId: string, nowMs: number): Promise<boolean>;
  /** Whether the bucket has the object of an `s3://` address. */
  isStored(uri: string): Promise<boolean>;
  /** Looks for a package in the camera's latest image that is not before `fromMs`, producer time. */
  look(camera: Camera, fromMs: number): Promise<Look>;
  /** Puts rows into the delivery stream of decisions. @returns for each whether it was accepted */
  enter(decisions: readonly AlertDecision[]): Promise<readonly boolean[]>;
  /** Publishes events on the bus. @returns for each event whether it was accepted */
  publish(events: readonly BusEvent[]): Promise<readonly boolean[]>;
  /** Puts messages into the queue of deliveries. @returns for each whether it was accepted */
  send(deliveries: readonly AlertDelivery[]): Promise<readonly boolean[]>;
}

/** The camera and the account's settings, as they were read. */
export type AlertSettings = Omit<AlertMoment, "nowMs">;

/**
 * Applies an event, and then does everything that is due for the camera's alerts. Each step is written before
 * it is taken and its result after, so a caller that stops in between leaves a record that says what to repeat.
 *
 * What is due later is left to a wake-up. A record has one on its way, which sends the next one if it arrives early. That chain
 * of messages ends when nothing is due: {@link plan} gives up a picture after 2 minutes, an alert after 6 hours without a
 * detection, and a rule's reminder is due a day after a detection at most, so without a further detection it has at most 96
 * messages of 15 minutes, and a dozen of seconds. Lambda would stop it after about 16 invocations (documented: recursive loop
 * detection), so the function has to allow it.
 * @throws Error after {@link MAX_TURNS} turns, or what a part throws; the message is then to be received again
 */
export async function driveAlerts(
  parts: AlertParts,
  cameraId: string,
  settings: AlertSettings,
  first: AlertEvent = { kind: "wake-up" },
): Promise<AlertRecord> {
  const read = async () => (await parts.find(cameraId)) ?? noAlerts(cameraId);
  let record = await read();
  let arrived: AlertEvent | undefined = first;
  /** The result of the last step. */
  let result: AlertEvent | undefined;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const moment: AlertMoment = { ...settings, nowMs: parts.now() };
    // A full record takes no event until its outbox is delivered, so it never outgrows its item.
    const event: AlertEvent | undefined = result ?? (isFull(record) ? undefined : arrived);
    const { record: next, call } = plan(event ? await apply(parts, record, event, moment) : record, moment);
    const isAtRest = next.outbox.length === 0 && !call;
    if (next !== record) {
      const written = { ...next, version: record.version + 1 };
      if (!(await parts.put(written))) {
        record = await read();
        continue;
      }
      record = written;
    }
    if (event === arrived) arrived = undefined;
    if (isAtRest && !arrived) return record;
    result = call
      ? await perform(parts, cameraId, settings, call)
      : isAtRest
        ? undefined
        : { kind: "outbox-delivered", ids: await deliver(parts, record.outbox) };
  }
  throw new Error(
    `the alerts of ${cameraId} took more than ${MAX_TURNS} turns; the message is received again`,
  );
}

/**
 * The record after the event. A rule that would raise an alert is counted first: what it may do decides what becomes of the
 * detections after that one, so the event is applied again with each answer until it asks nothing more.
 */
async function apply(
  parts: AlertParts,
  record: AlertRecord,
  event: AlertEvent,
  moment: AlertMoment,
): Promise<AlertRecord> {
  const answers = new Map<string, boolean>();
  for (;;) {
    let asked: { readonly key: string; readonly ruleId: string; readonly alertId: string } | undefined;
    const next = reduce(record, event, moment, (ruleId, alertId) => {
      const key = `${ruleId} ${alertId}`;
      const answer = answers.get(key);
      if (answer === undefined) asked ??= { key, ruleId, alertId };
      return answer ?? true;
    });
    if (!asked) return next;
    const { key, ruleId, alertId } = asked;
    const rule = moment.rules.find((one) => one.ruleId === ruleId)!;
    answers.set(key, await parts.take(rule, alertId, moment.nowMs));
  }
}

/** A call that fails has found nothing: an alert does not wait for a picture that cannot be read. */
async function perform(
  parts: AlertParts,
  cameraId: string,
  { camera }: AlertSettings,
  call: AlertCall,
): Promise<AlertEvent> {
  if (call.kind === "wake") {
    const { atMs } = call;
    await parts.wake(cameraId, Math.max(SHORTEST_DELAY_MS, atMs - parts.now()));
    return { kind: "wake-up-sent", atMs };
  }
  if (call.kind === "check-picture") {
    const isStored = await parts.isStored(call.uri).catch(() => false);
    return { kind: "picture-checked", alertId: call.alertId, isStored };
  }
  const { fromMs } = call;
  const look: Look = camera
    ? await parts
        .look(camera, fromMs)
        .catch((error: unknown) => ({ kind: "unknown", reason: errorMessage(error) }))
    : { kind: "unknown", reason: "the camera is no longer registered" };
  return { kind: "looked", fromMs, look };
}

/** Sends an outbox; what was not accepted is sent again. @throws as `acceptedIds` */
async function deliver(parts: AlertParts, outbox: readonly AlertOutgoing[]): Promise<readonly string[]> {
  const rows = outbox.filter((entry) => entry.to === "lake");
  const alerts = outbox.filter((entry) => entry.to === "targets");
  const sends = [
    ...(rows.length > 0 ? [acceptedRows(parts, rows)] : []),
    ...(alerts.length > 0 ? [acceptedAlerts(parts, alerts)] : []),
  ];
  return await acceptedIds(sends, outbox.length);
}

async function acceptedRows(
  { enter }: AlertParts,
  rows: readonly Extract<AlertOutgoing, { to: "lake" }>[],
): Promise<string[]> {
  const areAccepted = await enter(rows.map(({ decision }) => decision));
  return rows.filter((_, index) => areAccepted[index]).map(({ id }) => id);
}

/** An alert is delivered once the bus and the queue have accepted it; each of them may get it twice. */
async function acceptedAlerts(
  { publish, send, now }: AlertParts,
  alerts: readonly Extract<AlertOutgoing, { to: "targets" }>[],
): Promise<string[]> {
  const deliveries = alerts.flatMap(({ id, type, detail, targets }) =>
    targets.map(({ targetId, silent }) => ({
      id,
      delivery: { targetId, type, atMs: now(), detail: { ...detail, silent } },
    })),
  );
  const [arePublished, areSent] = await Promise.all([
    publish(alerts.map(({ type, detail }) => ({ type, detail }))),
    deliveries.length > 0 ? send(deliveries.map(({ delivery }) => delivery)) : [],
  ]);
  const refused = new Set(deliveries.filter((_, index) => !areSent[index]).map(({ id }) => id));
  return alerts.filter(({ id }, index) => arePublished[index] && !refused.has(id)).map(({ id }) => id);
}
