import { detectionRecords } from "../tables/detection-records.ts";
import { columnsOf, type View, type ViewColumn } from "./view.ts";

const TIME_TO_DETECTION: ViewColumn = {
  name: "time_to_detection_ms",
  type: "bigint",
  nullable: true,
  comment:
    "From the session's start in the video to the frame, milliseconds; null if the notification does not say where it began.",
};

const recorded = columnsOf(detectionRecords);
const names = recorded.map(({ name }) => name);

/** Each detection once: the first of its copies. */
export const detections: View = {
  name: "detections",
  description: "One row is one label detected in one session, however often it was delivered.",
  columns: [...recorded.slice(0, -2), TIME_TO_DETECTION, ...recorded.slice(-2)],
  sql: `SELECT
  ${names.slice(0, -2).join(",\n  ")},
  detected_at_ms - session_started_at_ms AS time_to_detection_ms,
  ${names.slice(-2).join(",\n  ")}
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY dt, hour, event_id, label_id ORDER BY received_at_ms) AS copy
  FROM detection_records
)
WHERE copy = 1`,
};
