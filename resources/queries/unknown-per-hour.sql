-- Unknown visitors per camera and hour: intervals with faces that match nobody enrolled, on the hour of the first face.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  dt,
  hour,
  count(*) AS unknown_visitors,
  sum(faces) AS faces,
  round(sum(duration_ms) / 1e3, 1) AS seconds
FROM unknown_visitors
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id, dt, hour
ORDER BY camera_id, dt, hour
