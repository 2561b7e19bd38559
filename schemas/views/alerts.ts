import type { View } from "./view.ts";

/** Its decisions of the day, the day before and the day after: of an alert across midnight too. */
const NEAR_DAYS = [
  "dt",
  "CAST(CAST(dt AS date) - INTERVAL '1' DAY AS varchar)",
  "CAST(CAST(dt AS date) + INTERVAL '1' DAY AS varchar)",
];
const IS_FIRST = "decision = 'raised' AND dt = alert_dt";

/**
 * Each alert once, on the day of the detection that raised it, with the first decision about each of its detections. The
 * days next to a row's own are computed from its `dt` before anything else, so that conditions on `dt` reach the files.
 * Those on `hour` do not, since an alert may last for hours.
 */
export const alerts: View = {
  name: "alerts",
  description:
    "One row is one alert: what raised it and what was merged into it. Filters on dt reduce the data that Athena scans to that day and those next to it, filters on hour do not.",
  columns: [
    { name: "alert_id", type: "string", comment: "Id of the alert, the same in all of its messages." },
    { name: "camera_id", type: "string", comment: "The camera." },
    {
      name: "severity",
      type: "string",
      comment: "Its severity at the end: info, warning or critical. It never falls.",
    },
    {
      name: "labels",
      type: "array<string>",
      comment: "What was detected, in capitals, in alphabetical order.",
    },
    { name: "rules", type: "array<string>", comment: "The rules that decided, in alphabetical order." },
    {
      name: "first_detected_at",
      type: "timestamp",
      comment: "When the camera captured its first detection, UTC.",
    },
    {
      name: "last_detected_at",
      type: "timestamp",
      comment: "When the camera captured its last detection, UTC, at the latest on the day after.",
    },
    { name: "raised_at", type: "timestamp", comment: "When the alert was raised, UTC." },
    {
      name: "time_to_alert_ms",
      type: "bigint",
      comment:
        "From the frame of the detection that raised it to raised_at, milliseconds: two clocks, so it may be off by their difference.",
    },
    {
      name: "revisions",
      type: "int",
      comment:
        "Its revision after its last detection. Pictures that come later, packages and the end make further ones.",
    },
    {
      name: "merged_detections",
      type: "bigint",
      comment: "How many further detections are part of it.",
    },
    { name: "dt", type: "string", comment: "UTC date of the detection that raised it, yyyy-MM-dd." },
    { name: "hour", type: "string", comment: "UTC hour of the same detection, 00 to 23." },
  ],
  sql: `SELECT
  alert_id,
  max(camera_id) AS camera_id,
  max_by(severity, revision) AS severity,
  array_sort(array_agg(DISTINCT label)) AS labels,
  array_sort(array_agg(DISTINCT rule_id)) AS rules,
  min(detected_at) AS first_detected_at,
  max(detected_at) AS last_detected_at,
  min(decided_at) FILTER (WHERE ${IS_FIRST}) AS raised_at,
  min(decided_at_ms - detected_at_ms) FILTER (WHERE ${IS_FIRST}) AS time_to_alert_ms,
  max(revision) AS revisions,
  count_if(decision = 'merged') AS merged_detections,
  alert_dt AS dt,
  min(hour) FILTER (WHERE ${IS_FIRST}) AS hour
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY alert_dt, dt, hour, event_id, label_id ORDER BY decided_at_ms, received_at_ms
    ) AS copy
  FROM (
    ${NEAR_DAYS.map((day) => `SELECT *, ${day} AS alert_dt FROM alert_records`).join("\n    UNION ALL\n    ")}
  )
)
WHERE copy = 1 AND alert_id IS NOT NULL
GROUP BY alert_dt, alert_id
HAVING count_if(${IS_FIRST}) > 0`,
};
