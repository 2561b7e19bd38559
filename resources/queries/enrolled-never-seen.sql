-- Enrolled persons whom no camera has recognised: their pictures may be poor, or the threshold too high.
-- @param persons text required: ids of enrolled persons, in any text: what `doorstep faces list` prints will do
-- @param from date default current_date - INTERVAL '30' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
SELECT DISTINCT enrolled.person_id
FROM UNNEST(regexp_extract_all(/*persons:*/ '' /*:persons*/, 'person-[0-9a-f]{20}')) AS enrolled (person_id)
LEFT JOIN (
  SELECT person_id
  FROM faces
  WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '30' DAY /*:from*/ AS varchar)
      AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
    AND camera_id LIKE /*camera:*/ '%' /*:camera*/
    AND person_id IS NOT NULL
) recognised ON recognised.person_id = enrolled.person_id
WHERE recognised.person_id IS NULL
ORDER BY enrolled.person_id
