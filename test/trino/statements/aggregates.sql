-- Counts, sums and averages of the lake.
SELECT count(*), count(DISTINCT camera_id), sum(detected_at_ms - received_at_ms), avg(confidence) FROM detections WHERE dt = '{day}';

SELECT typeof(sum(1)), typeof(1/2.0), typeof(avg(1.5));
