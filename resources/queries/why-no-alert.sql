-- Why there was no alert: the suppressed detections of one camera in order, with the reason and the nearest rule.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text required: the camera's id
SELECT
  detected_at,
  label,
  confidence,
  reason,
  rule_id,
  decided_at,
  event_id
FROM alert_decisions
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id = /*camera:*/ '' /*:camera*/
  AND decision = 'suppressed'
ORDER BY detected_at, label_id
