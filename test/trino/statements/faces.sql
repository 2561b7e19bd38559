SELECT * FROM faces WHERE dt = '{day}' ORDER BY seen_at, camera_id, engine, face_no;

SELECT dt, hour, person_id, count(*) FROM face_records WHERE dt >= '{day2}' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

SELECT * FROM visits WHERE dt = '{day}' ORDER BY first_seen_at, camera_id, person_id;

SELECT * FROM visits WHERE dt = '{day2}' ORDER BY first_seen_at, camera_id, person_id;

SELECT * FROM visits WHERE dt BETWEEN '{day2}' AND '{today}' ORDER BY first_seen_at, camera_id, person_id;

SELECT * FROM visits WHERE dt >= '{day2}' AND hour = '23' ORDER BY first_seen_at, camera_id, person_id;

SELECT * FROM unknown_visitors WHERE dt = '{day}' ORDER BY first_seen_at, camera_id;

SELECT * FROM unknown_visitors WHERE dt BETWEEN '{day2}' AND '{today}' ORDER BY first_seen_at, camera_id;

SELECT camera_id, sum(faces), sum(duration_ms), max(best_similarity) FROM visits WHERE dt >= '{day2}' GROUP BY camera_id ORDER BY camera_id;

SELECT v.camera_id, v.person_id, v.first_seen_at, count(*) FROM visits v JOIN faces f ON f.camera_id = v.camera_id AND f.person_id = v.person_id AND f.seen_at BETWEEN v.first_seen_at AND v.last_seen_at WHERE v.dt >= '{day2}' AND f.dt >= '{day2}' GROUP BY 1, 2, 3 ORDER BY 3, 1, 2;

SELECT engine, count(*) FROM visits CROSS JOIN UNNEST(engines) AS t(engine) WHERE dt >= '{day2}' GROUP BY engine ORDER BY engine;

SELECT DISTINCT e.person_id, f.person_id IS NULL FROM UNNEST(regexp_extract_all('Ann person-00000000000000000001, person-00000000000000000003', 'person-[0-9a-f]{20}')) AS e (person_id) LEFT JOIN (SELECT person_id FROM faces WHERE dt >= '{day2}' AND person_id IS NOT NULL) f ON f.person_id = e.person_id ORDER BY 1;

SELECT person_id, count(*) FROM face_records WHERE dt >= '{day2}' GROUP BY person_id ORDER BY person_id;

SELECT * FROM face_records WHERE dt = '{day2}' AND hour = '10' ORDER BY seen_at, face_no;
