-- Similarity of recognised faces, in steps: helps to choose FaceMatchThreshold, below which there are no rows.
-- @param from date default current_date - INTERVAL '7' DAY: first day, UTC
-- @param to date default current_date: last day, UTC
-- @param camera text default '%': cameras, as a LIKE pattern
-- @param person text default '%': persons by their ids, as a LIKE pattern
-- @param step integer default 1: width of a step, percent
SELECT
  CAST(floor(least(similarity, 99.999e0) / /*step:*/ 1 /*:step*/) AS integer) * /*step:*/ 1 /*:step*/ AS similarity_from,
  count(*) AS faces,
  count(DISTINCT person_id) AS persons,
  round(1e2 * sum(count(*)) OVER (ORDER BY min(similarity) DESC) / sum(count(*)) OVER (), 1) AS percent_from_here
FROM faces
WHERE dt BETWEEN CAST(/*from:*/ current_date - INTERVAL '7' DAY /*:from*/ AS varchar)
    AND CAST(/*to:*/ current_date /*:to*/ AS varchar)
  AND camera_id LIKE /*camera:*/ '%' /*:camera*/
  AND person_id LIKE /*person:*/ '%' /*:person*/
GROUP BY 1
ORDER BY similarity_from
