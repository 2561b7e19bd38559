-- Confidence by label, in steps: helps to choose MinConfidence.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param step integer default 10: width of a step, percent
SELECT
  label,
  CAST(floor(least(confidence, 99.999e0) / /*step:*/ 10 /*:step*/) AS integer) * /*step:*/ 10 /*:step*/ AS confidence_from,
  count(*) AS detections,
  round(1e2 * count(*) / sum(count(*)) OVER (PARTITION BY label), 1) AS percent_of_label
FROM detections
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY 1, 2
ORDER BY label, confidence_from NULLS LAST
