import { readFileSync } from "node:fs";
import * as v from "valibot";
import { systemClock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { pollUntil } from "../base/poll.ts";
import { titleOf } from "../core/alerts/messages/words.ts";
import { shownUrl } from "../operator/alert-url.ts";
import { Alerts } from "../operator/alerts.ts";
import type { CloudEvent, LocalCloud } from "../local/index.ts";
import { alertRule } from "../schemas/alert-rule.ts";
import { alertTarget } from "../schemas/alert-target.ts";
import { busEvent } from "../schemas/bus-event.ts";
import type { AlertAddress } from "./alert-address.ts";

/** Id of the demo's target, and of its rule. */
const DEMO = "demo";
/** An alert waits five seconds for its picture, its end comes after the session's, and then a package is looked for. */
const SENT_WITHIN_MS = 15 * SECOND_MS;

/** What became of a revision of an alert, as the sender's log says it. */
const OUTCOMES = {
  "alert sent": "sent",
  "alert not needed": "not needed",
  "alert not accepted": "not accepted",
  "alert given up": "given up",
} as const;

/** A revision of an alert, and what became of it. */
export interface SentAlert {
  readonly camera: string;
  readonly type: "AlertRaised" | "AlertUpdated" | "AlertEnded";
  readonly revision: number;
  readonly title: string;
  readonly labels: readonly string[];
  readonly silent: boolean;
  readonly outcome: (typeof OUTCOMES)[keyof typeof OUTCOMES] | "waiting";
  /** Why it was not sent. */
  readonly reason?: string;
  /** From the publication of the detection to the receiver's response; only for revisions that a detection caused. */
  readonly afterMs?: number;
}

/**
 * Adds the demo's target, and a rule that takes every detection.
 * @returns lines that say where alerts go
 */
export async function sendAlertsTo(
  { format, url, email, isPrivate }: AlertAddress,
  stackName: string,
  { clientConfig, events }: LocalCloud,
): Promise<string[]> {
  const alerts = await Alerts.open(stackName, clientConfig);
  try {
    const { secretVersion } = (await alerts.findTarget(DEMO)) ?? {};
    const target = v.parse(alertTarget, {
      targetId: DEMO,
      format,
      allowPrivate: isPrivate,
      ...(url !== undefined && { url }),
      ...(secretVersion !== undefined && { secretVersion }),
    });
    const waiting = await alerts.addTarget(
      target,
      email === undefined ? [] : [{ protocol: "email", endpoint: email }],
    );
    // A replay soon after is to send alerts, too.
    await alerts.putRule(v.parse(alertRule, { ruleId: DEMO, targets: [DEMO], cooldownSeconds: 0 }));
    const lines = [`Alerts go to ${email ?? shownUrl(url!)}, in the format ${format}.`];
    if (isPrivate)
      lines.push(
        "That is on this machine or in its network, so the target may have a private address and no TLS.",
      );
    for (const { endpoint } of waiting) lines.push(await confirmed(events, endpoint));
    return lines;
  } finally {
    alerts.close();
  }
}

/** Opens the link of the mail that asks for a confirmation, as its reader does. The local SNS writes mails to files. */
async function confirmed(events: LocalCloud["events"], endpoint: string): Promise<string> {
  const { detail } = await events.waitFor(
    (event) => event.name === "confirmation-sent" && event.detail["to"] === endpoint,
  );
  const file = String(detail["file"]);
  const [link] = /https?:\/\/\S+ConfirmSubscription\S+/.exec(readFileSync(file, "utf8")) ?? [];
  if (link === undefined) throw new Error(`the mail in ${file} has no link that confirms`);
  await fetch(link);
  return `On this machine, mails are files. The address was confirmed by the link in ${file}.`;
}

/** Waits until the alerts of these cameras have ended and every revision was sent, or one was not accepted. */
export async function untilAlertsSent(
  events: LocalCloud["events"],
  { cameraIds, topicArn, sinceMs }: AlertsOf & { readonly cameraIds: readonly string[] },
): Promise<SentAlert[]> {
  const areDone = (alerts: readonly SentAlert[]): boolean =>
    cameraIds.every((id) => {
      const ofCamera = alerts.filter(({ camera }) => camera === id);
      const end = ofCamera.findIndex(({ type }) => type === "AlertEnded");
      // What became of a package is looked for after the end.
      const isWhole = end >= 0 && (!ofCamera[end]!.labels.includes("PACKAGE") || end < ofCamera.length - 1);
      return (
        ofCamera.some(({ outcome }) => outcome === "not accepted") ||
        (isWhole && ofCamera.every(({ outcome }) => outcome !== "waiting"))
      );
    });
  const read = (): SentAlert[] =>
    sentAlerts(
      events.matching(() => true),
      { topicArn, sinceMs },
    );
  await pollUntil(() => Promise.resolve(areDone(read()) || undefined), {
    clock: systemClock,
    everyMs: 200,
    withinMs: SENT_WITHIN_MS,
  });
  return read();
}

interface AlertsOf {
  /** Where detections are published. */
  readonly topicArn: string;
  readonly sinceMs: number;
}

const logLine = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    message: v.picklist(Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[]),
    targetId: v.literal(DEMO),
    alertId: v.string(),
    revision: v.number(),
    reason: v.optional(v.string()),
  }),
);
const received = v.object({ event: v.object({ "detail-type": v.string(), detail: v.unknown() }) });

