-- Seconds from the frame to the alert that it raised, per camera: percentiles.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  count(*) AS alerts,
  -- Nearest rank: the shortest time that this share of the alerts did not exceed.
  min(seconds) FILTER (WHERE share >= 0.5e0) AS p50_seconds,
  min(seconds) FILTER (WHERE share >= 0.9e0) AS p90_seconds,
  min(seconds) FILTER (WHERE share >= 0.99e0) AS p99_seconds,
  max(seconds) AS slowest_seconds
FROM (
  SELECT
    camera_id,
    time_to_decision_ms / 1e3 AS seconds,
    cume_dist() OVER (PARTITION BY camera_id ORDER BY time_to_decision_ms) AS share
  FROM alert_decisions
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
    AND camera_id LIKE /*camera:*/ '%' /*:camera*/
    AND decision = 'raised'
)
GROUP BY camera_id
ORDER BY camera_id
