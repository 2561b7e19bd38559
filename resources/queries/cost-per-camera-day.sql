-- Cost of each camera's analysis per day: of a stream processor's minutes, or of the images that frames sampled.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param usd_per_minute number default 0.00817: price of a minute of analysed video, US dollars
-- @param usd_per_image number default 0.001: price of an image that frames sampled, US dollars
SELECT
  camera_id,
  dt,
  engine,
  count(*) AS sessions,
  round(sum(coalesce(processed_ms, 0)) / 6e4, 2) AS analysed_minutes,
  coalesce(sum(samples), 0) AS samples,
  round(
    IF(
      engine = 'frames',
      coalesce(sum(samples), 0) * CAST(/*usd_per_image:*/ 0.001 /*:usd_per_image*/ AS double),
      sum(coalesce(processed_ms, 0)) / 6e4 * CAST(/*usd_per_minute:*/ 0.00817 /*:usd_per_minute*/ AS double)
    ),
    4
  ) AS usd
FROM sessions
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id, dt, engine
ORDER BY camera_id, dt, engine
