-- Sessions that failed or whose end was never reported, newest first, with the reason.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  camera_id,
  session_started_at,
  outcome,
  reason,
  session_id,
  max_duration_s,
  engine
FROM sessions
WHERE outcome <> 'completed'
  AND dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
ORDER BY session_started_at DESC, camera_id
