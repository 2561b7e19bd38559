import { detectionRecords, LABEL_COLUMNS } from "../tables/detection-records.ts";
import { ENGINE_OF_SESSION } from "../tables/shared-columns.ts";
import { columnsOf, type View, type ViewColumn } from "./view.ts";

const TIME_TO_DETECTION: ViewColumn = {
  name: "time_to_detection_ms",
  type: "bigint",
  nullable: true,
  comment:
    "From the session's start in the video to the frame, milliseconds; null if the notification does not say where it began.",
};

const ENGINE = { comment: "What ran the session: stream-processor or frames." };
const recorded = columnsOf(detectionRecords, undefined, { engine: ENGINE }).filter(
  ({ name }) => name !== "more_labels",
);
const names = recorded.map(({ name }) => name);
/** A notification that does not name its engine is Rekognition's own. */
const shown = names.map((name) => (name === "engine" ? `${ENGINE_OF_SESSION} AS engine` : name));

/** SQL of a label's column; `n` is the label's number in its notification, from 0. */
function labelColumn({ name, type }: ViewColumn): string {
  if (!LABEL_COLUMNS.some((column) => column.name === name)) return name;
  // date_add takes an integer of 32 bits, which epoch milliseconds exceed.
  const more =
    type === "timestamp"
      ? `CAST(from_unixtime(more_labels[n].${name}_ms / 1e3) AT TIME ZONE 'UTC' AS timestamp(3))`
      : `more_labels[n].${name}`;
  return `IF(n = 0, ${name}, ${more}) AS ${name}`;
}

/**
 * SQL of a row per delivered label, duplicates included. It scans the table once and reads the columns that are named
 * and `more_labels`, since the numbers are unnested, not the labels.
 * @param columns their names
 * @param indent before every line but the first
 */
export const deliveredLabels = (columns: readonly string[], indent: string): string =>
  `SELECT
  ${columnsOf(detectionRecords, columns).map(labelColumn).join(",\n  ")}
FROM detection_records
CROSS JOIN UNNEST(sequence(0, coalesce(cardinality(more_labels), 0))) AS numbers (n)`.replaceAll(
    "\n",
    `\n${indent}`,
  );

/**
 * Each detection once: the first of its copies, and of the session that published it first. A session whose start returned
 * no result may be repeated, and detects the same label in the same frame again.
 */
export const detections: View = {
  name: "detections",
  description:
    "One row is one label detected in one session, however often it was delivered. A label in a frame that two sessions analysed is the first one's.",
  columns: [...recorded.slice(0, -2), TIME_TO_DETECTION, ...recorded.slice(-2)],
  sql: `SELECT
  ${shown.slice(0, -2).join(",\n  ")},
  detected_at_ms - session_started_at_ms AS time_to_detection_ms,
  ${shown.slice(-2).join(",\n  ")}
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY dt, hour, event_id, label_id ORDER BY received_at_ms) AS copy,
    first_value(event_id) OVER (
      PARTITION BY dt, hour, camera_id, detected_at_ms, fragment_number, label ORDER BY received_at_ms, event_id
    ) AS first_event_id
  FROM (
    ${deliveredLabels(names, "    ")}
  )
)
WHERE copy = 1 AND event_id = first_event_id`,
};
