-- Sessions that only the engine or only the coverage ledger has: where the ledger and the bill may differ.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT
  session_id,
  min(camera_id) AS camera_id,
  IF(count_if(source = 'engine') > 0, 'engine', 'ledger') AS known_to,
  min(outcome) AS outcome,
  max(processed_ms) AS processed_ms,
  min(received_at) AS received_at
FROM session_records
WHERE session_id IS NOT NULL
  AND dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
GROUP BY session_id
-- Engines do not report failed sessions, so only the ledger has them.
HAVING count(DISTINCT source) = 1
  AND min(outcome) <> 'failed'
ORDER BY received_at, session_id
