import { EVENT_HOUR_PARTITIONS, type Row, type Table } from "./column.ts";
import { ARRIVAL_COLUMNS, CAMERA_COLUMNS } from "./shared-columns.ts";

/** Every session end as it was notified; a notification delivered twice is here twice. */
export const sessionRecords = {
  name: "session_records",
  description: "One row is one finished session, as one notification told it.",
  columns: [
    { name: "event_id", type: "string", comment: "Id of the notification." },
    { name: "session_id", type: "string", comment: "Id of the analysis session that finished." },
    ...CAMERA_COLUMNS,
    { name: "processed_ms", type: "bigint", comment: "How much video was analysed, milliseconds." },
    {
      name: "session_started_at",
      type: "timestamp",
      nullable: true,
      comment:
        "Where in the video the session was told to begin, UTC; null where the notification does not say. Decides the partition, else received_at does.",
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
      comment: "Up to where the video was analysed, UTC: session_started_at + processed_ms.",
    },
    {
      name: "session_ended_at_ms",
      type: "bigint",
      nullable: true,
      comment: "session_ended_at in epoch milliseconds.",
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
