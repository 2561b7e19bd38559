-- Alerts that a rule would have with another cooldown or minimum confidence, per camera: an estimate, and those it has.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param rule text default '%': rules, as a LIKE pattern
-- @param cooldown_seconds integer default 300: seconds after an alert without another one
-- @param min_confidence number default 0: minimum confidence, 0 to 100
SELECT
  rule_id,
  camera_id,
  raised AS alerts,
  -- Steps through the motions in order. The state is the time of the latest alert times 100,000, plus the alerts so far.
  coalesce(
    reduce(
      starts,
      CAST(0 AS bigint),
      (s, t) -> IF(
        t * 100000 >= s - s % 100000 + /*cooldown_seconds:*/ 300 /*:cooldown_seconds*/ * CAST(100000000 AS bigint),
        t * 100000 + s % 100000 + 1,
        s
      ),
      s -> s % 100000
    ),
    0
  ) AS alerts_then
FROM (
  SELECT
    rule_id,
    camera_id,
    sum(raised) AS raised,
    array_agg(starts_ms ORDER BY starts_ms) FILTER (WHERE starts_ms IS NOT NULL) AS starts
  FROM (
    SELECT
      rule_id,
      camera_id,
      IF(count(alert_id) > 0, 1, 0) AS raised,
      min(decided_at_ms) FILTER (
        WHERE coalesce(confidence, 1e2) >= CAST(/*min_confidence:*/ 0 /*:min_confidence*/ AS double)
      ) AS starts_ms
    FROM (
      SELECT
        *,
        -- A motion is an alert with its sessions, or else a session. A new label, which breaks a cooldown, is not counted.
        coalesce(max(alert_id) OVER (PARTITION BY camera_id, session_id), session_id) AS motion
      FROM alert_decisions
      WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
          AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
        AND camera_id LIKE /*camera:*/ '%' /*:camera*/
    )
    WHERE rule_id LIKE /*rule:*/ '%' /*:rule*/
      AND (decision <> 'suppressed' OR reason IN ('cooldown', 'max-per-hour', 'confidence'))
    GROUP BY rule_id, camera_id, motion
  )
  GROUP BY rule_id, camera_id
)
ORDER BY rule_id, camera_id
