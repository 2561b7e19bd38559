-- Why there was an alert: each detection that is part of it, in the order of its decisions, with its image.
-- @param alert text required: id of the alert (alert_id)
-- @param from date default current_date - INTERVAL '30' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
SELECT
  a.decided_at,
  a.revision,
  a.decision,
  a.reason,
  a.rule_id,
  a.severity,
  a.label,
  a.confidence,
  a.detected_at,
  a.event_id,
  d.cropped_image_uri
FROM alert_decisions a
LEFT JOIN detections d
  ON d.dt = a.dt AND d.hour = a.hour AND d.event_id = a.event_id AND d.label_id = a.label_id
  AND d.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '30' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
WHERE a.alert_id = /*alert:*/ '' /*:alert*/
  AND a.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '30' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
ORDER BY a.decided_at, a.revision, a.label_id
