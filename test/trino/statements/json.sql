SELECT json_extract_scalar('{"a":{"b":[1,"x",null,true]}}', '$.a.b[0]'), json_extract_scalar('{"a":{"b":[1,"x"]}}', '$.a.b[1]'), json_extract_scalar('{"a":1}', '$.b'), json_extract_scalar('{"a":{"b":1}}', '$.a');

SELECT json_extract_scalar('{"a":[1,null,true,1.50]}', '$.a[1]'), json_extract_scalar('{"a":[1,null,true,1.50]}', '$.a[2]'), json_extract_scalar('{"a b":1}', '$["a b"]');

SELECT json_extract_scalar('no json', '$.a');

SELECT json_extract('{"a": {"b": [1, 2]}}', '$.a'), json_extract('{"a": {"b": [1, 2]}}', '$.a.b[5]');

SELECT json_array_length('[1, 2, 3]'), json_array_length('{"a": 1}'), json_size('{"a": {"b": 1, "c": 2}}', '$.a'), json_array_get('[1, 2, 3]', 1), json_array_contains('[1, 2, 3]', 2);

-- differs: text-of-json
SELECT json_parse('{"b": 1.50, "a": [1, 2]}');

SELECT json_parse('{"a": [1, 2]}'), json_format(json_parse('{"a": 1}')), typeof(json_parse('1'));

SELECT CAST(json_parse('[1, 2, 3]') AS array(integer)), CAST(json_parse('{"a": 1}') AS map(varchar, integer)), CAST(json_parse('"x"') AS varchar), CAST(json_parse('5') AS integer);

SELECT CAST(json_parse('{"a": 1, "b": "x"}') AS row(a integer, b varchar));

SELECT CAST(MAP(ARRAY['a'], ARRAY[1]) AS json), CAST(ARRAY[1, 2] AS json), CAST('x' AS json), CAST(1 AS json), CAST(NULL AS json);

SELECT json_format(CAST(MAP(ARRAY['a', 'b'], ARRAY[1, 2]) AS json)), json_format(CAST(ARRAY['x', NULL] AS json));

SELECT json_parse('not json');

SELECT JSON '{"a": 1}', is_json_scalar('1'), is_json_scalar('[1]');

SELECT json_value('{"a": "x"}', 'lax $.a');

SELECT json_query('{"a": [1, 2]}', 'lax $.a'), json_exists('{"a": 1}', 'lax $.a'), json_exists('{"a": 1}', 'lax $.b');

SELECT json_extract_scalar('{"a":1}', 'bad path');

SELECT x FROM UNNEST(CAST(json_extract('{"a":["x","y"]}', '$.a') AS array(varchar))) AS t(x);

SELECT json_extract_scalar(j, '$.k') FROM (VALUES '{"k":"v"}', '{"k":null}', '{}', NULL) AS t(j);

SELECT CAST(json_extract('{"n": 12.5}', '$.n') AS double), CAST(json_extract('{"n": 12}', '$.n') AS bigint), CAST(json_extract('{"s": true}', '$.s') AS boolean);

SELECT json_parse('{"a":1}') = json_parse('{ "a": 1 }');
