import type { BinUnit, TimeRange } from "../analysis/profile/bins.ts";
import { GENERATED_PREFIX } from "../analysis/synthetic/camera.ts";
import { CONFIDENCE_LEVELS, LONGEST_S } from "../analysis/profile/simulation.ts";
import { sqlText } from "../schemas/queries/sql-text.ts";
import { ENGINE_OF_SESSION } from "../schemas/tables/shared-columns.ts";
import { deliveredLabels } from "../schemas/views/detections.ts";

/** The period and the cameras of a report. */
export interface QueryScope {
  readonly range: TimeRange;
  readonly binUnit: BinUnit;
  /** Empty for all cameras. */
  readonly cameraIds: readonly string[];
  /** Whether to read what `doorstep generate` wrote, and nothing else; by default that is left out. */
  readonly synthetic: boolean;
}

/** The cameras with the most sessions have a profile of their own; all others are shown together. */
export const MAX_PROFILED_CAMERAS = 100;
/** Evidence is shown of this many days with detections, the latest: older images may have expired. */
const EVIDENCE_DAYS = 3;
const DAY_MS = 86_400_000;

const listOf = (texts: readonly string[]): string => `(${texts.map(sqlText).join(", ")})`;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Synthetic cameras and others are never in one report. */
const ofCameras = ({ cameraIds, synthetic }: Omit<QueryScope, "range" | "binUnit">, alias = ""): string[] => [
  `${alias}camera_id ${synthetic ? "LIKE" : "NOT LIKE"} ${sqlText(`${GENERATED_PREFIX}%`)}`,
  ...(cameraIds.length > 0 ? [`${alias}camera_id IN ${listOf(cameraIds)}`] : []),
];

const onDays = ({ fromMs, toMs }: TimeRange, alias = ""): string =>
  `${alias}dt BETWEEN ${sqlText(dayOf(fromMs))} AND ${sqlText(dayOf(toMs))}`;

/** The filter on dt selects files, the exact times select rows. */
function within(scope: QueryScope, timeColumn: string, alias = "", days = scope.range): string {
  const { fromMs, toMs } = scope.range;
  return [
    onDays(days, alias),
    `${alias}${timeColumn} >= ${fromMs} AND ${alias}${timeColumn} < ${toMs}`,
    ...ofCameras(scope, alias),
  ].join("\n  AND ");
}

/** A row per delivered label, with the columns that every query filters on and some more. */
const labels = (columns: readonly string[], indent: string): string =>
  deliveredLabels(["camera_id", "detected_at_ms", ...columns, "dt", "hour"], indent);

const BINS: Readonly<Record<BinUnit, string>> = {
  hour: "dt || 'T' || hour",
  day: "dt",
  week: "date_format(date_trunc('week', CAST(dt AS date)), '%Y-%m-%d')",
  month: "substr(dt, 1, 7)",
};

const LOWEST_LEVEL = CONFIDENCE_LEVELS[1];
const HIGHEST_LEVEL = CONFIDENCE_LEVELS.at(-1)!;
const LEVEL = `CASE
    WHEN confidence >= ${HIGHEST_LEVEL} THEN ${HIGHEST_LEVEL}
    WHEN confidence >= ${LOWEST_LEVEL} THEN 5 * CAST(floor(confidence / 5) AS integer)
    WHEN confidence IS NOT NULL THEN 0
  END`;

/** Milliseconds as whole seconds, rounded up: a detection 7.2 s after the start needs 8 s. */
const secondsUp = (ms: string): string =>
  `CASE WHEN ${ms} > 0 THEN (${ms} + 999) / 1000 ELSE ${ms} / 1000 END`;
/** Everything above the longest session is one group, so that the result stays small. */
const capped = (seconds: string): string => `least(${seconds}, ${LONGEST_S + 1})`;

