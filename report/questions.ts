import type { BinUnit, TimeRange } from "../core/profile-bins.ts";
import { CONFIDENCE_LEVELS, LONGEST_S } from "../core/profile-simulation.ts";

/** What the report is asked about. */
export interface Asked {
  readonly range: TimeRange;
  readonly binUnit: BinUnit;
  /** Empty for all. */
  readonly cameraIds: readonly string[];
}

/** Cameras with a profile of their own: those with the most sessions. The others are shown together. */
export const MAX_PROFILED_CAMERAS = 100;
/** Sessions of a camera that follow each other within this time analyse the same motion: lengths are rounded. */
export const SAME_MOTION_MS = 1000;
/** Days, of those with detections, whose evidence may be shown: older images may have expired. */
const EVIDENCE_DAYS = 3;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const listOf = (texts: readonly string[]): string => `(${texts.map(quoted).join(", ")})`;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Filters on dt reach the files, the exact times what is in them. */
function within({ range, cameraIds }: Asked, timeColumn: string, alias = ""): string {
  const { fromMs, toMs } = range;
  return [
    `${alias}dt BETWEEN ${quoted(dayOf(fromMs))} AND ${quoted(dayOf(toMs))}`,
    `${alias}${timeColumn} >= ${fromMs} AND ${alias}${timeColumn} < ${toMs}`,
    ...(cameraIds.length > 0 ? [`${alias}camera_id IN ${listOf(cameraIds)}`] : []),
  ].join("\n  AND ");
}

const BINS: Readonly<Record<BinUnit, string>> = {
  hour: "dt || 'T' || hour",
  day: "dt",
  week: "date_format(date_trunc('week', CAST(dt AS date)), '%Y-%m-%d')",
  month: "substr(dt, 1, 7)",
};

const LEAST_LEVEL = CONFIDENCE_LEVELS[1];
const HIGHEST_LEVEL = CONFIDENCE_LEVELS.at(-1)!;
const LEVEL = `CASE
    WHEN confidence >= ${HIGHEST_LEVEL} THEN ${HIGHEST_LEVEL}
    WHEN confidence >= ${LEAST_LEVEL} THEN 5 * CAST(floor(confidence / 5) AS integer)
    WHEN confidence IS NOT NULL THEN 0
  END`;

/** Milliseconds as whole seconds, rounded up, so that a sight 7.2 s after the start needs 8 s. */
const secondsUp = (ms: string): string => `CAST(ceil((${ms}) / 1000e0) AS integer)`;
/** More than the longest session is one class, so that the answer stays small. */
const capped = (seconds: string): string => `least(${seconds}, ${LONGEST_S + 1})`;

const profiled = (cameraIds: readonly string[], alias = ""): string =>
  cameraIds.length === 0
    ? "CAST(NULL AS varchar)"
    : `CASE WHEN ${alias}camera_id IN ${listOf(cameraIds)} THEN ${alias}camera_id END`;

/** The cameras with the most sessions, and how many there are. */
export const camerasSql = (asked: Asked): string => `SELECT camera_id, count(*) OVER () AS cameras
FROM sessions
WHERE ${within(asked, "session_started_at_ms")}
GROUP BY camera_id
ORDER BY count(*) DESC, camera_id
LIMIT ${MAX_PROFILED_CAMERAS}`;

/** @param cameraIds that have a profile of their own; the others are NULL together */
export const sessionsSql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  ${BINS[asked.binUnit]} AS bin,
  outcome,
  count(*) AS sessions,
  count(seen.session_id) AS with_detections,
  coalesce(sum(CASE WHEN outcome = 'completed' THEN processed_ms END), 0) AS analysed_ms
FROM sessions
LEFT JOIN (
  SELECT DISTINCT session_id
  FROM detections
  WHERE dt BETWEEN ${quoted(dayOf(asked.range.fromMs))} AND ${quoted(dayOf(asked.range.toMs + 86_400_000))}
) AS seen ON seen.session_id = sessions.session_id
WHERE ${within(asked, "session_started_at_ms")}
GROUP BY 1, 2, 3`;

export const activitySql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  ${BINS[asked.binUnit]} AS bin,
  label,
  count(*) AS detections
FROM detections
WHERE ${within(asked, "detected_at_ms")}
GROUP BY 1, 2, 3`;

export const detectionsSql = (asked: Asked): string => `SELECT label,
  ${capped(secondsUp("time_to_detection_ms"))} AS after_s,
  ${LEVEL} AS level,
  count(*) AS detections
FROM detections
WHERE ${within(asked, "detected_at_ms")}
GROUP BY 1, 2, 3`;

export const cameraLabelsSql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  label,
  count(*) AS detections,
  approx_percentile(time_to_detection_ms, 0.05) AS p5_ms,
  approx_percentile(time_to_detection_ms, 0.5) AS median_ms,
  approx_percentile(time_to_detection_ms, 0.95) AS p95_ms
