import { EVENT_HOUR_PARTITIONS, type Row, type Table } from "./column.ts";
import { CAMERA_COLUMNS, RECEIVED_COLUMNS } from "./shared-columns.ts";

/**
 * Every face as an engine sent it: one that is sent twice has two rows here and one in the view `faces`. Columns are those
 * of `schemas/face.ts`. There are no landmarks, vectors or images, since no question needs them, and no names.
 */
export const faceRecords = {
  name: "face_records",
  description:
    "One row is one face in one analysed image, as it was delivered. The view faces has each once, the views visits and unknown_visitors join them.",
  columns: [
    ...CAMERA_COLUMNS,
    { name: "engine", type: "string", comment: "What detected the face: frames or face-search." },
    {
      name: "session_id",
      type: "string",
      nullable: true,
      comment: "Id of the session that analysed the image; null if the engine does not report it.",
    },
    {
      name: "fragment_number",
      type: "string",
      comment: "Kinesis Video fragment with the image; digits, too many for a number.",
    },
    {
      name: "seen_at",
      type: "timestamp",
      comment: "When the camera captured the image, by its own clock, UTC. Decides the partition.",
    },
    { name: "seen_at_ms", type: "bigint", comment: "seen_at in epoch milliseconds." },
    {
      name: "face_no",
      type: "int",
      comment:
        "Number of the face in the image, from 0. With stream_arn, engine and seen_at_ms it identifies the face.",
    },
    {
      name: "face_confidence",
      type: "double",
      nullable: true,
      comment: "Rekognition's confidence that it is a face, 0 to 100; null if it gave none.",
    },
    { name: "box_left", type: "double", comment: "Left edge of the box as a ratio of the image's width." },
    { name: "box_top", type: "double", comment: "Top edge of the box as a ratio of the image's height." },
    { name: "box_width", type: "double", comment: "Width of the box as a ratio of the image's width." },
    { name: "box_height", type: "double", comment: "Height of the box as a ratio of the image's height." },
    {
      name: "pitch",
      type: "double",
      nullable: true,
      comment: "Up or down, degrees from -180 to 180; null if the engine does not report it.",
    },
    {
      name: "roll",
      type: "double",
      nullable: true,
      comment: "Tilt, degrees from -180 to 180; null if the engine does not report it.",
    },
    {
      name: "yaw",
      type: "double",
      nullable: true,
      comment: "Left or right, degrees from -180 to 180; null if the engine does not report it.",
    },
    {
      name: "brightness",
      type: "double",
      nullable: true,
      comment: "Brightness of the face, 0 to 100; null if the engine does not report it.",
    },
    {
      name: "sharpness",
      type: "double",
      nullable: true,
      comment: "Sharpness of the face, 0 to 100; null if the engine does not report it.",
    },
    {
      name: "collection_id",
      type: "string",
      comment: "The collection of enrolled persons that was searched.",
    },
    {
      name: "unsearched_reason",
      type: "string",
      nullable: true,
      comment:
        "Why the face was not compared with enrolled persons, e.g. LOW_FACE_QUALITY; null if it was. Only a searched face can be unknown.",
    },
    {
      name: "matches",
      type: "int",
      comment: "How many enrolled persons are at least as similar as the threshold.",
    },
    {
      name: "person_id",
      type: "string",
      nullable: true,
      comment:
        "The most similar enrolled person, a random id: `doorstep faces list` has the names. Null if the face is unknown or was not searched.",
    },
    {
      name: "similarity",
      type: "double",
      nullable: true,
      comment: "How similar the face is to that person, 0 to 100; null without a person.",
    },
    ...RECEIVED_COLUMNS,
  ],
  partitions: EVENT_HOUR_PARTITIONS,
} as const satisfies Table;

export type FaceRow = Row<typeof faceRecords>;
