import { EVENT_HOUR_PARTITIONS, type Row, type Table } from "./column.ts";
import { CAMERA_ID_COLUMN, RECEIVED_COLUMNS } from "./shared-columns.ts";

/**
 * Every decision about a detection as raiseAlerts sent it: one that is sent twice has two rows here and one in the view
 * `alert_decisions`. Columns are those of `schemas/alert-decision.ts`. They do not say who was seen: rows of faces are
 * rewritten when a person is forgotten, and these are not.
 */
export const alertRecords = {
  name: "alert_records",
  description:
    "One row is what became of one detected label, or of a face: it raised an alert, was merged into one, or was suppressed, and why. The view alert_decisions has each once.",
  columns: [
    {
      name: "event_id",
      type: "string",
      comment:
        "Id of the notification; its labels share it. Of a face: faces-, the camera and the time of the image in epoch milliseconds.",
    },
    {
      name: "label_id",
      type: "string",
      comment:
        "Id of the label within the notification; of a face its number in the image, face_no of faces.",
    },
    {
      name: "session_id",
      type: "string",
      nullable: true,
      comment: "Id of the session that detected the label; null for a face of which that is not known.",
    },
    { ...CAMERA_ID_COLUMN, comment: "The camera." },
    {
      name: "label",
      type: "string",
      comment: "What was detected, in capitals, e.g. PERSON; of a face always PERSON.",
    },
    {
      name: "confidence",
      type: "double",
      nullable: true,
      comment: "The engine's confidence, 0 to 100; null if it gave none, and for a face.",
    },
    {
      name: "person",
      type: "string",
      nullable: true,
      comment:
        "For a face: known if its person is enrolled, else unknown. Who it is, is in faces. Null for a label.",
    },
    {
      name: "detected_at",
      type: "timestamp",
      comment: "When the camera captured the frame, by its own clock, UTC. Decides the partition.",
    },
    { name: "detected_at_ms", type: "bigint", comment: "detected_at in epoch milliseconds." },
    { name: "decided_at", type: "timestamp", comment: "When the rules were applied to the detection, UTC." },
    { name: "decided_at_ms", type: "bigint", comment: "decided_at in epoch milliseconds." },
    {
      name: "decision",
      type: "string",
      comment:
        "raised: the first detection of an alert; merged: part of an alert that was raised before; suppressed: part of none.",
    },
    {
      name: "reason",
      type: "string",
      comment:
        "Raised: first-detection. Merged: new-label, unknown-person, new-person, new-rule, returned, better-picture, known. Suppressed: no-rule, disabled, camera, label, person, hours, confidence, late, snoozed, cooldown, max-per-hour, no-alert, camera-removed.",
    },
    {
      name: "rule_id",
      type: "string",
      nullable: true,
      comment:
        "The rule that decided; for a suppressed detection the one that came nearest to taking it. Null if there is none.",
    },
    {
      name: "severity",
      type: "string",
      nullable: true,
      comment: "The alert's after this detection: info, warning or critical; null if suppressed.",
    },
    {
      name: "alert_id",
      type: "string",
      nullable: true,
      comment: "The alert that the detection raised or is part of; null if suppressed.",
    },
    {
      name: "revision",
      type: "int",
      nullable: true,
      comment: "The alert's revision after this detection, from 1; null if suppressed.",
    },
    ...RECEIVED_COLUMNS,
  ],
  partitions: EVENT_HOUR_PARTITIONS,
} as const satisfies Table;

export type AlertDecisionRow = Row<typeof alertRecords>;
