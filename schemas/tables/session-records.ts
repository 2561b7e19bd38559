import { EVENT_HOUR_PARTITIONS, type Row, type Table } from "./column.ts";
import { ARRIVAL_COLUMNS, CAMERA_ID_COLUMN, ENGINE_COLUMN } from "./shared-columns.ts";

/**
 * Every end of a session as the engine published it, and every entry of the coverage ledger. What is delivered twice has
 * two rows here and one in the view.
 */
export const sessionRecords = {
  name: "session_records",
  description:
    "One row is one ended session as the engine published it, or one entry of the coverage ledger: the interval of a camera's video that a session analysed, or that none did, and why.",
  columns: [
    { name: "event_id", type: "string", comment: "Id of the notification or of the ledger's entry." },
    {
      name: "source",
      type: "string",
      comment:
        "Where the row comes from: engine, the engine's notification of a session's end; ledger, Doorstep's coverage ledger, whose intervals never overlap and leave out no second of a camera's motion.",
    },
    {
      name: "outcome",
      type: "string",
      comment:
        "completed: analysed. In the ledger also failed: a session that analysed nothing; lost: a session whose end was never reported; gap: motion without a session.",
    },
    {
      name: "reason",
      type: "string",
      nullable: true,
      comment:
        "Why: budget, schedule, late, throttled, processor-busy, start-refused, unanswered, session-failed, no-video, unreadable, unverified, not-live, all-detected or camera-removed for a gap, else a text; if completed, null, or unverified: its place is assumed.",
    },
    {
      name: "session_id",
      type: "string",
      nullable: true,
      comment: "Id of the session that ended; null for a gap.",
    },
    CAMERA_ID_COLUMN,
    {
      name: "stream_name",
      type: "string",
      nullable: true,
      comment: "Name of the camera's Kinesis video stream; null in the ledger.",
    },
    {
      name: "stream_arn",
      type: "string",
      nullable: true,
      comment: "ARN of the stream; unlike its name, never used again for another stream. Null in the ledger.",
    },
    {
      name: "processed_ms",
      type: "bigint",
      nullable: true,
      comment:
        "How much video the session analysed, milliseconds, the same in all rows of a session; null for a lost session, for which it is unknown.",
    },
    {
      name: "session_started_at",
      type: "timestamp",
      nullable: true,
      comment:
        "Where in the video the session was to begin or the gap begins, UTC; null if the notification does not say. Decides the partition; if null, received_at does.",
    },
    {
      name: "session_started_at_ms",
      type: "bigint",
      nullable: true,
      comment: "session_started_at in epoch milliseconds.",
    },
    {
      name: "session_ended_at",
      type: "timestamp",
      nullable: true,
      comment:
        "In the ledger, where the interval ends, UTC: of analysed video, of a gap, or of what a lost session was to analyse. In the engine's rows session_started_at + processed_ms, wherever the video was.",
    },
    {
      name: "session_ended_at_ms",
      type: "bigint",
      nullable: true,
      comment: "session_ended_at in epoch milliseconds.",
    },
    {
      name: "chain_started_at",
      type: "timestamp",
      nullable: true,
      comment:
        "Where the first session of its chain began, UTC: sessions without a gap between them cover one motion; null for gaps, in the engine's rows, and if the ledger does not say.",
    },
    {
      name: "chain_started_at_ms",
      type: "bigint",
      nullable: true,
      comment: "chain_started_at in epoch milliseconds.",
    },
    {
      name: "max_duration_s",
      type: "int",
      nullable: true,
      comment: "How much video the session was to analyse at most, seconds.",
    },
    { name: "result_message", type: "string", nullable: true, comment: "The engine's message at the end." },
    ...ARRIVAL_COLUMNS,
    {
      name: "from_at",
      type: "timestamp",
      nullable: true,
      comment:
        "Where the ledger's interval begins, UTC: a session with holes in its video has several. Null in the engine's rows, and in rows of earlier versions, which begin at session_started_at.",
    },
    {
      name: "from_at_ms",
      type: "bigint",
      nullable: true,
      comment: "from_at in epoch milliseconds.",
    },
    ENGINE_COLUMN,
    {
      name: "samples",
      type: "int",
      nullable: true,
      comment:
        "How many images of its video the session analysed, the same in all rows of a session; null if it analysed the video as a whole, and for a gap.",
    },
    {
      name: "longest_gap_ms",
      type: "bigint",
      nullable: true,
      comment:
        "The longest video that one of the session's samples stands for, milliseconds; null where samples is.",
    },
  ],
  partitions: EVENT_HOUR_PARTITIONS,
} as const satisfies Table;

export type SessionRecord = Row<typeof sessionRecords>;
