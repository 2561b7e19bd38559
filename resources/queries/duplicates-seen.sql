-- How many records of each table were delivered more than once, by day; the views show each fact once.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
SELECT
  'detection_records' AS table_name,
  dt,
  count(*) AS facts,
  sum(copies) AS records,
  sum(copies) - count(*) AS extra_copies,
  max(copies) AS most_copies
FROM (
  SELECT dt, event_id, IF(n = 0, label_id, more_labels[n].label_id) AS label_id, count(*) AS copies
  FROM detection_records
  CROSS JOIN UNNEST(sequence(0, coalesce(cardinality(more_labels), 0))) AS numbers (n)
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  GROUP BY 1, 2, 3
)
GROUP BY dt
UNION ALL
SELECT
  'session_records' AS table_name,
  dt,
  count(*) AS facts,
  sum(copies) AS records,
  sum(copies) - count(*) AS extra_copies,
  max(copies) AS most_copies
FROM (
  SELECT dt, event_id, count(*) AS copies
  FROM session_records
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  GROUP BY dt, event_id
)
GROUP BY dt
UNION ALL
SELECT
  'alert_records' AS table_name,
  dt,
  count(*) AS facts,
  sum(copies) AS records,
  sum(copies) - count(*) AS extra_copies,
  max(copies) AS most_copies
FROM (
  SELECT dt, event_id, label_id, count(*) AS copies
  FROM alert_records
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  GROUP BY dt, event_id, label_id
)
GROUP BY dt
UNION ALL
SELECT
  'face_records' AS table_name,
  dt,
  count(*) AS facts,
  sum(copies) AS records,
  sum(copies) - count(*) AS extra_copies,
  max(copies) AS most_copies
FROM (
  SELECT dt, stream_arn, engine, seen_at_ms, face_no, count(*) AS copies
  FROM face_records
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  GROUP BY dt, stream_arn, engine, seen_at_ms, face_no
)
GROUP BY dt
ORDER BY table_name, dt
