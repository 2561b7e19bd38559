import { isoTimestamp } from "../../core/lake/time.ts";
import type { DetectionRecord } from "../../schemas/tables/detection-records.ts";

/** A row of detections as the rows that each label alone would have. */
export const labelsOf = (row: DetectionRecord): DetectionRecord[] => [
  { ...row, more_labels: null, more_keys: null },
  ...(row.more_labels ?? []).map((label) => ({
    ...row,
    ...label,
    detected_at: isoTimestamp(label.detected_at_ms),
    fragment_server_at: isoTimestamp(label.fragment_server_at_ms),
    more_labels: null,
    more_keys: null,
  })),
];
