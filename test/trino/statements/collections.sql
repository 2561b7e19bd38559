SELECT ARRAY[1, 2, 3], ARRAY['a', NULL], ARRAY[], MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP();

SELECT ARRAY[1, 2, 3][2], element_at(ARRAY[1, 2], 5), element_at(ARRAY[1, 2], -1), MAP(ARRAY['a'], ARRAY[1])['a'], element_at(MAP(ARRAY['a'], ARRAY[1]), 'b');

SELECT ARRAY[1, 2][3];

SELECT ARRAY[1, 2][0];

SELECT MAP(ARRAY['a'], ARRAY[1])['b'];

SELECT cardinality(ARRAY[1, 2]), cardinality(MAP(ARRAY['a'], ARRAY[1])), cardinality(NULL);

SELECT array_distinct(ARRAY[1, NULL, 1, NULL]), array_sort(ARRAY[3, NULL, 1]), array_max(ARRAY[1, NULL]), array_min(ARRAY[2, 1]);

SELECT contains(ARRAY[1, NULL], 1), contains(ARRAY[1, NULL], 2), contains(ARRAY[1, 2], NULL), contains(ARRAY[1], 3);

SELECT array_position(ARRAY[1, 2, 2], 2), array_position(ARRAY[1, NULL], NULL), array_remove(ARRAY[1, 2, 1, NULL], 1), array_join(ARRAY['a', NULL, 'c'], ','), array_join(ARRAY['a', NULL], ',', '?');

SELECT array_union(ARRAY[1, 2], ARRAY[2, NULL, NULL]), array_intersect(ARRAY[1, 2, NULL], ARRAY[2, NULL]), array_except(ARRAY[1, 2, NULL], ARRAY[2]), arrays_overlap(ARRAY[1, 2], ARRAY[2]), arrays_overlap(ARRAY[1, NULL], ARRAY[2]);

SELECT slice(ARRAY[1, 2, 3, 4], 2, 2), slice(ARRAY[1, 2, 3, 4], -2, 2), slice(ARRAY[1, 2], 5, 1), trim_array(ARRAY[1, 2, 3], 1);

SELECT reverse(ARRAY[1, 2]), flatten(ARRAY[ARRAY[1], NULL, ARRAY[2, 3]]), repeat('x', 3), concat(ARRAY[1], ARRAY[2]), ARRAY[1] || ARRAY[2];

-- differs: not-emulated
SELECT ARRAY[1] || 2, 0 || ARRAY[1];

SELECT zip(ARRAY[1, 2], ARRAY['a', 'b']), zip_with(ARRAY[1, 2], ARRAY[3, 4], (a, b) -> a + b);

SELECT transform(ARRAY[1, NULL], x -> x + 1), filter(ARRAY[1, 2, NULL], x -> x > 1), reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s), any_match(ARRAY[1, 2], x -> x > 1), all_match(ARRAY[1, 2], x -> x > 1), none_match(ARRAY[1, 2], x -> x > 5);

SELECT reduce(ARRAY[1, 2, NULL], 0, (s, x) -> s + coalesce(x, 10), s -> s * 2), reduce(ARRAY[], 5, (s, x) -> s, s -> s), any_match(ARRAY[1, NULL], x -> x > 1), all_match(ARRAY[2, NULL], x -> x > 1), none_match(ARRAY[1, NULL], x -> x > 1);

SELECT map_keys(m), map_values(m), map_entries(m), cardinality(m) FROM (VALUES MAP(ARRAY['a', 'b'], ARRAY[1, 2])) AS t(m);

SELECT map_concat(MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['a', 'b'], ARRAY[9, 2])), map_filter(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1), transform_values(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> v + 1), transform_keys(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> upper(k)), map_from_entries(ARRAY[ROW('a', 1)]);

SELECT split_to_map('a=1,b=2', ',', '='), split_to_multimap('a=1,a=2', ',', '=');

SELECT ROW(1, 'a'), ROW(1, 'a')[1], CAST(ROW(1, 'a') AS row(n integer, s varchar)).n, CAST(ROW(1, 2) AS row(a bigint, b double));

SELECT ARRAY[ROW(1, 'a')], ARRAY[ARRAY[1], ARRAY[]];

SELECT sequence(1, 5), sequence(5, 1), sequence(1, 10, 3), sequence(5, 1, -2);

SELECT tags['generated'], element_at(tags, 'nothing'), cardinality(tags) FROM detection_records WHERE dt = '{day}' AND hour = '09' ORDER BY event_id LIMIT 1;

SELECT array_agg(x ORDER BY x) FROM UNNEST(ARRAY[3, 1, 2]) AS t(x);

SELECT ARRAY[1, 2] = ARRAY[1, 2], ARRAY[1, 2] < ARRAY[1, 3], MAP(ARRAY['a'], ARRAY[1]) = MAP(ARRAY['a'], ARRAY[1]), ROW(1, 2) = ROW(1, 2);

SELECT ARRAY[1, 'a'];

SELECT MAP(ARRAY['a', 'a'], ARRAY[1, 2]);

SELECT array_sum(ARRAY[1, 2]);

SELECT contains_sequence(ARRAY[1, 2, 3], ARRAY[2, 3]), array_first(ARRAY[1]), array_last(ARRAY[1]);

-- differs: unnest-of-rows
SELECT u.a, u.b FROM UNNEST(ARRAY[ROW(1, 'x'), ROW(2, 'y')]) AS u(a, b) ORDER BY a;
