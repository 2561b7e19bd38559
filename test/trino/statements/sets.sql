SELECT 1 UNION SELECT 1;

SELECT 1 AS x UNION ALL SELECT 2 ORDER BY x DESC;

SELECT x FROM (VALUES 1, 2, 2) AS t(x) INTERSECT SELECT x FROM (VALUES 2, 3) AS u(x);

SELECT x FROM (VALUES 1, 2, 2) AS t(x) EXCEPT SELECT x FROM (VALUES 1) AS u(x);

SELECT x FROM (VALUES 1, 2, 2) AS t(x) EXCEPT ALL SELECT x FROM (VALUES 2) AS u(x) ORDER BY 1;

SELECT x FROM (VALUES 1, 2, 2) AS t(x) INTERSECT ALL SELECT x FROM (VALUES 2, 2) AS u(x);

SELECT 1, 'a' UNION SELECT 2, NULL ORDER BY 1;

SELECT 1 UNION SELECT 'a';

SELECT 1 UNION SELECT 2.5 ORDER BY 1;

SELECT 1, 2 UNION SELECT 1;

(SELECT 1 AS x LIMIT 1) UNION ALL (SELECT 2 LIMIT 1) ORDER BY x;

VALUES (1, 'a'), (2, 'b');

SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (n, s) ORDER BY n;

WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT x, y FROM a, b;

WITH a (n) AS (VALUES 1, 2) SELECT sum(n) FROM a;

WITH RECURSIVE t(n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n), max(n) FROM t;

WITH detections AS (SELECT 5 AS x) SELECT x FROM detections;

WITH hours AS (SELECT camera_id, hour, count(*) AS n FROM detections WHERE dt = '{day}' GROUP BY 1, 2) SELECT camera_id, max_by(hour, n * 100 - CAST(hour AS bigint)) AS busiest, max(n) AS most FROM hours GROUP BY camera_id ORDER BY 1, 2;

SELECT camera_id, label, count(*) FROM detections WHERE dt = '{day}' GROUP BY ROLLUP (camera_id, label) ORDER BY 1, 2;

SELECT camera_id, label, count(*) FROM detections WHERE dt = '{day}' GROUP BY CUBE (camera_id, label) ORDER BY 1, 2;

SELECT camera_id, label, count(*), grouping(camera_id, label) FROM detections WHERE dt = '{day}' GROUP BY GROUPING SETS ((camera_id), (label), ()) ORDER BY 4, 1, 2;

SELECT label, grouping(label) FROM (VALUES 'a', 'b') AS t(label) GROUP BY ROLLUP (label) ORDER BY 1;

SELECT DISTINCT label FROM detections WHERE dt = '{day}' ORDER BY label;

SELECT x FROM (VALUES 1, 2, 3, 4) AS t(x) ORDER BY x OFFSET 1 LIMIT 2;

SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x FETCH FIRST 2 ROWS ONLY;

SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x LIMIT ALL;

SELECT count(*) FROM (SELECT 1 LIMIT 0);

SELECT * FROM detections WHERE dt = '{day}' AND hour = '99';

SELECT count(*) FROM detections TABLESAMPLE BERNOULLI (100) WHERE dt = '{day}' AND hour = '09';

SELECT d.*, 1 AS one FROM (VALUES (1, 2)) AS d(a, b);

SELECT x.a FROM (SELECT CAST(ROW(1) AS row(a integer)) AS x);

-- differs: names-of-columns
SELECT * FROM (SELECT 1 AS a, 2 AS a);

-- differs: names-of-columns
SELECT "a" FROM (SELECT 1 AS A);

SELECT 1 AS "Upper", 2 AS Lower;

SELECT count(DISTINCT (camera_id, label)) FROM detections WHERE dt = '{day}';

SELECT approx_percentile(x, 0.5), approx_percentile(x, 0.95), approx_percentile(x, ARRAY[0.1, 0.9]), approx_percentile(x, 0), approx_percentile(x, 1) FROM (VALUES 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) AS t(x);

SELECT approx_percentile(x, 0.25), approx_percentile(x, 0.5), approx_percentile(x, 0.75) FROM (VALUES 1e0, 2e0, 4e0, 8e0) AS t(x);

SELECT approx_percentile(x, 0.5) FROM (VALUES 3, 1) AS t(x);

-- differs: approximations
SELECT label, approx_percentile(time_to_detection_ms, 0.5), approx_percentile(time_to_detection_ms, 0.9), approx_percentile(confidence, 0.5) FROM detections WHERE dt = '{day}' GROUP BY label ORDER BY label;

SELECT approx_distinct(x), approx_distinct(x, 0.02) FROM (VALUES 1, 1, 2) AS t(x);

