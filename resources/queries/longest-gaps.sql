-- The longest intervals of motion that were not analysed, with camera and reason, all-detected gaps of frames included.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param rows integer default 20: number of rows
SELECT
  camera_id,
  from_at,
  until_at,
  round(duration_ms / 1e3, 1) AS seconds,
  outcome,
  reason
FROM coverage
WHERE outcome <> 'completed'
  AND duration_ms > 0
  AND dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
ORDER BY duration_ms DESC, from_at, camera_id
LIMIT /*rows:*/ 20 /*:rows*/
