-- Which labels are detected together in one session, and how often.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
WITH seen AS (
  SELECT DISTINCT session_id, label
  FROM detections
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
    AND camera_id LIKE /*camera:*/ '%' /*:camera*/
)
SELECT
  a.label,
  b.label AS together_with,
  count(*) AS sessions,
  round(1e2 * count(*) / max(t.sessions), 1) AS percent_of_label
FROM seen a
JOIN seen b
  ON b.session_id = a.session_id
  AND b.label <> a.label
JOIN (
  SELECT label, count(*) AS sessions
  FROM seen
  GROUP BY label
) t
  ON t.label = a.label
GROUP BY a.label, b.label
ORDER BY a.label, sessions DESC, together_with
