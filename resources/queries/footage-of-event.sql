-- Everything about one event: its detections, their place in the video, and the images.
-- @param event text required: id of the notification (event_id)
-- @param from date default current_date - INTERVAL '30' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
SELECT
  d.camera_id,
  d.label,
  d.confidence,
  d.detected_at,
  d.fragment_number,
  d.frame_offset_ms,
  d.session_id,
  s.session_started_at,
  s.session_ended_at,
  d.frame_image_uri,
  d.cropped_image_uri
FROM detections d
LEFT JOIN sessions s
  ON s.session_id = d.session_id
  -- A session that detected it after midnight may have begun on the day before.
  AND s.dt >= CAST(/*from:*/ current_date - INTERVAL '30' DAY /*:from*/ - INTERVAL '1' DAY AS varchar)
  AND s.dt <= CAST(/*to:*/ current_date /*:to*/ AS varchar)
WHERE d.event_id = /*event:*/ '' /*:event*/
  AND d.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '30' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
ORDER BY d.detected_at, d.label_id
