-- Visits per week and person: how many, on how many days, at how many cameras; weeks begin on Monday, UTC.
-- @param from date default current_date - INTERVAL '28' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param person text default '%': persons by their ids, as a LIKE pattern
SELECT
  CAST(date_trunc('week', CAST(dt AS date)) AS varchar) AS week,
  person_id,
  count(*) AS visits,
  count(DISTINCT dt) AS days,
  count(DISTINCT camera_id) AS cameras,
  round(sum(duration_ms) / 6e4, 1) AS minutes
FROM visits
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '28' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
  AND person_id LIKE /*person:*/ '%' /*:person*/
GROUP BY 1, 2
ORDER BY week, visits DESC, person_id