FROM detections
WHERE ${within(asked, "detected_at_ms")}
GROUP BY 1, 2`;

export const coverageSql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  ${BINS[asked.binUnit]} AS bin,
  outcome,
  reason,
  count(*) AS stretches,
  sum(duration_ms) AS duration_ms
FROM coverage
WHERE ${within(asked, "from_at_ms")}
GROUP BY 1, 2, 3, 4`;

/** Finished sessions, each with the beginning of its motion: of the chain of sessions that it belongs to. */
const CHAINED = (asked: Asked): string => `linked AS (
  SELECT camera_id, session_id, session_started_at_ms, session_ended_at_ms,
    coalesce(max_duration_s, processed_ms / 1000) AS allowed_s,
    CASE
      WHEN session_started_at_ms - lag(session_ended_at_ms) OVER (
        PARTITION BY camera_id ORDER BY session_started_at_ms
      ) <= ${SAME_MOTION_MS} THEN NULL
      ELSE session_started_at_ms
    END AS begins_ms
  FROM sessions
  WHERE outcome = 'completed'
    AND ${within(asked, "session_started_at_ms").replaceAll("\n", "\n  ")}
),
chained AS (
  SELECT camera_id, session_id, session_started_at_ms, session_ended_at_ms, allowed_s,
    max(begins_ms) OVER (
      PARTITION BY camera_id ORDER BY session_started_at_ms ROWS UNBOUNDED PRECEDING
    ) AS motion_ms
  FROM linked
),
motions AS (
  SELECT camera_id, motion_ms,
    least(max((session_started_at_ms - motion_ms) / 1000 + allowed_s), ${LONGEST_S}) AS reach_s,
    max(session_ended_at_ms) - motion_ms AS lasted_ms
  FROM chained
  GROUP BY camera_id, motion_ms
)`;

export const motionsSql = (asked: Asked): string => `WITH ${CHAINED(asked)}
SELECT reach_s,
  ${capped(secondsUp("lasted_ms"))} AS lasted_s,
  count(*) AS motions,
  sum(lasted_ms) AS lasted_ms
FROM motions
GROUP BY 1, 2`;

/** @param horizonS only motions whose sessions were allowed to run so long */
export const firstSightsSql = (asked: Asked, horizonS: number): string => `WITH ${CHAINED(asked)},
sights AS (
  SELECT chained.camera_id, chained.motion_ms, detections.label,
    coalesce(${LEVEL.replaceAll("\n", "\n  ")}, 0) AS level,
    min(detected_at_ms) - chained.motion_ms AS after_ms
  FROM detections
  JOIN chained ON chained.session_id = detections.session_id
  JOIN motions ON motions.camera_id = chained.camera_id AND motions.motion_ms = chained.motion_ms
  WHERE motions.reach_s >= ${horizonS}
    AND detections.dt BETWEEN ${quoted(dayOf(asked.range.fromMs))} AND ${quoted(dayOf(asked.range.toMs + 86_400_000))}
  GROUP BY 1, 2, 3, 4
),
firsts AS (
  SELECT label, level,
    coalesce(
      lag(level) OVER (PARTITION BY camera_id, motion_ms, label ORDER BY level), -1
    ) AS above_level,
    min(after_ms) OVER (
      PARTITION BY camera_id, motion_ms, label ORDER BY level DESC ROWS UNBOUNDED PRECEDING
    ) AS after_ms
  FROM sights
)
SELECT label,
  greatest(0, ${capped(secondsUp("after_ms"))}) AS after_s,
  above_level,
  level,
  count(*) AS first_sights
FROM firsts
GROUP BY 1, 2, 3, 4`;

/** The latest detection of every camera and label, with its evidence. @param bins that have detections */
export function evidenceSql(asked: Asked, bins: readonly string[], limit: number): string {
  const days = [...new Set(bins.map((bin) => bin.slice(0, 10)))].toSorted().slice(-EVIDENCE_DAYS);
  const first = days[0]?.padEnd(10, "-01") ?? dayOf(asked.range.fromMs);
  // The latest of each label in turn, so that a rare label is shown, too.
  return `SELECT camera_id, label,
  row_number() OVER (PARTITION BY label ORDER BY max(detected_at_ms) DESC, camera_id) AS turn,
  max(detected_at_ms) AS detected_at_ms,
  max_by(confidence, detected_at_ms) AS confidence,
  max_by(frame_image_uri, detected_at_ms) AS frame_image_uri,
  max_by(time_to_detection_ms, detected_at_ms) AS time_to_detection_ms,
  max_by(box_left, detected_at_ms) AS box_left,
  max_by(box_top, detected_at_ms) AS box_top,
  max_by(box_width, detected_at_ms) AS box_width,
  max_by(box_height, detected_at_ms) AS box_height
FROM detections
WHERE dt >= ${quoted(first)}
  AND ${within(asked, "detected_at_ms")}
GROUP BY camera_id, label
ORDER BY turn, label
LIMIT ${limit}`;
}
