SELECT regexp_like('front-door', 'd[o]+r'), regexp_like('abc', '^b'), regexp_like('ABC', '(?i)abc'), regexp_like(NULL, 'a');

SELECT regexp_extract('cam-12-b', '\d+'), regexp_extract('cam-12-b', '(\w+)-(\d+)', 2), regexp_extract('abc', '\d+');

-- differs: regular-expressions
SELECT regexp_extract('abc', '(x)?abc', 1);

SELECT regexp_extract_all('a1b22', '\d+'), regexp_extract_all('a1b22', '([a-z])(\d+)', 1), regexp_extract_all('abc', '\d');

SELECT regexp_replace('a1b22', '\d+'), regexp_replace('a1b22', '\d+', '#'), regexp_replace('ab', '(a)(b)', '$2$1');

-- differs: regular-expressions
SELECT regexp_replace('a1b22', '(\d+)', x -> '<' || x[1] || '>');

-- differs: regular-expressions
SELECT regexp_replace('abc', '(?<x>b)', '<${x}>');

SELECT regexp_split('a1b22c', '\d+'), regexp_split('a,b,', ','), regexp_count('a1b22', '\d'), regexp_position('a1b22', '\d+'), regexp_position('a1b22', '\d+', 3);

SELECT regexp_like('abc', '(');

SELECT camera_id, regexp_extract(camera_id, '-(\d+)$', 1) AS n FROM detections WHERE dt = '{day}' GROUP BY camera_id ORDER BY 1;

SELECT regexp_like('a.b', 'a\.b'), regexp_like('a' || chr(10) || 'b', 'a.b'), regexp_like('über', '^\w+$');

-- differs: regular-expressions
SELECT regexp_like('ab', 'a(?=b)');
