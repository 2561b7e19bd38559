import * as v from "valibot";
import type { Detection } from "../../../core/alerts/match.ts";
import { plan } from "../../../core/alerts/plan.ts";
import { noAlerts, reduce, type AlertEvent, type AlertMoment } from "../../../core/alerts/reduce.ts";
import { idle } from "../../../core/sessions/reduce.ts";
import type { AlertDecision } from "../../../schemas/alert-decision.ts";
import type { AlertOutgoing, AlertRecord } from "../../../schemas/alert-record.ts";
import { alertRule, type AlertRule, type AlertRuleInput } from "../../../schemas/alert-rule.ts";
import { camera as cameraSchema, type Camera } from "../../../schemas/camera.ts";
import type { SeenPerson } from "../../../schemas/person.ts";
import type { Session } from "../../../schemas/session.ts";
import type { Snooze } from "../../../schemas/snooze.ts";

/** A Saturday. */
export const NOW_MS = Date.UTC(2026, 10, 21, 12);

export const ruleOf = (given: Partial<AlertRuleInput> = {}): AlertRule =>
  v.parse(alertRule, { ruleId: "people", targets: ["phone"], ...given });

export const cameraOf = (given: object = {}): Camera =>
  v.parse(cameraSchema, {
    cameraId: "front-door",
    streamName: "front-door",
    processorName: "front-door",
    keyVersion: 1,
    ...given,
  });

let events = 0;
export const detectionOf = (given: Partial<Detection> = {}): Detection => ({
  eventId: `event-${++events}`,
  labelId: "1",
  sessionId: "session-1",
  sessionStartedAtMs: null,
  label: "PERSON",
  confidence: 90,
  detectedAtMs: NOW_MS,
  frameUri: "s3://evidence/frame.jpg",
  cropUri: "s3://evidence/crop.jpg",
  isPictureStored: true,
  ...given,
});

export const ANNA = `person-${"a".repeat(20)}`;
export const BEN = `person-${"b".repeat(20)}`;

/** A face as raiseAlerts receives it. */
export const faceOf = (person: SeenPerson, given: Partial<Detection> = {}): Detection => ({
  ...detectionOf({ confidence: null, frameUri: null, cropUri: null, isPictureStored: false }),
  ...given,
  person,
});

/** A camera's record with a session of a chain. */
export const sessionOf = (
  chainStartMs: number,
  sessionId = "session-1",
  videoStartMs = chainStartMs,
): Session => ({
  ...idle("front-door"),
  state: "running",
  run: {
    attempt: 1,
    engine: "frames",
    processorName: "front-door",
    videoStartMs,
    chainStartMs,
    maxDurationSeconds: 30,
    day: "2026-11-21",
    calledAtMs: videoStartMs,
    sessionId,
    checkAtMs: videoStartMs,
    dueAtMs: videoStartMs,
    overdueChecks: 0,
  },
});

/** A camera's alerts, moved by one event after another; what is due is published at once. */
export class Alerts {
  record: AlertRecord = noAlerts("front-door");
  nowMs = NOW_MS;
  rules: readonly AlertRule[] = [ruleOf()];
  snoozes: readonly Snooze[] = [];
  camera: Camera | undefined = cameraOf();
  /** Rules that have raised their most alerts. */
  spent: readonly string[] = [];

  get moment(): AlertMoment {
    return { nowMs: this.nowMs, camera: this.camera, rules: this.rules, snoozes: this.snoozes };
  }

  /** What was put into the outbox, which is delivered at once. */
  apply(event?: AlertEvent): AlertOutgoing[] {
    let record = event
      ? reduce(this.record, event, this.moment, (ruleId) => !this.spent.includes(ruleId))
      : this.record;
    const sent: AlertOutgoing[] = [];
    for (;;) {
      const { record: planned, call } = plan(record, this.moment);
      if (planned.outbox.length === 0) {
        // The call that is due stays due.
        this.record = call ? record : planned;
        return sent;
      }
      sent.push(...planned.outbox);
      const ids = planned.outbox.map(({ id }) => id);
      record = reduce(planned, { kind: "outbox-delivered", ids }, this.moment, () => true);
    }
  }

  detect(
    given: Partial<Detection> = {},
    session: Session | undefined = sessionOf(NOW_MS - 10_000),
  ): AlertOutgoing[] {
    const detections = [detectionOf({ detectedAtMs: this.nowMs, ...given })];
    return this.apply({ kind: "detected", detections, session });
  }

  /** What was put into the outbox for the face of a person, as `decision reason rule`, then what was published. */
  see(
    person: SeenPerson,
    given: Partial<Detection> = {},
    session: Session | undefined = sessionOf(NOW_MS - 10_000),
  ): string[] {
    const detections = [faceOf(person, { detectedAtMs: this.nowMs, ...given })];
    const sent = this.apply({ kind: "detected", detections, session });
    return [
      ...decisionsOf(sent).map(({ decision, reason, ruleId }) => `${decision} ${reason} ${ruleId}`),
      ...publishedOf(sent).map(
        ({ type, detail }) => `${type} ${detail.silent ? "silent" : "loud"} ${detail.persons?.join(" ")}`,
      ),
    ];
  }

  /** Why the detection was decided as it was: `decision reason rule`. */
  decide(...given: Parameters<Alerts["detect"]>): string {
    const [decision] = decisionsOf(this.detect(...given));
    return decision
      ? [decision.decision, decision.reason, decision.ruleId].filter(Boolean).join(" ")
      : "none";
  }
}

export const decisionsOf = (sent: readonly AlertOutgoing[]): AlertDecision[] =>
  sent.flatMap((entry) => (entry.to === "lake" ? [entry.decision] : []));

export const publishedOf = (sent: readonly AlertOutgoing[]) =>
  sent.flatMap((entry) => (entry.to === "targets" ? [entry] : []));
