SELECT 1 AS a, a + 1;

SELECT camera_id AS c, count(*) FROM detections WHERE dt = '{day}' GROUP BY c;

SELECT camera_id AS c FROM detections WHERE dt = '{day}' AND c = 'x';

SELECT count(*) AS n FROM detections WHERE dt = '{day}' HAVING n > 1;

SELECT camera_id, count(*) FROM detections WHERE dt = '{day}';

SELECT nothing FROM detections WHERE dt = '{day}';

SELECT * FROM nothing;

SELECT * FROM nowhere.nothing;

SELECT * FROM other.doorstep.detections;

SELECT no_such_function(1);

SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x LIMIT 2 OFFSET 1;

SELECT 'a' ILIKE 'A';

SELECT '1'::integer;

SELECT 1 == 1;

SELECT 'a' ~ 'a';

SELECT camera_id, count(*) FROM detections WHERE dt = '{day}' GROUP BY ALL;

SELECT [1, 2];

SELECT DISTINCT ON (x) x FROM (VALUES 1) AS t(x);

SELECT x FROM (VALUES 1) AS t(x) QUALIFY row_number() OVER (ORDER BY x) = 1;

SELECT * EXCLUDE (x) FROM (VALUES (1, 2)) AS t(x, y);

SELECT {'a': 1};

SELECT 1 // 2;

SELECT 2 ** 3;

SELECT 2 ^ 3;

SELECT INTERVAL 7 DAY;

SELECT INTERVAL '7 days';

SELECT 1,;

FROM detections SELECT 1;

SELECT 5 & 3;

SELECT 'a' SIMILAR TO 'a';

SELECT 1 AS x ORDER BY y;

SELECT x FROM (VALUES 1) AS t(x) GROUP BY 2;

SELECT x FROM (VALUES 1) AS t(x) ORDER BY 2;

SELECT DISTINCT x FROM (VALUES (1, 2)) AS t(x, y) ORDER BY y;

SELECT sum(sum(x)) FROM (VALUES 1) AS t(x);

SELECT x FROM (VALUES 1) AS t(x) WHERE sum(x) > 0;

SELECT (SELECT x FROM (VALUES 1, 2) AS t(x));

-- differs: subquery-of-columns
SELECT (SELECT 1, 2);

SELECT x, FROM (VALUES 1) AS t(x);

SELECT "unterminated;

SELECT 'unterminated;

SELEC 1;

SELECT FROM detections;

SELECT 1 FROM;

SELECT date_trunc('fortnight', DATE '2026-01-01');

SELECT substr('a');

SELECT date_diff('day', '2026-01-01', '2026-01-02');

SELECT date_format('2026-01-01', '%Y');

SELECT from_unixtime('5');

SELECT round('5');

SELECT json_extract_scalar(5, '$.a');

SELECT array_join(ARRAY[1, 2], ',');

SELECT cardinality('abc');

SELECT element_at(ARRAY[1], 0);

SELECT strftime(TIMESTAMP '2026-01-01 00:00:00', '%Y');

SELECT list_transform(ARRAY[1], x -> x);

SELECT len('abc');

SELECT epoch_ms(5);

SELECT string_agg('a', ',');

SELECT now()::date;

SELECT `camera_id` FROM detections WHERE dt = '{day}';

SELECT IFNULL(1, 2);

SELECT NVL(1, 2);

SELECT x FROM (VALUES 1) AS t(x) LIMIT 50%;

SELECT * FROM range(5);

SELECT * FROM read_parquet('x');

SELECT x FROM (VALUES 1) AS t(x) ORDER BY ALL;

SELECT COLUMNS(*) FROM (VALUES 1) AS t(x);

SELECT * REPLACE (1 AS x) FROM (VALUES 1) AS t(x);

SELECT a.x FROM (VALUES 1) AS a(x) SEMI JOIN (VALUES 1) AS b(x) ON a.x = b.x;

SELECT a.x FROM (VALUES 1) AS a(x) ASOF JOIN (VALUES 1) AS b(x) ON a.x >= b.x;

SELECT map {'a': 1};

-- differs: names-of-errors
SELECT x -> x + 1;

SELECT DATE '2026-01-01' - 1;

SELECT TIMESTAMP '2026-01-01 00:00:00' + 5;

SELECT true + 1;

SELECT -'a';

SELECT 'a' BETWEEN 1 AND 2;

SELECT 1 IN ('a');

SELECT ARRAY[1] || 'a';

SELECT 1 LIKE 'a';

SELECT x.y FROM (VALUES 1) AS t(x);

SELECT if(true);

SELECT count(1, 2);

SELECT lag(x) FROM (VALUES 1) AS t(x);

SELECT row_number() FROM (VALUES 1) AS t(x);

SELECT 1 LIMIT -1;

SELECT greatest(1, 'a');

-- differs: names-of-errors
SELECT ARRAY[1][1.5];

SELECT 1 = ARRAY[1];

SELECT x FROM (VALUES (1, 2), (3)) AS t(x);

SELECT * FROM (VALUES 1) AS t(x, y);

SELECT position('a', 'b');

SELECT extract('hour' FROM TIMESTAMP '2026-01-01 00:00:00');

SELECT CAST(1 AS int8);

SELECT CAST('a' AS text);

SELECT CAST(1 AS string);

SELECT CAST(1 AS unsigned);

SELECT DATE('x');

SELECT 1 WHERE EXISTS (SELECT 1 WHERE false) OR NULL;
