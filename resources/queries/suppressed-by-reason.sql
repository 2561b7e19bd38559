-- Why detections raised no alert: how many each reason and rule suppressed.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  reason,
  rule_id,
  count(*) AS detections,
  count(DISTINCT camera_id) AS cameras,
  round(1e2 * count(*) / sum(count(*)) OVER (), 1) AS percent
FROM alert_decisions
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
  AND decision = 'suppressed'
GROUP BY reason, rule_id
ORDER BY detections DESC, reason, rule_id
