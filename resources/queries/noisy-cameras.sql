-- Cameras with many sessions and few detections: candidates for another position or a smaller motion zone.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param min_sessions integer default 5: omit cameras with fewer sessions
SELECT
  s.camera_id,
  count(*) AS sessions,
  round(count(*) / CAST(count(DISTINCT s.dt) AS double), 1) AS sessions_per_active_day,
  count_if(d.detections > 0) AS useful_sessions,
  round(1e2 * count_if(coalesce(d.detections, 0) = 0) / count(*), 1) AS useless_percent
FROM sessions s
LEFT JOIN (
  SELECT session_id, count(*) AS detections
  FROM detections
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ + INTERVAL '1' DAY AS varchar)
  GROUP BY session_id
) d
  ON d.session_id = s.session_id
WHERE s.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND s.camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY s.camera_id
HAVING count(*) >= /*min_sessions:*/ 5 /*:min_sessions*/
ORDER BY useless_percent DESC, sessions DESC, s.camera_id
