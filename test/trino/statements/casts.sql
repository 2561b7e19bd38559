SELECT CAST('12' AS integer), CAST(2.6 AS decimal), CAST(2.6e0 AS integer), CAST(2.5e0 AS bigint), CAST(-2.5e0 AS bigint), CAST(2.5 AS integer), CAST(true AS integer), CAST(1 AS boolean), CAST('t' AS boolean);

SELECT CAST('2.5' AS integer);

SELECT CAST(' 12 ' AS integer);

SELECT CAST('abc' AS bigint);

SELECT try_cast('2.5' AS integer), try_cast(' 12 ' AS integer), try_cast('1e3' AS bigint), try_cast('+5' AS integer), try_cast('x' AS double), try_cast('0x1F' AS integer), try_cast('' AS integer), try_cast('999' AS tinyint), try_cast('1_000' AS integer);

SELECT CAST('1e3' AS double), CAST(' 1.5 ' AS double), CAST('NaN' AS double), CAST('Infinity' AS double), CAST('1.50' AS decimal(5, 2)), CAST('1.555' AS decimal(5, 2)), CAST('1.5' AS real);

SELECT try_cast('yes' AS boolean), try_cast('true' AS boolean), try_cast('TRUE' AS boolean), try_cast('0' AS boolean), try_cast('on' AS boolean);

SELECT CAST(300 AS tinyint);

SELECT CAST(3000000000 AS integer);

SELECT CAST(1.5e300 AS real), CAST(1e10 AS integer);

SELECT CAST(1e0 AS varchar), CAST(100.0e0 AS varchar), CAST(0.1e0 AS varchar), CAST(1e10 AS varchar), CAST(1.50 AS varchar), CAST(true AS varchar), CAST(5 AS varchar), CAST(CAST(1.5 AS real) AS varchar);

SELECT typeof(1), typeof(3000000000), typeof(1.5), typeof(1e0), typeof(true), typeof(DATE '2026-01-01'), typeof(CAST('2026-01-01 00:00:00' AS timestamp)), typeof(ARRAY[1]), typeof(MAP(ARRAY[1], ARRAY[1.5])), typeof(CAST(1 AS tinyint)), typeof(CAST(1 AS real)), typeof(INTERVAL '1' DAY);

SELECT typeof(CAST('a' AS varchar)), typeof(NULL), typeof(to_utf8('a'));

-- differs: length-of-varchar
SELECT typeof('a');

SELECT typeof(1 + 1), typeof(1 + 3000000000), typeof(1 / 2.0), typeof(1.5 * 2), typeof(1.5 + 2.25), typeof(1 + 1e0), typeof(5 / 2), typeof(7 % 3), typeof(1.5 * 1e0);

SELECT 5 / 2, -5 / 2, 5 % 3, -5 % 3, 5.0 / 2, 7 / 2.00, 1 / 3.0, 10.5 % 3, 1e0 / 3, 1 / 2e0;

SELECT 1 / 0;

SELECT 1.0 / 0;

SELECT 1e0 / 0, -1e0 / 0, 0e0 / 0, 1 / 0e0, mod(5e0, 0e0);

SELECT 5 % 0;

-- differs: nan-is-equal
SELECT nan() = nan();

SELECT infinity() > 1e308, is_nan(nan()), is_finite(1e0), is_infinite(infinity());

SELECT 0.1 + 0.2, 0.1e0 + 0.2e0, 1.10, 1.10 * 3, DECIMAL '10.00' - 0.5, -1.5, 1.5 = 1.50, 2 * 0.5;

SELECT 9223372036854775807 + 1;

SELECT 2147483647 + 1;

SELECT CAST(2147483647 AS integer) * 2;

SELECT abs(-5), abs(-1.5), sign(-2), sign(2.5), ceil(1.2), floor(-1.2), ceil(1.2e0), round(2.5), round(-2.5), round(2.5e0), round(1.2345, 2), round(1.2345e0, 2), round(1234, -2), truncate(1.99), truncate(1.999e0), truncate(12.345, 1);

SELECT mod(7, 3), mod(-7, 3), power(2, 10), sqrt(2), cbrt(27), exp(1), ln(2), log(2, 8), log2(8), log10(1000), pi(), e(), width_bucket(5, 0, 10, 5), greatest(1, 2.5), least(1, 2e0);

SELECT sin(1), cos(1), tan(1), asin(1), acos(1), atan(1), atan2(1, 2), sinh(1), cosh(1), tanh(1), degrees(pi()), radians(180);

SELECT bitwise_and(5, 3), bitwise_or(5, 3), bitwise_xor(5, 3), bitwise_not(5), bitwise_left_shift(1, 4), bitwise_right_shift(16, 2);

SELECT to_base(255, 16);

SELECT NULL + 1, NULL = NULL, NULL AND false, NULL OR true, NOT NULL, NULL IS NULL, coalesce(NULL, NULL, 3), nullif(1, 2), IF(NULL, 1, 2), IF(true, 1);

SELECT CASE WHEN false THEN 1 END, CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END, greatest(1, NULL), least(NULL, 1);

SELECT 1 IS DISTINCT FROM NULL, NULL IS NOT DISTINCT FROM NULL, 1 BETWEEN NULL AND 2, 3 NOT BETWEEN 1 AND 2;

SELECT TRY(1 / 0), TRY(CAST('x' AS integer)), TRY(ARRAY[1][2]), coalesce(TRY(json_parse('x')), json_parse('1'));

SELECT 1 = '1';

SELECT 1 + '1';

SELECT CASE WHEN true THEN 1 ELSE 'a' END;

SELECT coalesce(1, 'a');

SELECT true = 1;

SELECT IF(1, 2, 3);

SELECT 1 WHERE 1;

SELECT 1 WHERE 'true';

SELECT NOT 1;

SELECT 5 AND true;

SELECT sum('1');

SELECT avg('x');

SELECT ARRAY[NULL];

-- differs: type-of-null
SELECT NULL;

SELECT 1.0e0, 1e7, 1e-4, 123456789.123e0, CAST(1.1 AS real), -0e0;

SELECT 1_000, 0xFF, 0b11, 0o17;

SELECT CAST(1.5 AS decimal(10, 3)), CAST(1e0 / 3 AS decimal(10, 4)), CAST(12345.678 AS decimal(5, 1)), CAST(DECIMAL '1.5' AS integer), CAST(DECIMAL '2.5' AS bigint), CAST(1.5 AS double);

SELECT CAST(12345.678 AS decimal(4, 1));

SELECT hour = 5 FROM detection_records WHERE dt = '{day}' LIMIT 1;

SELECT count(*) FROM detection_records WHERE dt = DATE '{day}';

SELECT CAST(ARRAY['1', '2'] AS array(integer)), CAST(MAP(ARRAY['a'], ARRAY[1]) AS map(varchar, double)), CAST(ARRAY[1] AS varchar);

SELECT random() < 1, uuid() IS NOT NULL, typeof(uuid()), typeof(random());


