/** A question to the lake, in Athena's SQL. */
export interface Question {
  readonly title: string;
  readonly sql: string;
}

/** Text as a SQL string. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** What one wants to know after a look at some sessions. Delivery is at least once, so facts are told apart. */
export function questions(sessionIds: readonly string[]): Question[] {
  const ours = `session_id IN (${sessionIds.map(text).join(", ")})`;
  return [
    {
      title: "What was seen, and how soon",
      sql: `SELECT camera_id, label, date_format(min(detected_at), '%Y-%m-%d %H:%i:%s') AS first_seen_utc,
       round(max(confidence), 1) AS confidence,
       min(detected_at_ms - session_started_at_ms) AS after_ms
FROM detection_records
WHERE ${ours}
GROUP BY camera_id, label
ORDER BY camera_id, after_ms`,
    },
    {
      title: "What each session analysed",
      sql: `SELECT s.camera_id, arbitrary(s.max_duration_s) AS max_duration_s, max(s.processed_ms) AS processed_ms,
       count(DISTINCT d.label_id) AS detections
FROM session_records s
LEFT JOIN detection_records d ON d.session_id = s.session_id
WHERE s.${ours} AND s.source = 'engine'
GROUP BY s.camera_id, s.session_id
ORDER BY s.camera_id`,
    },
  ];
}

/** The number of facts in the lake of these sessions. */
export const countRows = (sessionIds: readonly string[]): string => {
  const ours = `WHERE session_id IN (${sessionIds.map(text).join(", ")})`;
  return `SELECT (SELECT count(*) FROM (SELECT DISTINCT event_id, label_id FROM detection_records ${ours})) AS detections,
       (SELECT count(*) FROM (SELECT DISTINCT event_id FROM session_records ${ours} AND source = 'engine')) AS sessions`;
};
