-- Detections of people, pets and packages per camera and hour.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  dt,
  hour,
  count(*) AS detections,
  count_if(label = 'PERSON') AS people,
  count_if(label = 'PET') AS pets,
  count_if(label = 'PACKAGE') AS packages
FROM detections
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id, dt, hour
ORDER BY camera_id, dt, hour
