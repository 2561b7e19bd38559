-- Time from a session's start to its first detection of each label, for frames to the sample that shows it: percentiles.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  engine,
  label,
  count(*) AS first_sights,
  min(time_ms) AS fastest_ms,
  -- Nearest rank: the smallest time that this share of the sessions did not exceed.
  min(time_ms) FILTER (WHERE share >= 0.5e0) AS p50_ms,
  min(time_ms) FILTER (WHERE share >= 0.9e0) AS p90_ms,
  min(time_ms) FILTER (WHERE share >= 0.99e0) AS p99_ms,
  max(time_ms) AS slowest_ms
FROM (
  SELECT
    engine,
    label,
    time_ms,
    cume_dist() OVER (PARTITION BY engine, label ORDER BY time_ms) AS share
  FROM (
    SELECT
      session_id,
      engine,
      label,
      min(time_to_detection_ms) AS time_ms
    FROM detections
    WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
        AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
      AND camera_id LIKE /*camera:*/ '%' /*:camera*/
      AND time_to_detection_ms IS NOT NULL
    GROUP BY session_id, engine, label
  )
)
GROUP BY engine, label
ORDER BY label, engine
