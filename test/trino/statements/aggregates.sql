-- What the lake holds.
SELECT count(*), count(DISTINCT camera_id), sum(received_at_ms - detected_at_ms), avg(confidence), min(detected_at), max(detected_at) FROM detections WHERE dt = '{day}';

SELECT camera_id, label, count(*) AS n, round(avg(confidence), 3) AS mean FROM detections WHERE dt = '{day}' GROUP BY camera_id, label ORDER BY camera_id, label;

SELECT camera_id, count(*) AS n FROM detections WHERE dt = '{day}' GROUP BY 1 HAVING count(*) > 10 ORDER BY n DESC, 1;

SELECT label, count_if(confidence > 90) AS sure, count(*) FILTER (WHERE confidence <= 90) AS unsure FROM detections WHERE dt = '{day}' GROUP BY label ORDER BY label;

SELECT min_by(label, detected_at_ms), max_by(label, detected_at_ms), max_by(detected_at_ms, confidence) FROM detections WHERE dt = '{day}';

SELECT camera_id, array_agg(DISTINCT label ORDER BY label) AS labels FROM detections WHERE dt = '{day}' GROUP BY camera_id ORDER BY camera_id;

SELECT sum(x), avg(x), min(x), max(x), count(x), count(*) FROM (VALUES 1, 2, NULL, 4) AS t(x);

SELECT sum(x), avg(x), count(*) FROM (VALUES 1, 2) AS t(x) WHERE x > 5;

SELECT stddev(x), stddev_pop(x), variance(x), var_pop(x), var_samp(x) FROM (VALUES 1, 2, 4, 8) AS t(x);

SELECT corr(x, y), covar_pop(x, y), covar_samp(x, y), regr_slope(y, x), regr_intercept(y, x) FROM (VALUES (1, 2.0e0), (2, 4.5e0), (4, 7.0e0)) AS t(x, y);

SELECT bool_and(x > 1), bool_or(x > 3), every(x > 0) FROM (VALUES 1, 2, 4) AS t(x);

SELECT geometric_mean(x), sum(x * x) FROM (VALUES 1, 2, 4) AS t(x);

SELECT sum(d), avg(d), min(d), max(d) FROM (VALUES DECIMAL '1.25', DECIMAL '2.50', DECIMAL '4.00') AS t(d);

SELECT DECIMAL '0.00817' * count(*) FROM (VALUES 1, 2, 3) AS t(x);

SELECT typeof(sum(1)), typeof(avg(1)), typeof(count(*)), typeof(sum(1e0)), typeof(max(DATE '2026-01-01'));

SELECT histogram(label) FROM (VALUES 'a', 'b', 'a') AS t(label);

SELECT map_agg(k, v) FROM (VALUES ('a', 1), ('b', 2)) AS t(k, v);

SELECT map_agg(k, v) FROM (VALUES ('a', 1), ('a', 1), (NULL, 3)) AS t(k, v);

SELECT multimap_agg(k, v) FROM (VALUES ('a', 1), ('a', 2)) AS t(k, v);

SELECT map_union(m) FROM (VALUES MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['b'], ARRAY[2])) AS t(m);

SELECT listagg(label, ', ') WITHIN GROUP (ORDER BY label DESC) FROM (VALUES 'a', 'c', 'b') AS t(label);

SELECT arbitrary(x), any_value(x) FROM (VALUES 7, 7) AS t(x);

SELECT bitwise_and_agg(x), bitwise_or_agg(x) FROM (VALUES 6, 3) AS t(x);

SELECT max(x, 2), min(x, 2) FROM (VALUES 3, 1, 2) AS t(x);

SELECT max_by(k, v, 2), min_by(k, v, 2) FROM (VALUES ('a', 1), ('b', 3), ('c', 2)) AS t(k, v);

SELECT array_agg(x), array_agg(x) FILTER (WHERE x IS NOT NULL) FROM (VALUES 1, NULL, 1) AS t(x);

SELECT count(DISTINCT x), sum(DISTINCT x), avg(DISTINCT x) FROM (VALUES 1, 1, 2) AS t(x);

SELECT set_agg(x), set_union(y) FROM (VALUES (1, ARRAY[1]), (1, ARRAY[1])) AS t(x, y);

SELECT sum(x) FROM (VALUES 9223372036854775807, 1) AS t(x);

SELECT sum(CAST(x AS tinyint)), avg(CAST(x AS real)) FROM (VALUES 100, 100) AS t(x);
