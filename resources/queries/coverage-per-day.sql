-- How much of each camera's motion was analysed per day, and how much was missed or over with all labels detected.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  dt,
  count_if(outcome <> 'gap') AS sessions,
  round(sum(IF(outcome = 'completed', duration_ms, 0)) / 1e3, 1) AS analysed_seconds,
  round(sum(IF(outcome <> 'completed' AND coalesce(reason, '') <> 'all-detected', duration_ms, 0)) / 1e3, 1) AS missed_seconds,
  round(sum(IF(reason = 'all-detected', duration_ms, 0)) / 1e3, 1) AS all_detected_seconds,
  round(1e2 * sum(IF(outcome = 'completed', duration_ms, 0)) / nullif(sum(duration_ms), 0), 1) AS analysed_percent,
  sum(samples) AS samples,
  round(max(longest_gap_ms) / 1e3, 1) AS longest_sample_gap_seconds
FROM coverage
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id, dt
ORDER BY camera_id, dt
