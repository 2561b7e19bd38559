-- Why motion was not analysed: gaps, lost and failed sessions by reason.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  outcome,
  coalesce(reason, 'unknown') AS reason,
  count(*) AS stretches,
  count(DISTINCT camera_id) AS cameras,
  round(sum(duration_ms) / 1e3, 1) AS missed_seconds
FROM coverage
WHERE outcome <> 'completed'
  AND dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY outcome, coalesce(reason, 'unknown')
ORDER BY missed_seconds DESC, outcome, reason
