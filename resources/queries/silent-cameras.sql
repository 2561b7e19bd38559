-- Cameras with motion before a day but neither motion nor gap on that day: broken, offline or quiet.
-- @param day date default current_date - INTERVAL '1' DAY: the day on which they were silent, UTC
-- @param lookback integer default 30: how many days before it to search
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  max(until_at) AS last_heard_at,
  count(DISTINCT dt) AS active_days,
  date_diff('day', CAST(max(dt) AS date), /*day:*/ current_date - INTERVAL '1' DAY /*:day*/) AS silent_days
FROM coverage
WHERE dt BETWEEN CAST(/*day:*/ current_date - INTERVAL '1' DAY /*:day*/ - /*lookback:*/ 30 /*:lookback*/ * INTERVAL '1' DAY AS varchar)
    AND CAST(/*day:*/ current_date - INTERVAL '1' DAY /*:day*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY camera_id
HAVING max(dt) < CAST(/*day:*/ current_date - INTERVAL '1' DAY /*:day*/ AS varchar)
ORDER BY silent_days DESC, camera_id
