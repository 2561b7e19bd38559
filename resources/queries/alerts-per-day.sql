-- Alerts per day and camera by their severity, and how many detections each stands for.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  dt,
  count(*) AS alerts,
  count_if(severity = 'critical') AS critical,
  count_if(severity = 'warning') AS warning,
  count_if(severity = 'info') AS info,
  round(1e0 + sum(merged_detections) / CAST(count(*) AS double), 1) AS detections_per_alert
FROM alerts
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id, dt
ORDER BY camera_id, dt
