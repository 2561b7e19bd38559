-- The hours of the day with the most detections, by the clock of a time zone.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param zone text default 'UTC': time zone of the hours, e.g. Europe/Berlin; from and to are UTC days
SELECT
  local_hour,
  count(*) AS detections,
  count(DISTINCT camera_id) AS cameras,
  round(1e2 * count(*) / sum(count(*)) OVER (), 1) AS share_percent
FROM (
  SELECT
    camera_id,
    hour(at_timezone(with_timezone(detected_at, 'UTC'), /*zone:*/ 'UTC' /*:zone*/)) AS local_hour
  FROM detections
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
    AND camera_id LIKE /*camera:*/ '%' /*:camera*/
)
GROUP BY local_hour
ORDER BY detections DESC, local_hour
