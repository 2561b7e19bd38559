-- Who came when: each visit of an enrolled person, by the clock of a time zone.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param person text default '%': persons by their ids, as a LIKE pattern
-- @param zone text default 'UTC': time zone of the times, e.g. Europe/Berlin; from and to are UTC days
SELECT
  date_format(at_timezone(with_timezone(first_seen_at, 'UTC'), /*zone:*/ 'UTC' /*:zone*/), '%Y-%m-%d %H:%i:%s') AS came_at,
  date_format(at_timezone(with_timezone(last_seen_at, 'UTC'), /*zone:*/ 'UTC' /*:zone*/), '%Y-%m-%d %H:%i:%s') AS seen_until,
  camera_id,
  person_id,
  faces,
  best_similarity
FROM visits
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
  AND person_id LIKE /*person:*/ '%' /*:person*/
ORDER BY first_seen_at, camera_id, person_id
