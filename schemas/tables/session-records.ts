import { EVENT_HOUR_PARTITIONS, type Row, type Table } from "./column.ts";
import { ARRIVAL_COLUMNS, CAMERA_ID_COLUMN } from "./shared-columns.ts";

/**
 * Every session end as the engine notified it, and every entry of the coverage ledger; what is delivered twice is here
 * twice, in the view once.
 */
export const sessionRecords = {
  name: "session_records",
  description:
    "One row is one finished session as the engine told it, or one entry of the coverage ledger: the stretch of a camera's video that a session analysed, or that none did, and why.",
  columns: [
    { name: "event_id", type: "string", comment: "Id of the notification or of the ledger's entry." },
    {
      name: "source",
      type: "string",
      comment:
        "Who says so: engine, its own word of a session's end; ledger, Doorstep's account, whose stretches never overlap and leave out no second of a camera's motion.",
    },
    {
      name: "outcome",
      type: "string",
      comment:
        "completed: analysed. Of the ledger also failed: a session that analysed nothing; lost: one that never told its end; gap: motion without a session.",
    },
    {
      name: "reason",
      type: "string",
      nullable: true,
      comment:
        "Why, unless completed: budget, schedule, late, throttled, processor-busy, start-refused, unanswered, session-failed, no-video or camera-removed for a gap, else in words.",
    },
    {
      name: "session_id",
      type: "string",
      nullable: true,
      comment: "Id of the analysis session that finished; null for a gap.",
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
      comment: "How much video was analysed, milliseconds; null for a lost session, of which nobody knows.",
    },
    {
      name: "session_started_at",
      type: "timestamp",
      nullable: true,
      comment:
        "Where in the video the session or gap begins, UTC; null where the notification does not say. Decides the partition, else received_at does.",
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
        "Up to where the video was analysed, UTC: session_started_at + processed_ms; the end of a gap or of what a lost session was to analyse.",
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
        "Where the first session of its chain began, UTC: sessions that follow each other without a gap cover one motion; null for gaps, and where the ledger does not tell, as in the engine's own word.",
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
      comment: "How much video the session was told to analyse at most, seconds.",
    },
    { name: "result_message", type: "string", nullable: true, comment: "What the engine said of the end." },
    ...ARRIVAL_COLUMNS,
  ],
  partitions: EVENT_HOUR_PARTITIONS,
} as const satisfies Table;

export type SessionRecord = Row<typeof sessionRecords>;
