import { sessionRecords } from "../tables/session-records.ts";
import { columnsOf, type View } from "./view.ts";

/** All rows of one session in its hour. */
const COPIES = "PARTITION BY dt, hour, coalesce(session_id, event_id)";

/**
 * Each session once: by the engine's row, else by the ledger's. Both have the requested start, so they are in the same
 * hour. A notification without the start is partitioned by its arrival, which may be another hour for every copy: such a
 * row is left out, and the ledger's row, which always has the start, replaces it. So no lookup across hours is needed,
 * and filters on dt and hour reach the files. Only the ledger knows the chain, so any copy's chain is the session's.
 */
export const sessions: View = {
  name: "sessions",
  description:
    "One row is one session that ran: as the engine published its end, else as the coverage ledger has it. If the engine does not say where in the video it began, the ledger's row is used.",
  columns: columnsOf(
    sessionRecords,
    [
      "session_id",
      "camera_id",
      "outcome",
      "reason",
      "session_started_at",
      "session_started_at_ms",
      "session_ended_at",
      "session_ended_at_ms",
      "chain_started_at",
      "chain_started_at_ms",
      "processed_ms",
      "max_duration_s",
      "result_message",
      "tags",
      "received_at",
      "received_at_ms",
      "dt",
      "hour",
    ],
    {
      session_id: {
        nullable: true,
        comment: "Id of the session; null for a lost session whose start returned no result.",
      },
      outcome: {
        comment:
          "completed: analysed; failed: analysed nothing; lost: its end was never reported, so it is in the ledger only.",
      },
      reason: { nullable: true, comment: "Why it failed or was lost; null if completed." },
      session_started_at: {
        comment: "Where in the video the session was to begin, UTC. Decides dt and hour.",
      },
      session_started_at_ms: { comment: "session_started_at in epoch milliseconds." },
      session_ended_at: {
        comment:
          "Up to where the video was analysed, UTC: session_started_at + processed_ms; for a lost session, up to where it was to be.",
      },
      session_ended_at_ms: { comment: "session_ended_at in epoch milliseconds." },
      chain_started_at: {
        nullable: true,
        comment:
          "Where the first session of its chain began, UTC: sessions without a gap between them cover one motion; null if the ledger does not say.",
      },
    },
  ),
  sql: `SELECT
  session_id,
  camera_id,
  outcome,
  reason,
  session_started_at,
  session_started_at_ms,
  session_ended_at,
  session_ended_at_ms,
  ledger_chain_at AS chain_started_at,
  ledger_chain_at_ms AS chain_started_at_ms,
  processed_ms,
  max_duration_s,
  result_message,
  tags,
  received_at,
  received_at_ms,
  dt,
  hour
FROM (
  SELECT
    *,
    row_number() OVER (
      ${COPIES}
      ORDER BY CASE source WHEN 'engine' THEN 0 ELSE 1 END, received_at_ms
    ) AS copy,
    max(chain_started_at) OVER (${COPIES}) AS ledger_chain_at,
    max(chain_started_at_ms) OVER (${COPIES}) AS ledger_chain_at_ms
  FROM session_records
  WHERE outcome <> 'gap' AND session_started_at_ms IS NOT NULL
)
WHERE copy = 1`,
};
