SELECT s.session_id, count(d.label_id) AS n FROM sessions s LEFT JOIN detections d ON d.session_id = s.session_id AND d.dt = '{day}' WHERE s.dt = '{day}' AND s.hour = '09' GROUP BY s.session_id ORDER BY n DESC, 1;

SELECT a.x, b.y FROM (VALUES 1, 2) AS a(x) JOIN (VALUES 2, 3) AS b(y) ON a.x = b.y;

SELECT a.x, b.y FROM (VALUES 1, 2) AS a(x) FULL OUTER JOIN (VALUES 2, 3) AS b(y) ON a.x = b.y ORDER BY a.x, b.y;

SELECT * FROM (VALUES (1, 'a')) AS a(k, x) JOIN (VALUES (1, 'b')) AS b(k, y) USING (k);

SELECT * FROM (VALUES (1, 'a')) AS a(k, x) JOIN (VALUES (1, 'b')) AS b(k, y) ON a.k = b.k;

SELECT a.x, b.x FROM (VALUES 1, 2) AS a(x) CROSS JOIN (VALUES 3, 4) AS b(x) ORDER BY 1, 2;

SELECT a.x, b.x FROM (VALUES 1, 2) AS a(x), (VALUES 3) AS b(x) WHERE a.x < b.x ORDER BY 1;

SELECT * FROM (VALUES (1, 2)) AS a(k, x) NATURAL JOIN (VALUES (1, 3)) AS b(k, y);

SELECT x FROM (VALUES 1, 2, 3) AS t(x) WHERE EXISTS (SELECT 1 FROM (VALUES 2, 3) AS u(y) WHERE u.y = t.x) ORDER BY x;

SELECT x FROM (VALUES 1, 2, 3) AS t(x) WHERE x NOT IN (SELECT y FROM (VALUES 2, NULL) AS u(y));

SELECT x FROM (VALUES 1, 2, 3) AS t(x) WHERE x IN (SELECT y FROM (VALUES 2, 3) AS u(y)) ORDER BY x;

SELECT x, (SELECT max(y) FROM (VALUES 2, 3) AS u(y) WHERE y > x) FROM (VALUES 1, 3) AS t(x) ORDER BY x;

SELECT x FROM (VALUES 1, 2, 3) AS t(x) WHERE x > ALL (SELECT y FROM (VALUES 1, 2) AS u(y));

SELECT x FROM (VALUES 1, 2, 3) AS t(x) WHERE x = ANY (VALUES 1, 3) ORDER BY x;

SELECT t.x, u.y FROM (VALUES ARRAY[1, 2]) AS t(x) CROSS JOIN UNNEST(t.x) AS u(y) ORDER BY y;

SELECT r.label, u.n FROM detection_records AS r CROSS JOIN UNNEST(sequence(1, 2)) AS u (n) WHERE r.dt = '{day}' AND u.n > 1 ORDER BY r.detected_at_ms, r.event_id LIMIT 5;

SELECT event_id, n, m FROM detection_records CROSS JOIN UNNEST(ARRAY[1, 2]) AS u (n) CROSS JOIN UNNEST(ARRAY[n]) AS w (m) WHERE dt = '{day}' ORDER BY event_id, n LIMIT 5;

SELECT label FROM detection_records CROSS JOIN UNNEST(ARRAY['x']) AS u (label) WHERE dt = '{day}';

SELECT u.*, detection_records.label FROM detection_records CROSS JOIN UNNEST(ARRAY['x']) AS u (x) WHERE dt = '{day}' ORDER BY event_id LIMIT 1;

SELECT count(*), count(DISTINCT label_id), count(more_labels), sum(cardinality(more_labels)) FROM detection_records WHERE dt = '{day}';

SELECT event_id, more_labels[1].label, element_at(more_labels, 2) FROM detection_records WHERE dt = '{day}' AND more_labels IS NOT NULL ORDER BY event_id LIMIT 3;

SELECT label_id, label, detected_at, fragment_server_at, frame_image_uri FROM detections WHERE dt = '{day}' AND label = 'PET' ORDER BY detected_at, label_id LIMIT 20;

SELECT k, v FROM UNNEST(MAP(ARRAY['a', 'b'], ARRAY[1, 2])) AS t(k, v) ORDER BY k;

SELECT a, b FROM UNNEST(ARRAY[1, 2], ARRAY['x']) AS t(a, b) ORDER BY a;

SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, n) ORDER BY n;

SELECT t.x, u.y FROM (VALUES (1, ARRAY[]), (2, ARRAY[5])) AS t(x, ys) LEFT JOIN UNNEST(ys) AS u(y) ON true ORDER BY x;

SELECT t.x, u.y FROM (VALUES 1, 2) AS t(x) CROSS JOIN LATERAL (SELECT t.x * 10 AS y) AS u ORDER BY 1;

SELECT a.x FROM (VALUES 1) AS a(x) JOIN (VALUES 'a') AS b(y) ON a.x = b.y;

SELECT x FROM (VALUES 1) AS a(x), (VALUES 2) AS b(x);

SELECT b.x FROM (VALUES 1) AS a(x);

SELECT count(*) FROM detections d JOIN sessions s ON d.session_id = s.session_id AND d.dt = s.dt WHERE d.dt = '{day}' AND d.detected_at BETWEEN s.session_started_at AND s.session_ended_at;

SELECT (x, y) IN ((1, 2), (3, 4)) FROM (VALUES (1, 2)) AS t(x, y);

SELECT s.engine, count(*) AS sessions, count(s.samples) AS sampled, max(s.longest_gap_ms) AS longest_gap_ms, count(DISTINCT d.engine) AS engines FROM sessions s LEFT JOIN detections d ON d.session_id = s.session_id AND d.dt = '{day}' WHERE s.dt = '{day}' GROUP BY s.engine ORDER BY 1;

SELECT outcome, engine, count(*) AS entries, sum(samples) AS samples FROM coverage WHERE dt = '{day}' GROUP BY outcome, engine ORDER BY outcome, engine;
