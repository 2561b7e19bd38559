-- Rules by the alerts that they raised, and what their cooldown and hourly limit held back.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  rule_id,
  count_if(decision = 'raised') AS alerts,
  round(count_if(decision = 'raised') / CAST(count(DISTINCT dt) AS double), 1) AS alerts_per_active_day,
  count(DISTINCT IF(decision = 'raised', camera_id)) AS cameras,
  count_if(decision = 'merged') AS merged_detections,
  count_if(reason = 'cooldown') AS in_cooldown,
  count_if(reason = 'max-per-hour') AS over_hourly_limit
FROM alert_decisions
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
  AND (decision <> 'suppressed' OR reason IN ('cooldown', 'max-per-hour'))
GROUP BY rule_id
ORDER BY alerts DESC, rule_id
