import type { BinUnit, TimeRange } from "../analysis/profile/bins.ts";
import { CONFIDENCE_LEVELS, LONGEST_S } from "../analysis/profile/simulation.ts";

/** What the report is asked about. */
export interface Asked {
  readonly range: TimeRange;
  readonly binUnit: BinUnit;
  /** Empty for all. */
  readonly cameraIds: readonly string[];
}

/** Cameras with a profile of their own: those with the most sessions. The others are shown together. */
export const MAX_PROFILED_CAMERAS = 100;
/** Days, of those with detections, whose evidence may be shown: older images may have expired. */
const EVIDENCE_DAYS = 3;
const DAY_MS = 86_400_000;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const listOf = (texts: readonly string[]): string => `(${texts.map(quoted).join(", ")})`;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const ofCameras = ({ cameraIds }: Asked, alias = ""): string[] =>
  cameraIds.length > 0 ? [`${alias}camera_id IN ${listOf(cameraIds)}`] : [];

const onDays = ({ fromMs, toMs }: TimeRange, alias = ""): string =>
  `${alias}dt BETWEEN ${quoted(dayOf(fromMs))} AND ${quoted(dayOf(toMs))}`;

/** Filters on dt reach the files, the exact times what is in them. */
function within(asked: Asked, timeColumn: string, alias = "", days = asked.range): string {
  const { fromMs, toMs } = asked.range;
  return [
    onDays(days, alias),
    `${alias}${timeColumn} >= ${fromMs} AND ${alias}${timeColumn} < ${toMs}`,
    ...ofCameras(asked, alias),
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
const secondsUp = (ms: string): string =>
  `CASE WHEN ${ms} > 0 THEN (${ms} + 999) / 1000 ELSE ${ms} / 1000 END`;
/** More than the longest session is one class, so that the answer stays small. */
const capped = (seconds: string): string => `least(${seconds}, ${LONGEST_S + 1})`;

/** To be told of a few aggregated rows: each is compared with every id. */
const profiled = (cameraIds: readonly string[]): string =>
  cameraIds.length === 0
    ? "CAST(NULL AS varchar)"
    : `CASE WHEN camera_id IN ${listOf(cameraIds)} THEN camera_id END`;

/** The cameras with the most records of sessions, and how many cameras there are; copies do no harm to a ranking. */
export const camerasSql = (asked: Asked): string => `SELECT camera_id, count(*) OVER () AS cameras
FROM session_records
WHERE ${within(asked, "session_started_at_ms")}
GROUP BY camera_id
ORDER BY count(*) DESC, camera_id
LIMIT ${MAX_PROFILED_CAMERAS}`;

/**
 * Sessions and gaps by what came of them, with the stretches that the ledger has of each. A camera has one session or gap
 * at a time, so camera and start name it (a start that fails is tried again, so there the session does, too), and its
 * copies, the engine's and the ledger's, are taken together: cheaper than the views, with the same answer.
 * @param cameraIds that have a profile of their own; the others are NULL together
 */
export const sessionsSql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  bin,
  outcome,
  reason,
  sum(sessions) AS sessions,
  sum(analysed_ms) AS analysed_ms,
  sum(stretches) AS stretches,
  sum(stretches_ms) AS stretches_ms
FROM (
  SELECT camera_id, bin, outcome, reason,
    count(*) AS sessions,
    coalesce(sum(analysed_ms), 0) AS analysed_ms,
    count(stretch_ms) AS stretches,
    coalesce(sum(stretch_ms), 0) AS stretches_ms
  FROM (
    SELECT camera_id, outcome,
      min(${BINS[asked.binUnit]}) AS bin,
      max(reason) AS reason,
      max(processed_ms) AS analysed_ms,
      max(CASE WHEN source = 'ledger' THEN session_ended_at_ms - session_started_at_ms END) AS stretch_ms
    FROM session_records
    WHERE ${within(asked, "session_started_at_ms").replaceAll("\n", "\n    ")}
    GROUP BY camera_id, session_started_at_ms, outcome, CASE WHEN outcome = 'failed' THEN session_id END
  )
  GROUP BY 1, 2, 3, 4
)
GROUP BY 1, 2, 3, 4`;

/**
 * Sessions that detected something, each once, at the time of its first detection. Camera and start name a session, its
 * id only one whose start nobody told: numbers are grouped with less memory than texts.
 * @param cameraIds that have a profile of their own; the others are NULL together
 */
export const seeingSql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  bin,
  sum(sessions) AS sessions
FROM (
  SELECT camera_id, bin, count(*) AS sessions
  FROM (
    SELECT camera_id, min(${BINS[asked.binUnit]}) AS bin
    FROM detection_records
    WHERE ${within(asked, "detected_at_ms").replaceAll("\n", "\n    ")}
    GROUP BY camera_id, session_started_at_ms, CASE WHEN session_started_at_ms IS NULL THEN session_id END
  )
  GROUP BY 1, 2
)
GROUP BY 1, 2`;

/**
 * Detections, each once, counted twice in one scan: by camera, time and label; and by label, second and confidence, where
 * the bin is NULL. Copies tell the same, so that distinct rows are what the view has; a notification is named by its
 * session and frame instead of its id, since numbers are read and compared faster than texts.
 * @param cameraIds that have a profile of their own; the others are NULL together
 */
export const detectionsSql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  bin,
  label,
  after_s,
  level,
  sum(detections) AS detections
FROM (
  SELECT camera_id, bin, label, after_s, level, count(*) AS detections
  FROM (
    SELECT camera_id, bin, label,
      ${capped(secondsUp("(detected_at_ms - session_started_at_ms)"))} AS after_s,
      ${LEVEL.replaceAll("\n", "\n    ")} AS level
    FROM (
      SELECT DISTINCT camera_id, session_started_at_ms, detected_at_ms, label_id, label, confidence,
        ${BINS[asked.binUnit]} AS bin
      FROM detection_records
      WHERE ${within(asked, "detected_at_ms").replaceAll("\n", "\n      ")}
    )
  )
  GROUP BY GROUPING SETS ((camera_id, bin, label), (label, after_s, level))
)
GROUP BY 1, 2, 3, 4, 5`;

/**
 * Quantiles of a camera's times to detection; a few copies hardly move them. They cannot be put together from aggregated
 * rows, so that here every row finds its camera, by a join.
 */
export const cameraLabelsSql = (
  asked: Asked,
  cameraIds: readonly string[],
): string => `SELECT ${cameraIds.length === 0 ? "CAST(NULL AS varchar)" : "profiled.camera_id"} AS camera,
  label,
  approx_percentile(detected_at_ms - session_started_at_ms, 0.05) AS p5_ms,
  approx_percentile(detected_at_ms - session_started_at_ms, 0.5) AS median_ms,
  approx_percentile(detected_at_ms - session_started_at_ms, 0.95) AS p95_ms
FROM detection_records${
  cameraIds.length === 0
    ? ""
    : `
LEFT JOIN (VALUES ${cameraIds.map(quoted).join(", ")}) AS profiled (camera_id)
  ON profiled.camera_id = detection_records.camera_id`
}
WHERE ${within(asked, "detected_at_ms", "detection_records.")}
GROUP BY 1, 2`;

/** The motion that a session covers: where its chain began. Rows from before chains were entered stand for themselves. */
const MOTION = "coalesce(chain_started_at_ms, session_started_at_ms)";
/** How long after the motion's start its sessions were allowed to run. */
const REACH = `(session_started_at_ms - ${MOTION}) / 1000 + coalesce(max_duration_s, processed_ms / 1000)`;

/** A motion that begins in the time asked about may end the day after. */
const untilNextDay = ({ fromMs, toMs }: TimeRange): TimeRange => ({ fromMs, toMs: toMs + DAY_MS });

/**
 * Finished sessions of the motions that began in the time asked about, by the ledger. Copies do no harm where only the
 * greatest and least count.
 */
const analysed = (asked: Asked): string => `source = 'ledger'
    AND outcome = 'completed'
    AND ${within(asked, MOTION, "", untilNextDay(asked.range)).replaceAll("\n", "\n  ")}`;

/** Motions by how long their sessions were allowed to run and how long they ran. */
export const motionsSql = (asked: Asked): string => `SELECT reach_s,
  ${capped(secondsUp("lasted_ms"))} AS lasted_s,
  count(*) AS motions,
  sum(lasted_ms) AS lasted_ms
FROM (
  SELECT least(max(${REACH}), ${LONGEST_S}) AS reach_s,
    max(session_ended_at_ms - ${MOTION}) AS lasted_ms
  FROM session_records
  WHERE ${analysed(asked)}
  GROUP BY camera_id, ${MOTION}
)
GROUP BY 1, 2`;

const FIRST_SIGHTS = CONFIDENCE_LEVELS.map((level) => `after_s_${level}`).join(", ");

/**
 * Motions by when each label was first seen with at least each confidence. A session that goes on with its chain takes
 * the motion's start from there, any other begins its own.
 * @param horizonS only motions whose sessions were allowed to run so long
 */
export const firstSightsSql = (asked: Asked, horizonS: number): string => `WITH continued AS (
  SELECT camera_id, session_started_at_ms AS start_ms, chain_started_at_ms AS motion_ms
  FROM session_records
  WHERE ${analysed(asked)}
    AND chain_started_at_ms < session_started_at_ms
),
known AS (
  SELECT camera_id, ${MOTION} AS motion_ms
  FROM session_records
  WHERE ${analysed(asked)}
    AND ${REACH} >= ${horizonS}
),
sights AS (
  SELECT detection_records.camera_id, label, confidence, detected_at_ms,
    coalesce(continued.motion_ms, session_started_at_ms) AS motion_ms
  FROM detection_records
  LEFT JOIN continued ON continued.camera_id = detection_records.camera_id
    AND continued.start_ms = detection_records.session_started_at_ms
  WHERE ${[onDays(untilNextDay(asked.range)), ...ofCameras(asked, "detection_records.")].join("\n    AND ")}
),
timed AS (
  SELECT sights.camera_id, sights.motion_ms, label, confidence,
    CAST(greatest(0, ${capped(secondsUp("(detected_at_ms - sights.motion_ms)"))}) AS integer) AS after_s
  FROM sights
  JOIN known ON known.camera_id = sights.camera_id AND known.motion_ms = sights.motion_ms
),
seen AS (
  SELECT label,
    ${CONFIDENCE_LEVELS.map((level) =>
      level === 0
        ? "min(after_s) AS after_s_0"
        : `min(CASE WHEN confidence >= ${level} THEN after_s END) AS after_s_${level}`,
    ).join(",\n    ")}
  FROM timed
  GROUP BY camera_id, motion_ms, label
)
SELECT label, level, after_s, sum(motions) AS first_sights
FROM (
  SELECT label, ${FIRST_SIGHTS}, count(*) AS motions
  FROM seen
  GROUP BY label, ${FIRST_SIGHTS}
)
CROSS JOIN UNNEST(
  ARRAY[${CONFIDENCE_LEVELS.join(", ")}],
  ARRAY[${FIRST_SIGHTS}]
) AS sight (level, after_s)
WHERE after_s IS NOT NULL
GROUP BY 1, 2, 3`;

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

/** The first and last day that have anything, whatever time was asked about. */
export function extentSql({ cameraIds }: Asked): string {
  const whose = cameraIds.length > 0 ? ` WHERE camera_id IN ${listOf(cameraIds)}` : "";
  return `SELECT min(dt) AS first_day, max(dt) AS last_day
FROM (
  SELECT dt FROM session_records${whose}
  UNION ALL
  SELECT dt FROM detection_records${whose}
)`;
}
