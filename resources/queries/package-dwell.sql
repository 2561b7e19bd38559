-- How long packages stayed: from the first session that detected one to the next session that detected none.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
WITH checks AS (
  SELECT
    s.camera_id,
    s.session_started_at,
    s.session_started_at_ms,
    min(d.detected_at) AS package_at,
    min(d.detected_at_ms) AS package_at_ms
  FROM sessions s
  LEFT JOIN detections d
    ON d.session_id = s.session_id
    AND d.label = 'PACKAGE'
    AND d.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ + INTERVAL '1' DAY AS varchar)
  WHERE s.outcome = 'completed'
    AND s.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
    AND s.camera_id LIKE /*camera:*/ '%' /*:camera*/
  GROUP BY s.camera_id, s.session_id, s.session_started_at, s.session_started_at_ms
),
stays AS (
  SELECT
    *,
    count_if(package_at_ms IS NULL) OVER (
      PARTITION BY camera_id ORDER BY session_started_at_ms ROWS UNBOUNDED PRECEDING
    ) AS stay,
    lead(session_started_at) OVER (PARTITION BY camera_id ORDER BY session_started_at_ms) AS next_at,
    lead(session_started_at_ms) OVER (PARTITION BY camera_id ORDER BY session_started_at_ms) AS next_at_ms
  FROM checks
)
SELECT
  camera_id,
  min(package_at) AS first_seen_at,
  max(package_at) AS last_seen_at,
  -- NULL while the package is still there: no later session exists.
  CASE WHEN count(next_at) = count(*) THEN max(next_at) END AS gone_by,
  CASE WHEN count(next_at) = count(*) THEN round((max(next_at_ms) - min(package_at_ms)) / 6e4, 1) END AS dwell_minutes
FROM stays
WHERE package_at_ms IS NOT NULL
GROUP BY camera_id, stay
ORDER BY first_seen_at, camera_id
