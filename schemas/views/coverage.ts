import { sessionRecords } from "../tables/session-records.ts";
import { ENGINE_OF_SESSION } from "../tables/shared-columns.ts";
import { columnsOf, type View } from "./view.ts";

/**
 * Each entry of the coverage ledger once: the first of its copies. A session that analysed nothing covers nothing. Rows of
 * earlier versions begin where the session was to begin.
 */
export const coverage: View = {
  name: "coverage",
  description:
    "One row is one interval of a camera's video in the coverage ledger: analysed by a session, or not, and why. A camera's intervals never overlap and leave out no second of its motion.",
  columns: [
    ...columnsOf(sessionRecords, ["camera_id", "outcome", "reason", "session_id"], {
      outcome: {
        comment:
          "completed: analysed; failed: a session that analysed nothing; lost: a session whose end was never reported; gap: motion without a session.",
      },
      session_id: {
        nullable: true,
        comment: "Id of the session; null for a gap, and for a session whose start returned no result.",
      },
    }),
    { name: "from_at", type: "timestamp", comment: "Where the interval begins, UTC." },
    { name: "from_at_ms", type: "bigint", comment: "from_at in epoch milliseconds." },
    { name: "until_at", type: "timestamp", comment: "Where the interval ends, UTC." },
    { name: "until_at_ms", type: "bigint", comment: "until_at in epoch milliseconds." },
    {
      name: "duration_ms",
      type: "bigint",
      comment: "From from_at to until_at, milliseconds; 0 for a session that failed.",
    },
    ...columnsOf(sessionRecords, ["engine", "samples", "longest_gap_ms"], {
      engine: {
        nullable: true,
        comment: "What ran the session: stream-processor or frames; null for a gap.",
      },
    }),
    ...columnsOf(sessionRecords, ["dt", "hour"], {
      dt: { comment: "UTC date: of from_at, or of where the session was to begin, which may be earlier." },
      hour: { comment: "UTC hour of the same time, 00 to 23." },
    }),
  ],
  sql: `SELECT
  camera_id,
  outcome,
  reason,
  session_id,
  coalesce(from_at, session_started_at) AS from_at,
  coalesce(from_at_ms, session_started_at_ms) AS from_at_ms,
  session_ended_at AS until_at,
  session_ended_at_ms AS until_at_ms,
  session_ended_at_ms - coalesce(from_at_ms, session_started_at_ms) AS duration_ms,
  CASE WHEN outcome <> 'gap' THEN ${ENGINE_OF_SESSION} END AS engine,
  samples,
  longest_gap_ms,
  dt,
  hour
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY dt, hour, event_id ORDER BY received_at_ms) AS copy
  FROM session_records
  WHERE source = 'ledger'
)
WHERE copy = 1
  AND (outcome <> 'completed' OR session_ended_at_ms > coalesce(from_at_ms, session_started_at_ms))`,
};
