import { alertRecords } from "./alert-records.ts";
import { detectionRecords } from "./detection-records.ts";
import { faceRecords } from "./face-records.ts";
import { sessionRecords } from "./session-records.ts";

/** Every table of the lake, by its name. Each has a delivery stream of its own. */
export const LAKE_TABLES = {
  detection_records: detectionRecords,
  session_records: sessionRecords,
  alert_records: alertRecords,
  face_records: faceRecords,
} as const;

export type LakeTable = keyof typeof LAKE_TABLES;

export const LAKE_TABLE_NAMES = Object.keys(LAKE_TABLES) as LakeTable[];
