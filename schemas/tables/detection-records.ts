import { arrayOfStructs, EVENT_HOUR_PARTITIONS, type Column, type Row, type Table } from "./column.ts";
import { ARRIVAL_COLUMNS, CAMERA_COLUMNS, ENGINE_COLUMN } from "./shared-columns.ts";

/** What each label of a notification has of its own. */
export const LABEL_COLUMNS = [
  { name: "label_id", type: "string", comment: "Id of the label within the notification." },
  {
    name: "label",
    type: "string",
    comment:
      "What was detected, in capitals: PERSON, PET, PACKAGE, or another label of Rekognition's list, which only frames detects.",
  },
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
] as const satisfies readonly Column[];

type LabelField = Exclude<(typeof LABEL_COLUMNS)[number], { readonly type: "timestamp" }>;

/** The fields of `more_labels`: a timestamp follows from the milliseconds beside it. */
const LABEL_FIELDS = LABEL_COLUMNS.filter((column): column is LabelField => column.type !== "timestamp");

/** The fields of `more_keys`: what a detection is, and where, and what most queries read. */
export const KEY_NAMES = ["label", "detected_at_ms", "fragment_server_at_ms"] as const;
type KeyField = Extract<LabelField, { readonly name: (typeof KEY_NAMES)[number] }>;
const isKey = (field: LabelField): field is KeyField => (KEY_NAMES as readonly string[]).includes(field.name);

/**
 * Every notification of detections as it was delivered; one that is delivered twice has two rows. A row is one JSON
 * document of the transform, since AWS's pages disagree on whether a record may hold several (docs/architecture.md,
 * "One document per record"). Rows of 0.1.0 have one label each, and neither `more_labels` nor what comes after it.
 */
export const detectionRecords = {
  name: "detection_records",
  description:
    "One row is one notification: its first label in columns of their own, further ones in more_labels. The view detections has a row per label.",
  columns: [
    { name: "event_id", type: "string", comment: "Id of the notification; its labels share it." },
    { name: "session_id", type: "string", comment: "Id of the session that detected the labels." },
    ...CAMERA_COLUMNS,
    ...LABEL_COLUMNS,
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
    {
      name: "more_labels",
      ...arrayOfStructs(LABEL_FIELDS),
      nullable: true,
      comment: "The notification's labels after the first; null if there are none.",
    },
    ENGINE_COLUMN,
    {
      name: "short_key",
      type: "int",
      nullable: true,
      comment:
        "By which the view knows copies, for few bytes: (CRC-32 of event_id) modulo 2^15, times 2^16, plus fragment_server_at_ms modulo 2^16. Null in rows of earlier versions.",
    },
    {
      name: "more_keys",
      ...arrayOfStructs(LABEL_FIELDS.filter(isKey)),
      nullable: true,
      comment:
        "The label and the frame of each of more_labels, in the same order, apart from the rest: a query reads an array with all its fields.",
    },
  ],
  partitions: EVENT_HOUR_PARTITIONS,
} as const satisfies Table;

export type DetectionRecord = Row<typeof detectionRecords>;

/** Of a fragment's server time in epoch milliseconds, what `short_key` has: the remainder by this. */
export const SHORT_KEY_MODULUS = 65_536;
