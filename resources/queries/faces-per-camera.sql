-- What became of the faces at each camera: recognised, unknown, or not searched, and how good they are.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  engine,
  count(*) AS faces,
  count_if(person_id IS NOT NULL) AS recognised,
  count_if(person_id IS NULL AND unsearched_reason IS NULL) AS unknown,
  count_if(unsearched_reason IS NOT NULL) AS not_searched,
  round(1e2 * count_if(person_id IS NOT NULL) / count(*), 1) AS recognised_percent,
  round(avg(brightness), 1) AS brightness,
  round(avg(sharpness), 1) AS sharpness
FROM faces
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id, engine
ORDER BY camera_id, engine
