SELECT length('häuser'), lower('ÄB'), reverse('abc'), trim('  a '), ltrim('  a'), rtrim('a  '), trim(BOTH 'x' FROM 'xxaxx'), trim(LEADING '0' FROM '007');

SELECT substr('abcdef', 2), substr('abcdef', 2, 3), substr('abcdef', -2), substr('abcdef', 0), substr('abcdef', -10), substr('abcdef', 7), substring('abcdef' FROM 2 FOR 2), substr('abcdef', 2, 0);

SELECT strpos('banana', 'an'), strpos('banana', 'an', 2), strpos('banana', 'x'), position('n' IN 'banana'), strpos('banana', 'an', -1), starts_with('abc', 'ab'), ends_with('abc', 'bc');

SELECT split('a,b,,c', ','), split('a,b,c', ',', 2), split_part('a,b,c', ',', 2), split_part('a,b,c', ',', 9), split('', ',');

SELECT replace('abc', 'b'), replace('abab', 'a', 'x'), translate('abc', 'ab', 'x'), lpad('5', 3, '0'), rpad('abc', 2, 'x'), lpad('5', 3, 'ab'), concat('a', 'b', 'c'), concat_ws('-', 'a', NULL, 'b'), concat_ws('-', ARRAY['a', 'b']);

-- differs: case-mapping
SELECT upper('straße');

-- differs: type-of-null
SELECT 'a' || CAST(NULL AS varchar);

SELECT 'a' || 'b', 'it''s', chr(228), codepoint('A');

SELECT 'a\', 'a\b';

SELECT 'a_b' LIKE 'a\_b' ESCAPE '\', 'axb' LIKE 'a\_b' ESCAPE '\', 'abc' LIKE 'a%', 'abc' LIKE 'A%', 'abc' NOT LIKE '_b_', '100%' LIKE '100#%' ESCAPE '#';

SELECT format('%s has %d of %.1f%%, %05d %,d %x', 'x', 3, 12.55e0, 42, 1234567, 255), format('%10s|%-5s|', 'a', 'b');

SELECT to_hex(md5(to_utf8('a'))), to_hex(sha1(to_utf8('a'))), to_hex(sha256(to_utf8('a'))), to_base64(to_utf8('hi')), from_utf8(from_base64('aGk=')), to_hex(from_hex('6869'));

SELECT url_encode('a b&c'), url_decode('a%20b'), url_extract_host('https://example.com:8080/p?q=1#f'), url_extract_path('https://example.com/p/q?x=1'), url_extract_parameter('https://example.com/?a=1&b=2', 'b'), url_extract_query('https://example.com/?a=1'), url_extract_protocol('https://x/'), url_extract_port('https://x:8080/'), url_extract_fragment('https://x/#f');

SELECT levenshtein_distance('kitten', 'sitting'), hamming_distance('abc', 'abd');

SELECT from_utf8(to_utf8('ä')), length(to_utf8('ä')), X'68 69', to_hex(X'6869'), CAST('a' AS varbinary);

SELECT 'a' < 'b', 'a' < 'B', 'Z' < 'a', 'a' = 'a ', greatest('a', 'b'), least('b', 'a');

SELECT 'abc' BETWEEN 'abb' AND 'abd', 'x' IN ('x', 'y'), NULL IN ('x'), 'a' IS DISTINCT FROM NULL, coalesce(NULL, 'a'), nullif('a', 'a');

SELECT concat('a', 1);

SELECT 'a' || 1;

SELECT upper(5);

SELECT length(5);

SELECT DISTINCT camera_id || '/' || label FROM detections WHERE dt = '{day}' ORDER BY 1;

SELECT CAST('abc' AS varchar(2)), CAST('ab' AS char(4)), length(CAST('ab' AS char(4))), CAST(12345 AS varchar(3));

SELECT bar(0.5, 5), index('abc', 'b'), to_base32(to_utf8('a')), char2hexint('a');
