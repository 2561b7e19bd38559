import type { EngineName } from "../schemas/engine.ts";
import { sqlText } from "../schemas/queries/sql-text.ts";

/** A query of the lake, in Athena's SQL. */
export interface DemoQuery {
  readonly title: string;
  readonly sql: string;
}

/** A camera's first detection of a label. */
export interface FirstDetection {
  readonly camera: string;
  readonly engine: EngineName;
  readonly label: string;
  /** 0 to 100. */
  readonly confidence: number;
  /** Time from the beginning of the clip. */
  readonly afterMs: number;
}

const within = (sessionIds: readonly string[]): string =>
  `session_id IN (${sessionIds.map(sqlText).join(", ")})`;

/** What some sessions detected: the rows that {@link firstDetections} reads. */
export const detectedQuery = (sessionIds: readonly string[]): DemoQuery => ({
  title: "What was detected, and when",
  sql: `SELECT camera_id, engine, label, date_format(min(detected_at), '%Y-%m-%d %H:%i:%s') AS first_seen_utc,
       round(max(confidence), 1) AS confidence,
       min(time_to_detection_ms) AS after_ms
FROM detections
WHERE ${within(sessionIds)}
GROUP BY camera_id, engine, label
ORDER BY camera_id, after_ms, label`,
});

/** The rows of {@link detectedQuery}. */
export const firstDetections = (rows: readonly (readonly (string | null)[])[]): FirstDetection[] =>
  rows.map(([camera, engine, label, , confidence, afterMs]) => ({
    camera: camera!,
    engine: engine as EngineName,
    label: label!,
    confidence: Number(confidence),
    afterMs: Number(afterMs),
  }));

/** How much of its video each session analysed. A sample is a moment; a session of stream processors has none. */
export const analysedQuery = (sessionIds: readonly string[]): DemoQuery => ({
  title: "What each session analysed",
  sql: `SELECT s.camera_id, s.engine, s.max_duration_s, s.processed_ms, s.samples, s.longest_gap_ms,
       count(d.label_id) AS detections
FROM sessions s
LEFT JOIN detections d ON d.session_id = s.session_id
WHERE s.${within(sessionIds)}
GROUP BY s.camera_id, s.engine, s.session_id, s.max_duration_s, s.processed_ms, s.samples, s.longest_gap_ms
ORDER BY s.camera_id`,
});

/** Counts the rows of these sessions in the lake. */
export const countRows = (sessionIds: readonly string[]): string => {
  const ours = `WHERE ${within(sessionIds)}`;
  return `SELECT (SELECT count(*) FROM detections ${ours}) AS detections,
       (SELECT count(*) FROM sessions ${ours}) AS sessions`;
};

const ofCameras = (cameraIds: readonly string[]): string =>
  `camera_id IN (${cameraIds.map(sqlText).join(", ")})`;
const time = (column: string): string => `date_format(${column}, '%Y-%m-%d %H:%i:%s') AS ${column}`;

/** The visits at these cameras, the latest first. */
export const visitsQuery = (cameraIds: readonly string[]): string =>
  `SELECT person_id, camera_id, ${time("first_seen_at")}, ${time("last_seen_at")},
       faces, round(best_similarity, 1) AS best_similarity
FROM visits
WHERE ${ofCameras(cameraIds)}
ORDER BY visits.first_seen_at DESC, camera_id, person_id
LIMIT 20`;

/** When faces of nobody who is enrolled were at these cameras, the latest first. */
export const unknownQuery = (cameraIds: readonly string[]): string =>
  `SELECT camera_id, ${time("first_seen_at")}, ${time("last_seen_at")}, faces
FROM unknown_visitors
WHERE ${ofCameras(cameraIds)}
ORDER BY unknown_visitors.first_seen_at DESC, camera_id
LIMIT 20`;

/** How many faces at these cameras were not compared, by the reason. */
export const notComparedQuery = (cameraIds: readonly string[]): string =>
  `SELECT camera_id, unsearched_reason, count(*) AS faces
FROM faces
WHERE ${ofCameras(cameraIds)} AND unsearched_reason IS NOT NULL
GROUP BY camera_id, unsearched_reason
ORDER BY camera_id, unsearched_reason`;
