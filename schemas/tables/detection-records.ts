import { EVENT_HOUR_PARTITIONS, type Row, type Table } from "./column.ts";
import { ARRIVAL_COLUMNS, CAMERA_COLUMNS } from "./shared-columns.ts";

/** Every detection as it was notified. A notification that is delivered twice has its rows twice. */
export const detectionRecords = {
  name: "detection_records",
  description: "One row is one label detected in one session, as in one notification.",
  columns: [
    { name: "event_id", type: "string", comment: "Id of the notification; its labels share it." },
    { name: "session_id", type: "string", comment: "Id of the session that detected the label." },
    ...CAMERA_COLUMNS,
    { name: "label_id", type: "string", comment: "Id of the label within the notification." },
    { name: "label", type: "string", comment: "What was detected, in capitals: PERSON, PET or PACKAGE." },
    {
      name: "confidence",
      type: "double",
      nullable: true,
      comment: "The engine's confidence, 0 to 100; null if it gave none.",
    },
    {
      name: "detected_at",
      type: "timestamp",
      comment:
        "When the camera captured the frame, by its own clock, UTC: the fragment's producer time + frame_offset_ms. Decides the partition.",
    },
    { name: "detected_at_ms", type: "bigint", comment: "detected_at in epoch milliseconds." },
    {
      name: "fragment_number",
      type: "string",
      comment: "Kinesis Video fragment with the frame; digits, too many for a number.",
    },
    {
      name: "fragment_server_at",
      type: "timestamp",
      comment: "When Kinesis Video received the fragment, UTC.",
    },
    { name: "fragment_server_at_ms", type: "bigint", comment: "fragment_server_at in epoch milliseconds." },
    {
      name: "frame_offset_ms",
      type: "bigint",
      comment: "From the beginning of the fragment to the frame, milliseconds.",
    },
    { name: "box_left", type: "double", comment: "Left edge of the box, 0..1 of the frame's width." },
    { name: "box_top", type: "double", comment: "Top edge of the box, 0..1 of the frame's height." },
    { name: "box_width", type: "double", comment: "Width of the box, 0..1 of the frame's width." },
    { name: "box_height", type: "double", comment: "Height of the box, 0..1 of the frame's height." },
    { name: "frame_image_uri", type: "string", comment: "The whole frame, s3://bucket/key." },
    {
      name: "cropped_image_uri",
      type: "string",
      nullable: true,
      comment: "The frame cropped to the box, s3://bucket/key; null if there is none.",
    },
    {
      name: "session_started_at",
      type: "timestamp",
      nullable: true,
      comment: "Where in the video the session was to begin, UTC; null if the notification does not say.",
    },
    {
      name: "session_started_at_ms",
      type: "bigint",
      nullable: true,
      comment: "session_started_at in epoch milliseconds.",
    },
    ...ARRIVAL_COLUMNS,
  ],
  partitions: EVENT_HOUR_PARTITIONS,
} as const satisfies Table;

export type DetectionRecord = Row<typeof detectionRecords>;
