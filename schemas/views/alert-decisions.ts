import { alertRecords } from "../tables/alert-records.ts";
import { columnsOf, type View, type ViewColumn } from "./view.ts";

const TIME_TO_DECISION: ViewColumn = {
  name: "time_to_decision_ms",
  type: "bigint",
  comment:
    "From the frame to the decision, milliseconds: two clocks, so it may be off by their difference. For a raised one, how soon the alert was raised.",
};

const recorded = columnsOf(alertRecords);
const names = recorded.map(({ name }) => name);

/**
 * Each detection once, by its first decision: a notification that arrives again long after is decided again, as late, and
 * a decision that is sent again is the same.
 */
export const alertDecisions: View = {
  name: "alert_decisions",
  description:
    "One row is what became of one detected label, by its first decision, however often it was delivered: raised, merged or suppressed, and why.",
  columns: [...recorded.slice(0, -2), TIME_TO_DECISION, ...recorded.slice(-2)],
  sql: `SELECT
  ${names.slice(0, -2).join(",\n  ")},
  decided_at_ms - detected_at_ms AS time_to_decision_ms,
  ${names.slice(-2).join(",\n  ")}
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY dt, hour, event_id, label_id ORDER BY decided_at_ms, received_at_ms) AS copy
  FROM alert_records
)
WHERE copy = 1`,
};
