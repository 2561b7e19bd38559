SELECT date_trunc('hour', detected_at) AS h, count(*) FROM detections WHERE dt = '{day}' AND hour < '12' GROUP BY 1 ORDER BY 1;

SELECT DATE '2026-03-01' + INTERVAL '1' MONTH, DATE '2026-03-31' + INTERVAL '1' MONTH, DATE '2026-03-01' - INTERVAL '1' DAY, TIMESTAMP '2026-03-01 10:00:00' + INTERVAL '90' MINUTE;

SELECT date_diff('day', DATE '2026-02-27', DATE '2026-03-01'), date_diff('month', DATE '2026-01-31', DATE '2026-02-28'), date_diff('hour', TIMESTAMP '2026-01-01 10:59:00', TIMESTAMP '2026-01-01 12:00:00'), date_diff('second', TIMESTAMP '2026-01-01 10:00:00.900', TIMESTAMP '2026-01-01 10:00:02.100');

SELECT date_diff('year', DATE '2024-02-29', DATE '2026-02-28'), date_diff('week', DATE '2026-01-01', DATE '2026-01-14'), date_diff('quarter', DATE '2026-01-31', DATE '2026-04-30'), date_diff('millisecond', TIMESTAMP '2026-01-01 10:00:00.900', TIMESTAMP '2026-01-01 10:00:02.100'), date_diff('day', DATE '2026-03-01', DATE '2026-02-27');

SELECT date_add('month', 1, DATE '2026-01-31'), date_add('day', -1, DATE '2026-03-01'), date_add('hour', 5, TIMESTAMP '2026-01-01 22:00:00'), date_add('millisecond', 5, TIMESTAMP '2026-01-01 22:00:00.000');

-- differs: precision-of-times
SELECT date_add('millisecond', 5, TIMESTAMP '2026-01-01 22:00:00');

SELECT date_trunc('week', DATE '2026-03-01'), date_trunc('month', TIMESTAMP '2026-03-15 10:11:12'), date_trunc('quarter', DATE '2026-05-15'), date_trunc('day', TIMESTAMP '2026-03-15 10:11:12'), date_trunc('year', DATE '2026-05-15');

SELECT extract(year FROM d), extract(month FROM d), extract(day FROM d), extract(dow FROM d), extract(doy FROM d), extract(week FROM d), extract(quarter FROM d), extract(yow FROM d) FROM (VALUES DATE '2026-01-01', DATE '2024-12-30') AS t(d) ORDER BY d;

SELECT year(d), month(d), day(d), day_of_week(d), dow(d), day_of_year(d), week(d), year_of_week(d), yow(d), quarter(d), last_day_of_month(d) FROM (VALUES DATE '2026-01-04', DATE '2021-01-03') AS t(d) ORDER BY d;

SELECT hour(t), minute(t), second(t), millisecond(t) FROM (VALUES TIMESTAMP '2026-01-04 10:11:12.345') AS x(t);

SELECT date_format(TIMESTAMP '2026-03-05 09:08:07.123', '%Y-%m-%d %H:%i:%s'), date_format(TIMESTAMP '2026-03-05 13:08:07.123', '%a %b %c %d %e %f %h %I %j %k %l %M %p %r %T %W %y %%');

SELECT format_datetime(TIMESTAMP '2026-03-05 13:08:07.123', 'yyyy-MM-dd''T''HH:mm:ss.SSS'), format_datetime(TIMESTAMP '2026-03-05 13:08:07', 'EEE, d MMM yyyy h:mm a');

SELECT date_parse('2026-03-05 09:08', '%Y-%m-%d %H:%i'), date_parse('05/03/26', '%d/%m/%y');

SELECT parse_datetime('2026-03-05 09:08:07', 'yyyy-MM-dd HH:mm:ss');

SELECT from_unixtime(0), from_unixtime(1.5e0), to_unixtime(TIMESTAMP '1970-01-01 00:00:01.500');

-- differs: zones-are-not-kept
SELECT from_unixtime(1767258000, 'Europe/Berlin');

SELECT from_iso8601_timestamp('2026-03-05T09:08:07.123Z'), from_iso8601_date('2026-03-05'), to_iso8601(DATE '2026-03-05'), to_iso8601(TIMESTAMP '2026-03-05 09:08:07.123');

-- differs: zones-are-not-kept
SELECT from_iso8601_timestamp('2026-03-05T09:08:07+02:00');

SELECT to_milliseconds(INTERVAL '1' HOUR);

SELECT TIMESTAMP '2026-03-05 09:08:07 UTC';

-- differs: zones-are-not-kept
SELECT TIMESTAMP '2026-03-05 09:08:07 Europe/Berlin';

-- differs: zones-are-not-kept
SELECT TIMESTAMP '2026-03-05 09:08:07 UTC' AT TIME ZONE 'Europe/Berlin';

-- differs: zones-are-not-kept
SELECT TIMESTAMP '2026-03-05 09:08:07' AT TIME ZONE 'Europe/Berlin';

