-- Detections by label in the week up to a day, compared with the week before.
-- @param to date default current_date - INTERVAL '1' DAY: last day of the week, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  label,
  count_if(dt > CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ - INTERVAL '7' DAY AS varchar)) AS this_week,
  count_if(dt <= CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ - INTERVAL '7' DAY AS varchar)) AS week_before,
  count_if(dt > CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ - INTERVAL '7' DAY AS varchar))
    - count_if(dt <= CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ - INTERVAL '7' DAY AS varchar)) AS change,
  round(
    1e2 * count_if(dt > CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ - INTERVAL '7' DAY AS varchar))
      / nullif(count_if(dt <= CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ - INTERVAL '7' DAY AS varchar)), 0) - 1e2,
    1
  ) AS change_percent
FROM detections
WHERE dt > CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ - INTERVAL '14' DAY AS varchar)
  AND dt <= CAST(/*to:*/ current_date - INTERVAL '1' DAY /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY label
ORDER BY label
