-- Completed sessions without detections, by camera: motion that was neither person, pet nor package.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  s.camera_id,
  count(*) AS sessions,
  count_if(d.session_id IS NULL) AS without_detections,
  round(1e2 * count_if(d.session_id IS NULL) / count(*), 1) AS share_percent,
  round(sum(CASE WHEN d.session_id IS NULL THEN s.processed_ms ELSE 0 END) / 6e4, 2) AS minutes_without
FROM sessions s
LEFT JOIN (
  SELECT DISTINCT session_id
  FROM detections
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ + INTERVAL '1' DAY AS varchar)
) d
  ON d.session_id = s.session_id
WHERE s.outcome = 'completed'
  AND s.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND s.camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY s.camera_id
ORDER BY without_detections DESC, s.camera_id
