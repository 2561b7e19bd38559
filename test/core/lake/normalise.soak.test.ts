import { expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { normaliseNotification, type Normalised } from "../../../core/lake/normalise.ts";
import { readLabelDetected } from "../../../core/lake/read-label-detected.ts";
import { labelDetected } from "../../../schemas/notification.ts";
import { labelsOf } from "../../support/labels.ts";
import { rowProblems } from "../../support/row-problems.ts";
import { LAKE_TABLES } from "../../../schemas/tables/lake-tables.ts";
import {
  ARRIVAL_MS,
  completeArbitrary,
  coverageArbitrary,
  decisionArbitrary,
  faceArbitrary,
  labelDetectedArbitrary,
  mutated,
} from "../../support/notifications.ts";

const detections = { table: "detection_records", arrivalMs: ARRIVAL_MS, cameraStreamPrefix: "cam-" } as const;
const sessions = { ...detections, table: "session_records" } as const;
const alerts = { ...detections, table: "alert_records" } as const;
const faces = { ...detections, table: "face_records" } as const;
const anyTable = fc.constantFrom(detections, sessions, alerts, faces);

const notification = fc.oneof(
  labelDetectedArbitrary,
  completeArbitrary,
  mutated(labelDetectedArbitrary),
  mutated(completeArbitrary),
  coverageArbitrary,
  mutated(coverageArbitrary),
  decisionArbitrary,
  mutated(decisionArbitrary),
  faceArbitrary,
  mutated(faceArbitrary),
  fc.jsonValue(),
);
/** The labels of a notification of detections. */
const detected = (result: Normalised) =>
  result.ok && result.table === "detection_records" ? labelsOf(result.row) : [];
const RUNS = { numRuns: 1000 };

test("the fast way to a detection returns what the schema does, and nothing where that refuses", () => {
  const valid = labelDetectedArbitrary;
  const withUnknownField = valid.map((input) => ({ ...input, unknown: 1 }));
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(valid, withUnknownField, mutated(valid), fc.jsonValue()), (input) => {
      const parsed = v.safeParse(labelDetected, input, { abortEarly: true });
      expect(readLabelDetected(input)).toEqual(parsed.success ? parsed.output : undefined);
      if (parsed.success) accepted++;
      else refused++;
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(300);
});

test("every valid record becomes one row: a notification with all its labels, in order", () => {
  fc.assert(
    fc.property(labelDetectedArbitrary, (input) => {
      const result = normaliseNotification(JSON.stringify(input), detections);
      expect(detected(result).map(({ label_id }) => label_id)).toEqual(
        input.labels.map(({ id }: { id: string }) => id),
      );
    }),
    RUNS,
  );
  fc.assert(
    fc.property(completeArbitrary, (input) => {
      const result = normaliseNotification(JSON.stringify(input), sessions);
      expect(result).toMatchObject({ ok: true, table: "session_records", row: { event_id: input.eventId } });
    }),
    RUNS,
  );
  fc.assert(
    fc.property(decisionArbitrary, (input) => {
      const result = normaliseNotification(JSON.stringify(input), alerts);
      expect(result).toMatchObject({
        ok: true,
        table: "alert_records",
        row: {
          event_id: input.eventId,
          label_id: input.labelId,
          decision: input.decision,
          reason: input.reason,
          rule_id: input.ruleId ?? null,
          severity: input.severity ?? null,
          alert_id: input.alertId ?? null,
          revision: input.revision ?? null,
          detected_at_ms: input.detectedAtMs,
          decided_at_ms: input.decidedAtMs,
        },
      });
    }),
    RUNS,
  );
});

test("whatever becomes a row has exactly the columns, a box in the frame and the partition of its time", () => {
  fc.assert(
    fc.property(notification, anyTable, (input, context) => {
      const result = normaliseNotification(JSON.stringify(input), context);
      if (!result.ok) return;
      expect(rowProblems(LAKE_TABLES[result.table], result.row)).toEqual([]);
      for (const label of detected(result)) {
        expect(label.box_left + label.box_width).toBeLessThanOrEqual(1);
        expect(label.box_top + label.box_height).toBeLessThanOrEqual(1);
      }
      const times =
        result.table === "detection_records"
          ? detected(result).map(({ detected_at }) => detected_at)
          : [
              result.table === "alert_records"
                ? result.row.detected_at
                : result.table === "face_records"
                  ? result.row.seen_at
                  : (result.row.session_started_at ?? result.row.received_at),
            ];
      const { dt, hour } = result.partition;
      expect(`${dt}T${hour}`).toBe(times.toSorted()[0]!.slice(0, 13));
      expect(dt >= "2020-01-01" && dt <= "2025-11-22").toBe(true);
    }),
    RUNS,
  );
});

test("no text makes it throw or show an image's address", () => {
  const text = fc.oneof(
    notification.map((input) => JSON.stringify(input)),
    fc.string(),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, anyTable, (input, context) => {
      const result = normaliseNotification(input, context);
      if (!result.ok) expect(result.reason.replace("expected s3://bucket/key", "")).not.toContain("s3://");
    }),
    RUNS,
  );
});
