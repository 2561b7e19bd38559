import { sqlText } from "../schemas/queries/sql-text.ts";

/** A query of the lake, in Athena's SQL. */
interface DemoQuery {
  readonly title: string;
  readonly sql: string;
}

/** The queries about some sessions. */
export function demoQueries(sessionIds: readonly string[]): DemoQuery[] {
  const ours = `session_id IN (${sessionIds.map(sqlText).join(", ")})`;
  return [
    {
      title: "What was detected, and when",
      sql: `SELECT camera_id, label, date_format(min(detected_at), '%Y-%m-%d %H:%i:%s') AS first_seen_utc,
       round(max(confidence), 1) AS confidence,
       min(time_to_detection_ms) AS after_ms
FROM detections
WHERE ${ours}
GROUP BY camera_id, label
ORDER BY camera_id, after_ms`,
    },
    {
      title: "What each session analysed",
      sql: `SELECT s.camera_id, s.max_duration_s, s.processed_ms, count(d.label_id) AS detections
FROM sessions s
LEFT JOIN detections d ON d.session_id = s.session_id
WHERE s.${ours}
GROUP BY s.camera_id, s.session_id, s.max_duration_s, s.processed_ms
ORDER BY s.camera_id`,
    },
  ];
}

/** Counts the rows of these sessions in the lake. */
export const countRows = (sessionIds: readonly string[]): string => {
  const ours = `WHERE session_id IN (${sessionIds.map(sqlText).join(", ")})`;
  return `SELECT (SELECT count(*) FROM detections ${ours}) AS detections,
       (SELECT count(*) FROM sessions ${ours}) AS sessions`;
};
