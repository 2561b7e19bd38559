-- Detections that reached the lake long after the camera recorded them, by camera.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param minutes integer default 10: delay above which a detection is late
SELECT
  camera_id,
  count(*) AS detections,
  count_if(lag_ms > /*minutes:*/ 10 /*:minutes*/ * 60000) AS late,
  round(1e2 * count_if(lag_ms > /*minutes:*/ 10 /*:minutes*/ * 60000) / count(*), 1) AS late_percent,
  round(max(lag_ms) / 6e4, 1) AS longest_minutes,
  max_by(detected_at, lag_ms) AS latest_was_filmed_at
FROM (
  SELECT
    camera_id,
    detected_at,
    received_at_ms - detected_at_ms AS lag_ms
  FROM detections
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
    AND camera_id LIKE /*camera:*/ '%' /*:camera*/
)
GROUP BY camera_id
HAVING count_if(lag_ms > /*minutes:*/ 10 /*:minutes*/ * 60000) > 0
ORDER BY late DESC, camera_id