/** Every revision that was published since then, in order, from what happened in the local cloud. */
export function sentAlerts(events: readonly CloudEvent[], { topicArn, sinceMs }: AlertsOf): SentAlert[] {
  const publishedMs = events
    .filter(
      ({ service, name, detail }) =>
        service === "sns" && name === "published" && detail["topicArn"] === topicArn,
    )
    .map(({ atMs }) => atMs);
  const attempts = events.flatMap(({ name, detail, atMs }) => {
    const read = v.safeParse(logLine, name === "log" ? detail["line"] : undefined);
    return read.success ? [{ ...read.output, atMs }] : [];
  });
  const labels = new Map<string, number>();
  return events.flatMap(({ name, detail, atMs }) => {
    if (name !== "event-received" || atMs < sinceMs) return [];
    const { event } = v.parse(received, detail);
    const read = v.safeParse(busEvent, { type: event["detail-type"], detail: event.detail });
    if (!read.success || !("alertId" in read.output.detail)) return [];
    const { type, detail: alert } = read.output as Extract<
      typeof read.output,
      { detail: { alertId: string } }
    >;
    const { alertId, revision, cameraId, silent } = alert;
    const last = attempts.findLast((one) => one.alertId === alertId && one.revision === revision);
    const hasNewLabel = alert.labels.length > (labels.get(alertId) ?? 0);
    labels.set(alertId, alert.labels.length);
    const decidedMs = type === "AlertRaised" ? Date.parse(alert.raisedAt) : atMs;
    const causedMs = hasNewLabel ? publishedMs.findLast((ms) => ms <= decidedMs) : undefined;
    return [
      {
        camera: cameraId,
        type,
        revision,
        title: titleOf({ type, detail: alert, targetId: DEMO, atMs }),
        labels: alert.labels.map(({ name }) => name),
        silent,
        outcome: last ? OUTCOMES[last.message] : ("waiting" as const),
        ...(last?.reason !== undefined && { reason: last.reason }),
        ...(last &&
          causedMs !== undefined &&
          last.message === "alert sent" && { afterMs: last.atMs - causedMs }),
      },
    ];
  });
}

/** The table's columns, and a row for each revision. */
export const alertTable = (alerts: readonly SentAlert[]): { columns: string[]; rows: string[][] } => ({
  columns: ["camera", "revision", "title", "outcome", "after its detection"],
  rows: alerts.map(({ camera, revision, title, silent, outcome, reason, afterMs }) => [
    camera,
    String(revision),
    title,
    [silent && outcome === "sent" ? "sent, silent" : outcome, reason].filter(Boolean).join(": "),
    afterMs === undefined ? "" : `${(afterMs / SECOND_MS).toFixed(2)} s`,
  ]),
});
