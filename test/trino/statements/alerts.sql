SELECT * FROM alert_decisions WHERE dt = '{day}' ORDER BY detected_at, event_id, label_id;

SELECT * FROM alerts WHERE dt = '{day}' ORDER BY alert_id;

SELECT * FROM alerts WHERE dt BETWEEN '{day2}' AND '{today}' ORDER BY alert_id;

SELECT dt, hour, event_id, label_id, decision, reason, count(*) FROM alert_records WHERE dt >= '{day2}' GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5;

SELECT a.alert_id, a.merged_detections, count(*), count_if(d.decision = 'merged') FROM alerts a JOIN alert_decisions d ON d.alert_id = a.alert_id WHERE a.dt >= '{day2}' AND d.dt >= '{day2}' GROUP BY 1, 2 ORDER BY 1;

SELECT reason, count(*), min(time_to_decision_ms), max(time_to_decision_ms) FROM alert_decisions WHERE dt >= '{day2}' AND hour >= '00' GROUP BY reason ORDER BY reason;

SELECT rule, count(*) FROM alerts CROSS JOIN UNNEST(rules) AS t(rule) WHERE dt >= '{day2}' GROUP BY rule ORDER BY rule;

SELECT contains(labels, 'PACKAGE'), cardinality(labels), severity, count(*) FROM alerts WHERE dt BETWEEN '{day2}' AND '{today}' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
