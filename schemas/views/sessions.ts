import { sessionRecords } from "../tables/session-records.ts";
import { columnsOf, type View } from "./view.ts";

/** A row of analysed video. */
const VIDEO = "CASE WHEN outcome = 'completed' AND session_ended_at_ms > from_at_ms THEN";
/** All rows of one session in its hour. */
const COPIES = "PARTITION BY dt, hour, coalesce(session_id, event_id)";

/**
 * Each session once: by the engine's row, else by the ledger's. Both have the requested start, so they are in the same
 * hour. A notification without the start is partitioned by its arrival, which may be another hour for every copy: such a
 * row is left out, and the ledger's row, which always has the start, replaces it. So no lookup across hours is needed,
 * and filters on dt and hour reach the files. Only the ledger knows the chain and where the analysed video was, of which it
 * may have several intervals: the session's chain and video begin with the first of them, and its video ends with the last.
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
      "from_at",
      "from_at_ms",
      "processed_ms",
      "max_duration_s",
      "result_message",
      "tags",
      "received_at",
      "received_at_ms",
      "engine",
      "samples",
      "longest_gap_ms",
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
      reason: {
        nullable: true,
        comment:
          "Why it failed or was lost; null if completed, or unverified if the stream could not be listed.",
      },
      session_started_at: {
        comment: "Where in the video the session was to begin, UTC. Decides dt and hour.",
      },
      session_started_at_ms: { comment: "session_started_at in epoch milliseconds." },
      session_ended_at: {
        comment:
          "Where the video that it analysed ends, UTC; for a lost session, where it was to end. Until the ledger has the session, session_started_at + processed_ms.",
      },
      from_at: {
        nullable: true,
        comment:
          "Where the video that it analysed begins, UTC: later than session_started_at if there was none, and a little earlier if a fragment begins before; null if it analysed nothing or the ledger does not say.",
      },
      session_ended_at_ms: { comment: "session_ended_at in epoch milliseconds." },
      chain_started_at: {
        nullable: true,
        comment:
          "Where the first session of its chain began, UTC: sessions without a gap between them cover one motion; null if the ledger does not say.",
      },
      engine: { comment: "What ran the session: stream-processor or frames." },
    },
  ),
  sql: `SELECT
  session_id,
  camera_id,
  outcome,
  coalesce(reason, ledger_reason) AS reason,
  session_started_at,
  session_started_at_ms,
  coalesce(ledger_ended_at, session_ended_at) AS session_ended_at,
  coalesce(ledger_ended_at_ms, session_ended_at_ms) AS session_ended_at_ms,
  ledger_chain_at AS chain_started_at,
  ledger_chain_at_ms AS chain_started_at_ms,
  video_from_at AS from_at,
  video_from_at_ms AS from_at_ms,
  processed_ms,
  max_duration_s,
  result_message,
  tags,
  received_at,
  received_at_ms,
  coalesce(session_engine, 'stream-processor') AS engine,
  session_samples AS samples,
  session_longest_gap_ms AS longest_gap_ms,
  dt,
  hour
FROM (
  SELECT
    *,
    row_number() OVER (
      ${COPIES}
      ORDER BY CASE source WHEN 'engine' THEN 0 ELSE 1 END, received_at_ms
    ) AS copy,
    max(reason) OVER (${COPIES}) AS ledger_reason,
    min(chain_started_at) OVER (${COPIES}) AS ledger_chain_at,
    min(chain_started_at_ms) OVER (${COPIES}) AS ledger_chain_at_ms,
    max(CASE WHEN source = 'ledger' THEN session_ended_at END) OVER (${COPIES}) AS ledger_ended_at,
    max(CASE WHEN source = 'ledger' THEN session_ended_at_ms END) OVER (${COPIES}) AS ledger_ended_at_ms,
    min(${VIDEO} from_at END) OVER (${COPIES}) AS video_from_at,
    min(${VIDEO} from_at_ms END) OVER (${COPIES}) AS video_from_at_ms,
    max(engine) OVER (${COPIES}) AS session_engine,
    max(samples) OVER (${COPIES}) AS session_samples,
    max(longest_gap_ms) OVER (${COPIES}) AS session_longest_gap_ms
  FROM session_records
  WHERE outcome <> 'gap' AND session_started_at_ms IS NOT NULL
)
WHERE copy = 1`,
};
