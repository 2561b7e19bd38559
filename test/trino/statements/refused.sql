-- What Trino has and the local Athena refuses by name.
-- differs: not-emulated
SELECT skewness(1e0);

-- differs: not-emulated
SELECT kurtosis(1e0);

-- differs: not-emulated
SELECT checksum(1);

-- differs: not-emulated
SELECT reduce_agg(1, 0, (a, b) -> a + b, (a, b) -> a + b);

-- differs: not-emulated
SELECT bitwise_right_shift_arithmetic(-16, 2);

-- differs: not-emulated
SELECT bit_count(7, 64);

-- differs: not-emulated
SELECT from_base('ff', 16);

-- differs: not-emulated
SELECT to_big_endian_64(1);

-- differs: not-emulated
SELECT random(10);

-- differs: not-emulated
SELECT shuffle(ARRAY[1]);

-- differs: not-emulated
SELECT combinations(ARRAY[1, 2, 3], 2);

-- differs: not-emulated
SELECT ngrams(ARRAY['a', 'b', 'c'], 2);

-- differs: not-emulated
SELECT array_sort(ARRAY[3, 1, 2], (a, b) -> IF(a < b, 1, IF(a > b, -1, 0)));

-- differs: not-emulated
SELECT map_zip_with(MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['a'], ARRAY[2]), (k, a, b) -> a + b);

-- differs: not-emulated
SELECT multimap_from_entries(ARRAY[ROW('a', 1), ROW('a', 2)]);

-- differs: not-emulated
SELECT cosine_similarity(MAP(ARRAY['a'], ARRAY[1e0]), MAP(ARRAY['a'], ARRAY[2e0]));

-- differs: not-emulated
SELECT array_histogram(ARRAY['a', 'a']);

-- differs: not-emulated
SELECT json_value('{"a": 5}', 'lax $.a' RETURNING integer);

-- differs: not-emulated
SELECT json_object('a' : 1);

-- differs: not-emulated
SELECT json_array(1, 'x');

-- differs: not-emulated
SELECT approx_percentile(x, w, 0.5) FROM (VALUES (1, 1), (5, 3)) AS t(x, w);

-- differs: not-emulated
SELECT approx_most_frequent(2, 'a', 10);

-- differs: not-emulated
SELECT numeric_histogram(2, 1e0);

-- differs: not-emulated
SELECT approx_set(1);

-- differs: not-emulated
SELECT to_base64url(to_utf8('hi??'));

-- differs: not-emulated
SELECT xxhash64(to_utf8('a'));

-- differs: not-emulated
SELECT crc32(to_utf8('a'));

-- differs: not-emulated
SELECT sha512(to_utf8('a'));

-- differs: not-emulated
SELECT hmac_sha256(to_utf8('a'), to_utf8('k'));

-- differs: not-emulated
SELECT soundex('Robert');

-- differs: not-emulated
SELECT normalize('a');

-- differs: not-emulated
SELECT word_stem('running');

-- differs: not-emulated
SELECT from_unixtime(1767258000, 1, 30);

-- differs: not-emulated
SELECT from_unixtime_nanos(1500000000);

-- differs: not-emulated
SELECT parse_duration('1.5h');

-- differs: not-emulated
SELECT human_readable_seconds(3661);

-- differs: not-emulated
SELECT timezone_hour(TIMESTAMP '2026-03-05 09:08:07 Europe/Berlin');

-- differs: not-emulated
SELECT current_time;

-- differs: not-emulated
SELECT INTERVAL '1-3' YEAR TO MONTH;

-- differs: not-emulated
SELECT U&'\0041';

-- differs: not-emulated
SELECT IPADDRESS '10.0.0.1';

-- differs: not-emulated
SELECT UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59';

-- differs: not-emulated
SELECT x FROM (VALUES 1, 2, 2, 3) AS t(x) ORDER BY x FETCH FIRST 2 ROWS WITH TIES;

-- differs: not-emulated
SELECT "$path" IS NOT NULL FROM detection_records WHERE dt = '{day}' LIMIT 1;

-- differs: not-emulated
SELECT table_name FROM information_schema.tables WHERE table_schema = 'x';

-- differs: not-emulated
TABLE detections LIMIT 0;

-- differs: not-emulated
SELECT * FROM (VALUES (1, 5), (2, 3), (3, 4)) AS t(n, x) MATCH_RECOGNIZE (ORDER BY n MEASURES A.x AS x ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B) DEFINE B AS x < A.x);

-- differs: not-emulated
EXECUTE IMMEDIATE 'SELECT 1';
