import type { Column } from "./column.ts";

export const CAMERA_ID_COLUMN = {
  name: "camera_id",
  type: "string",
  comment: "The camera: the stream's name without the fleet's prefix, or the whole name without one.",
} as const satisfies Column;

/** The camera and its stream. */
export const CAMERA_COLUMNS = [
  CAMERA_ID_COLUMN,
  { name: "stream_name", type: "string", comment: "Name of the camera's Kinesis video stream." },
  {
    name: "stream_arn",
    type: "string",
    comment: "ARN of the stream; unlike its name, never used again for another stream.",
  },
] as const satisfies readonly Column[];

/** What ran the session. */
export const ENGINE_COLUMN = {
  name: "engine",
  type: "string",
  nullable: true,
  comment:
    "What ran the session: stream-processor or frames; null in Rekognition's own notifications and in rows of earlier versions, which are of the stream processor, and for a gap.",
} as const satisfies Column;

/** The engine of a session's row, in SQL: only other engines than the stream processor are named. */
export const ENGINE_OF_SESSION = `coalesce(${ENGINE_COLUMN.name}, 'stream-processor')`;

/** When a record arrived, the same in every table. */
export const RECEIVED_COLUMNS = [
  { name: "received_at", type: "timestamp", comment: "When Firehose received the record, UTC." },
  { name: "received_at_ms", type: "bigint", comment: "received_at in epoch milliseconds." },
] as const satisfies readonly Column[];

/** Tags and arrival of what an engine publishes. */
export const ARRIVAL_COLUMNS = [
  {
    name: "tags",
    type: "map<string,string>",
    nullable: true,
    comment: "Tags of the camera, as the engine reports them; null if there are none.",
  },
  ...RECEIVED_COLUMNS,
] as const satisfies readonly Column[];