/** Apply to few, aggregated rows only: each is compared with every id. */
const profiled = (cameraIds: readonly string[]): string =>
  cameraIds.length === 0
    ? "CAST(NULL AS varchar)"
    : `CASE WHEN camera_id IN ${listOf(cameraIds)} THEN camera_id END`;

/** The cameras with the most session records, and the number of cameras. Duplicates hardly change a ranking. */
export const camerasSql = (scope: QueryScope): string => `SELECT camera_id, count(*) OVER () AS cameras
FROM session_records
WHERE ${within(scope, "session_started_at_ms")}
GROUP BY camera_id
ORDER BY count(*) DESC, camera_id
LIMIT ${MAX_PROFILED_CAMERAS}`;

/** Where an interval begins; rows of earlier versions and of the engine only have the session's start. */
const FROM = "coalesce(from_at_ms, session_started_at_ms)";

/**
 * Sessions and gaps by outcome and engine, with the ledger's intervals. A camera has one session or gap at a time, so camera and start
 * identify it (a failed start is retried, so a failed session is identified by its id as well). Records of the engine and
 * the ledger, and their duplicates, are aggregated: cheaper than the views, with the same result.
 * @param cameraIds cameras with a profile of their own; the others are NULL together
 */
export const sessionsSql = (
  scope: QueryScope,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  bin,
  outcome,
  reason,
  sum(sessions) AS sessions,
  sum(analysed_ms) AS analysed_ms,
  sum(intervals) AS intervals,
  sum(intervals_ms) AS intervals_ms,
  engine,
  sum(samples) AS samples
FROM (
  SELECT camera_id, bin, outcome, reason, ${ENGINE_OF_SESSION} AS engine,
    coalesce(sum(samples), 0) AS samples,
    count(*) AS sessions,
    coalesce(sum(analysed_ms), 0) AS analysed_ms,
    sum(intervals) AS intervals,
    coalesce(sum(intervals_ms), 0) AS intervals_ms
  FROM (
    SELECT camera_id, outcome,
      min(bin) AS bin,
      max(reason) AS reason,
      max(engine) AS engine,
      max(samples) AS samples,
      max(analysed_ms) AS analysed_ms,
      count(interval_ms) AS intervals,
      sum(interval_ms) AS intervals_ms
    FROM (
      SELECT camera_id, session_started_at_ms, outcome,
        CASE WHEN outcome = 'failed' THEN session_id END AS failed_id,
        min(${BINS[scope.binUnit]}) AS bin,
        max(reason) AS reason,
        max(engine) AS engine,
        max(samples) AS samples,
        max(processed_ms) AS analysed_ms,
        max(CASE
          WHEN source = 'ledger' AND (outcome <> 'completed' OR session_ended_at_ms > ${FROM})
          THEN session_ended_at_ms - ${FROM}
        END) AS interval_ms
      FROM session_records
      WHERE ${within(scope, "session_started_at_ms").replaceAll("\n", "\n      ")}
      GROUP BY camera_id, session_started_at_ms, outcome,
        CASE WHEN outcome = 'failed' THEN session_id END,
        ${FROM}
    )
    GROUP BY camera_id, session_started_at_ms, outcome, failed_id
  )
  GROUP BY 1, 2, 3, 4, 5
)
GROUP BY 1, 2, 3, 4, engine`;

/**
 * Sessions with detections, each once, at the time of its first detection. Camera and start identify a session, its id
 * only if the start is unknown: numbers need less memory to group than text.
 * @param cameraIds cameras with a profile of their own; the others are NULL together
 */
export const detectingSessionsSql = (
  scope: QueryScope,
  cameraIds: readonly string[],
): string => `SELECT ${profiled(cameraIds)} AS camera,
  bin,
  sum(sessions) AS sessions
FROM (
  SELECT camera_id, bin, count(*) AS sessions
  FROM (
    SELECT camera_id, min(${BINS[scope.binUnit]}) AS bin
    FROM (
      ${labels(["session_started_at_ms", "session_id"], "      ")}
    )
    WHERE ${within(scope, "detected_at_ms").replaceAll("\n", "\n    ")}
    GROUP BY camera_id, session_started_at_ms, CASE WHEN session_started_at_ms IS NULL THEN session_id END
  )
  GROUP BY 1, 2
)
GROUP BY 1, 2`;

/**
 * Detections, each once, in two groupings from one scan: by camera, bin and label; and by label, second and confidence, with
 * NULL as bin. Duplicates are equal, so distinct rows equal the view's; session and frame identify a notification instead of
 * its id, and the box a label, since numbers are faster to read and compare than text.
 * @param cameraIds cameras with a profile of their own; the others are NULL together
 */
export const detectionsSql = (
  scope: QueryScope,
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
      SELECT DISTINCT camera_id, session_started_at_ms, detected_at_ms, box_left, box_top, label, confidence,
        ${BINS[scope.binUnit]} AS bin
      FROM (
        ${labels(["session_started_at_ms", "box_left", "box_top", "label", "confidence"], "        ")}
      )
      WHERE ${within(scope, "detected_at_ms").replaceAll("\n", "\n      ")}
    )
  )
  GROUP BY GROUPING SETS ((camera_id, bin, label), (label, after_s, level))
)
GROUP BY 1, 2, 3, 4, 5`;

/**
 * Quantiles of a camera's times to detection; a few duplicates hardly change them. Quantiles cannot be computed from
 * aggregated rows, so every row is joined with its camera.
 */
export const cameraLabelsSql = (
  scope: QueryScope,
  cameraIds: readonly string[],
): string => `SELECT ${cameraIds.length === 0 ? "CAST(NULL AS varchar)" : "profiled.camera_id"} AS camera,
  label,
  approx_percentile(detected_at_ms - session_started_at_ms, 0.05) AS p5_ms,
  approx_percentile(detected_at_ms - session_started_at_ms, 0.5) AS median_ms,
  approx_percentile(detected_at_ms - session_started_at_ms, 0.95) AS p95_ms
FROM (
  ${labels(["session_started_at_ms", "label"], "  ")}
) AS labels${
  cameraIds.length === 0
    ? ""
    : `
LEFT JOIN (VALUES ${cameraIds.map(sqlText).join(", ")}) AS profiled (camera_id)
  ON profiled.camera_id = labels.camera_id`
}
WHERE ${within(scope, "detected_at_ms", "labels.")}
GROUP BY 1, 2`;

/** The motion that a session covers: the start of its chain. A row without a chain is a motion of its own. */
const MOTION = "coalesce(chain_started_at_ms, session_started_at_ms)";
/** How long after the motion's start its sessions were allowed to run. */
const REACH = `(session_started_at_ms - ${MOTION}) / 1000 + coalesce(max_duration_s, processed_ms / 1000)`;

/** A motion that begins in the range may end on the next day. */
const untilNextDay = ({ fromMs, toMs }: TimeRange): TimeRange => ({ fromMs, toMs: toMs + DAY_MS });

/**
 * The ledger's completed sessions of the motions that began in the range. Duplicates do not change a minimum or maximum.
 */
const analysed = (scope: QueryScope): string => `source = 'ledger'
    AND outcome = 'completed'
    AND ${within(scope, MOTION, "", untilNextDay(scope.range)).replaceAll("\n", "\n  ")}`;

/** Motions, grouped by engine, by how long their sessions were allowed to run and by how long they ran. */
export const motionsSql = (scope: QueryScope): string => `SELECT reach_s,
  ${capped(secondsUp("lasted_ms"))} AS lasted_s,
  count(*) AS motions,
  sum(lasted_ms) AS lasted_ms,
  engine
FROM (
  SELECT max(${ENGINE_OF_SESSION}) AS engine,
    least(max(${REACH}), ${LONGEST_S}) AS reach_s,
    max(session_ended_at_ms - ${MOTION}) AS lasted_ms
  FROM session_records
  WHERE ${analysed(scope)}
  GROUP BY camera_id, ${MOTION}
)
GROUP BY 1, 2, engine`;

const FIRST_DETECTIONS = CONFIDENCE_LEVELS.map((level) => `after_s_${level}`).join(", ");

/**
 * Motions, grouped by when each label was first detected with at least each confidence. A session that continues a chain
 * takes the motion's start from it; any other session begins a motion.
 * @param horizonS only motions whose sessions were allowed to run this long
 */
export const firstDetectionsSql = (scope: QueryScope, horizonS: number): string => `WITH continued AS (
  SELECT camera_id, session_started_at_ms AS start_ms, chain_started_at_ms AS motion_ms
  FROM session_records
  WHERE ${analysed(scope)}
    AND chain_started_at_ms < session_started_at_ms
),
known AS (
  SELECT camera_id, ${MOTION} AS motion_ms
  FROM session_records
  WHERE ${analysed(scope)}
    AND ${REACH} >= ${horizonS}
),
labels AS (
  SELECT delivered.camera_id, label, confidence, detected_at_ms,
    coalesce(continued.motion_ms, session_started_at_ms) AS motion_ms
  FROM (
    ${labels(["session_started_at_ms", "label", "confidence"], "    ")}
  ) AS delivered
  LEFT JOIN continued ON continued.camera_id = delivered.camera_id
    AND continued.start_ms = delivered.session_started_at_ms
  WHERE ${[onDays(untilNextDay(scope.range)), ...ofCameras(scope, "delivered.")].join("\n    AND ")}
),
timed AS (
  SELECT labels.camera_id, labels.motion_ms, label, confidence,
    CAST(greatest(0, ${capped(secondsUp("(detected_at_ms - labels.motion_ms)"))}) AS integer) AS after_s
  FROM labels
  JOIN known ON known.camera_id = labels.camera_id AND known.motion_ms = labels.motion_ms
),
first_per_motion AS (
  SELECT label,
    ${CONFIDENCE_LEVELS.map((level) =>
      level === 0
        ? "min(after_s) AS after_s_0"
        : `min(CASE WHEN confidence >= ${level} THEN after_s END) AS after_s_${level}`,
    ).join(",\n    ")}
  FROM timed
  GROUP BY camera_id, motion_ms, label
)
SELECT label, level, after_s, sum(motions) AS first_detections
FROM (
  SELECT label, ${FIRST_DETECTIONS}, count(*) AS motions
  FROM first_per_motion
  GROUP BY label, ${FIRST_DETECTIONS}
)
CROSS JOIN UNNEST(
  ARRAY[${CONFIDENCE_LEVELS.join(", ")}],
  ARRAY[${FIRST_DETECTIONS}]
) AS first (level, after_s)
WHERE after_s IS NOT NULL
GROUP BY 1, 2, 3`;

/** The latest detection of every camera and label, with its evidence. @param bins bins with detections */
export function evidenceSql(scope: QueryScope, bins: readonly string[], limit: number): string {
  const days = [...new Set(bins.map((bin) => bin.slice(0, 10)))].toSorted().slice(-EVIDENCE_DAYS);
  const first = days[0]?.padEnd(10, "-01") ?? dayOf(scope.range.fromMs);
  // One of each label in turn, so that rare labels are shown too.
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
WHERE dt >= ${sqlText(first)}
  AND ${within(scope, "detected_at_ms")}
GROUP BY camera_id, label
ORDER BY turn, label
LIMIT ${limit}`;
}

/** The first and last day with data, outside the range too. */
export function extentSql(scope: Omit<QueryScope, "range" | "binUnit">): string {
  const filter = ` WHERE ${ofCameras(scope).join(" AND ")}`;
  return `SELECT min(dt) AS first_day, max(dt) AS last_day
FROM (
  SELECT dt FROM session_records${filter}
  UNION ALL
  SELECT dt FROM detection_records${filter}
)`;
}
