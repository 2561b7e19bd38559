SELECT camera_id, detected_at, row_number() OVER (PARTITION BY camera_id ORDER BY detected_at, label_id, event_id) AS n FROM detections WHERE dt = '{day}' AND hour < '06' ORDER BY camera_id, n;

SELECT camera_id, hour, count(*) AS n, sum(count(*)) OVER (PARTITION BY camera_id ORDER BY hour) AS running FROM detections WHERE dt = '{day}' GROUP BY camera_id, hour ORDER BY camera_id, hour;

SELECT camera_id, session_started_at, date_diff('second', lag(session_ended_at) OVER (PARTITION BY camera_id ORDER BY session_started_at), session_started_at) AS pause FROM sessions WHERE dt = '{day}' AND hour BETWEEN '08' AND '10' ORDER BY camera_id, session_started_at, session_id;

SELECT x, rank() OVER (ORDER BY x), dense_rank() OVER (ORDER BY x), percent_rank() OVER (ORDER BY x), cume_dist() OVER (ORDER BY x), ntile(2) OVER (ORDER BY x) FROM (VALUES 1, 1, 2, 3) AS t(x) ORDER BY x, 6;

SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), avg(x) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM (VALUES 1, 2, 4) AS t(x) ORDER BY x;

SELECT x, sum(x) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM (VALUES 1, 2, 4) AS t(x) ORDER BY x;

SELECT x, sum(x) OVER (ORDER BY x GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1, 1, 4) AS t(x) ORDER BY x;

SELECT x, first_value(x) OVER w, last_value(x) OVER w, nth_value(x, 2) OVER w FROM (VALUES 1, 2, 4) AS t(x) WINDOW w AS (ORDER BY x) ORDER BY x;

SELECT x, lag(x, 1, 0) OVER (ORDER BY x), lead(x) OVER (ORDER BY x) FROM (VALUES 1, 2, 4) AS t(x) ORDER BY x;

SELECT x, lag(y) IGNORE NULLS OVER (ORDER BY x), last_value(y) IGNORE NULLS OVER (ORDER BY x) FROM (VALUES (1, 'a'), (2, NULL), (3, NULL), (4, 'b')) AS t(x, y) ORDER BY x;

SELECT x, count(*) OVER (), max(x) OVER (PARTITION BY x % 2) FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x;

SELECT x, row_number() OVER (ORDER BY x DESC NULLS FIRST) AS n FROM (VALUES 1, NULL, 3) AS t(x) ORDER BY n;

SELECT x FROM (VALUES 3, NULL, 1) AS t(x) ORDER BY x;

SELECT x FROM (VALUES 3, NULL, 1) AS t(x) ORDER BY x DESC;

SELECT x FROM (VALUES 3, NULL, 1) AS t(x) ORDER BY x NULLS FIRST LIMIT 2;

SELECT camera_id, max(n) FROM (SELECT camera_id, count(*) OVER (PARTITION BY camera_id, hour) AS n FROM detections WHERE dt = '{day}') GROUP BY camera_id ORDER BY camera_id;

SELECT d, sum(x) OVER (ORDER BY d RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) FROM (VALUES (DATE '2026-01-01', 1), (DATE '2026-01-02', 2), (DATE '2026-01-04', 4)) AS t(d, x) ORDER BY d;

SELECT x, row_number() OVER (ORDER BY x) AS n FROM (VALUES 1, 2) AS t(x) WHERE row_number() OVER (ORDER BY x) = 1;

SELECT x, sum(x) OVER (ORDER BY x) / sum(x) OVER () FROM (VALUES 1, 2, 4) AS t(x) ORDER BY x;
