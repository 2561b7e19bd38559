-- Cost of each camera's analysed video per day, at a price per minute.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param usd_per_minute number default 0.00817: price of a minute of analysed video, US dollars
SELECT
  camera_id,
  dt,
  count(*) AS sessions,
  round(sum(coalesce(processed_ms, 0)) / 6e4, 2) AS analysed_minutes,
  round(sum(coalesce(processed_ms, 0)) / 6e4 * CAST(/*usd_per_minute:*/ 0.00817 /*:usd_per_minute*/ AS double), 4) AS usd
FROM sessions
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id, dt
ORDER BY camera_id, dt
