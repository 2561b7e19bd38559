-- Detections of one camera in order, with images.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text required: the camera's id
SELECT
  detected_at,
  label,
  confidence,
  time_to_detection_ms,
  event_id,
  cropped_image_uri
FROM detections
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id = /*camera:*/ '' /*:camera*/
ORDER BY detected_at, label_id
