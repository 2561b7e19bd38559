-- When and where each enrolled person came first on each day, and when last, by the clock of a time zone.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param person text default '%': persons by their ids, as a LIKE pattern
-- @param zone text default 'UTC': time zone of the days, e.g. Europe/Berlin; from and to are UTC days
SELECT
  date_format(local_at, '%Y-%m-%d') AS local_day,
  person_id,
  min(date_format(local_at, '%H:%i:%s')) AS came_at,
  min_by(camera_id, first_seen_at) AS first_camera,
  max(date_format(local_at, '%H:%i:%s')) AS last_came_at,
  count(*) AS visits
FROM (
  SELECT
    *,
    at_timezone(with_timezone(first_seen_at, 'UTC'), /*zone:*/ 'UTC' /*:zone*/) AS local_at
  FROM visits
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
    AND camera_id LIKE /*camera:*/ '%' /*:camera*/
    AND person_id LIKE /*person:*/ '%' /*:person*/
)
GROUP BY 1, 2
ORDER BY local_day, came_at, person_id
