-- People at a camera without a package in the minutes that follow: visits that are not deliveries.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param minutes integer default 10: how long after the person a package counts
SELECT
  p.camera_id,
  p.session_id,
  p.detected_at AS person_at,
  p.confidence,
  p.frame_image_uri
FROM detections p
LEFT JOIN detections k
  ON k.camera_id = p.camera_id
  AND k.label = 'PACKAGE'
  AND k.detected_at_ms BETWEEN p.detected_at_ms
    AND p.detected_at_ms + /*minutes:*/ 10 /*:minutes*/ * 60000
  AND k.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ + INTERVAL '1' DAY AS varchar)
WHERE p.label = 'PERSON'
  AND k.event_id IS NULL
  AND p.dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND p.camera_id LIKE /*camera:*/ '%' /*:camera*/
ORDER BY p.detected_at, p.camera_id