SELECT CAST(TIMESTAMP '2026-03-05 09:08:07 UTC' AT TIME ZONE 'Europe/Berlin' AS timestamp), CAST(TIMESTAMP '2026-03-05 23:30:00 UTC' AT TIME ZONE 'Europe/Berlin' AS date);

SELECT hour(TIMESTAMP '2026-07-05 09:08:07 UTC' AT TIME ZONE 'Europe/Berlin'), hour(at_timezone(TIMESTAMP '2026-03-05 09:08:07 UTC', 'America/New_York')), day_of_week(TIMESTAMP '2026-03-05 23:30:00 UTC' AT TIME ZONE 'Asia/Tokyo');

SELECT date_format(TIMESTAMP '2026-03-05 09:08:07 UTC' AT TIME ZONE 'Europe/Berlin', '%H:%i');

-- differs: zones-are-not-kept
SELECT date_trunc('day', TIMESTAMP '2026-03-05 23:30:00 UTC' AT TIME ZONE 'Europe/Berlin');

-- differs: zones-are-not-kept
SELECT with_timezone(TIMESTAMP '2026-03-05 09:08:07', 'Europe/Berlin');

SELECT to_unixtime(with_timezone(TIMESTAMP '2026-03-05 09:08:07', 'Europe/Berlin')), to_iso8601(with_timezone(TIMESTAMP '2026-03-05 09:08:07.000', 'UTC'));

SELECT current_timezone(), typeof(current_timestamp), typeof(now()), typeof(current_date), typeof(localtimestamp);

SELECT CAST(DATE '2026-03-05' AS timestamp), CAST(TIMESTAMP '2026-03-05 09:08:07' AS date), CAST('2026-03-05' AS date), CAST('2026-03-05 09:08:07' AS timestamp), date('2026-03-05');

SELECT CAST(TIMESTAMP '2026-03-05 09:08:07.123' AS varchar), CAST(DATE '2026-03-05' AS varchar), CAST(TIMESTAMP '2026-03-05 09:08:07.120 UTC' AS varchar);

-- differs: precision-of-times
SELECT CAST(TIMESTAMP '2026-03-05 09:08:07' AS varchar);

SELECT DATE '2026-03-05' - DATE '2026-03-01';

-- differs: kinds-of-intervals
SELECT INTERVAL '3' MONTH;

SELECT TIMESTAMP '2026-03-05 10:00:00' - TIMESTAMP '2026-03-05 09:30:00', INTERVAL '1' DAY, INTERVAL '2' HOUR + INTERVAL '30' MINUTE, 2 * INTERVAL '3' DAY;

SELECT TIMESTAMP '2026-03-05 09:08:07' < TIMESTAMP '2026-03-05 10:00:00', DATE '2026-03-05' = TIMESTAMP '2026-03-05 00:00:00', TIMESTAMP '2026-03-05 09:00:00 UTC' = TIMESTAMP '2026-03-05 10:00:00 Europe/Berlin';

SELECT greatest(DATE '2026-03-05', DATE '2026-03-06'), least(TIMESTAMP '2026-03-05 09:08:07', TIMESTAMP '2026-03-06 09:08:07');

SELECT x FROM UNNEST(sequence(DATE '2026-03-01', DATE '2026-03-03')) AS t(x) ORDER BY x;

SELECT sequence(TIMESTAMP '2026-03-01 00:00:00', TIMESTAMP '2026-03-01 03:00:00', INTERVAL '1' HOUR), sequence(DATE '2026-01-31', DATE '2026-04-01', INTERVAL '1' MONTH);

-- differs: precision-of-times
SELECT CAST(TIMESTAMP '2026-03-05 09:08:07' AS time);

SELECT TIME '10:11:12', hour(TIME '10:11:12');

SELECT TIMESTAMP '2026-03-05 09:08:07.123456';

SELECT date_parse('not a date', '%Y');

SELECT DATE '2026-02-30';

SELECT CAST('2026/03/05' AS date);

SELECT try_cast('2026/03/05' AS date), try_cast('2026-3-5' AS date), try_cast(' 2026-03-05 ' AS date), try_cast('2026-03-05T10:00:00' AS timestamp), try_cast('2026-03-05 10:00' AS timestamp), try_cast('2026-03-05' AS timestamp), try_cast('20260305' AS date);

SELECT dt, hour, count(*) FROM session_records WHERE dt >= CAST(current_date - INTERVAL '1' DAY AS varchar) GROUP BY dt, hour ORDER BY dt, hour;

SELECT hour(detected_at), count(*) FROM detections WHERE dt = date_format(current_date - INTERVAL '1' DAY, '%Y-%m-%d') GROUP BY 1 ORDER BY 1;

SELECT date_add('decade', 1, DATE '2026-01-01');

SELECT DATE '2026-03-05' + 1;

SELECT DATE '2026-03-05' > '2026-03-04';
