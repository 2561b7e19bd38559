-- Pets detected between two hours of the night, by the clock of a time zone.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param zone text default 'UTC': time zone of the hours, e.g. Europe/Berlin; from and to are UTC days
-- @param night_from integer default 22: hour at which the night begins
-- @param night_to integer default 6: hour at which it ends
SELECT
  camera_id,
  local_time,
  confidence,
  session_id,
  frame_image_uri
FROM (
  SELECT
    *,
    date_format(local_at, '%Y-%m-%d %H:%i:%s') AS local_time,
    hour(local_at) AS local_hour
  FROM (
    SELECT
      *,
      at_timezone(with_timezone(detected_at, 'UTC'), /*zone:*/ 'UTC' /*:zone*/) AS local_at
    FROM detections
    WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
        AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
      AND camera_id LIKE /*camera:*/ '%' /*:camera*/
      AND label = 'PET'
  )
)
-- The night ends on the next day, so it includes late hours and early hours.
WHERE local_hour >= /*night_from:*/ 22 /*:night_from*/
  OR local_hour < /*night_to:*/ 6 /*:night_to*/
ORDER BY detected_at, camera_id
