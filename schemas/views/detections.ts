import {
  detectionRecords,
  KEY_NAMES,
  LABEL_COLUMNS,
  SHORT_KEY_MODULUS,
} from "../tables/detection-records.ts";
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
/** Columns of the table that have no meaning of their own in the view. */
const INTERNAL = ["more_labels", "short_key", "more_keys"];
const columns: readonly ViewColumn[] = columnsOf(detectionRecords, undefined, { engine: ENGINE })
  .filter(({ name }) => !INTERNAL.includes(name))
  .toSpliced(-2, 0, TIME_TO_DETECTION);

/** SQL of a column of the view, from the columns of a label. A time is that of the milliseconds beside it, which are read anyway. */
function shown({ name, type }: ViewColumn): string {
  // date_add takes an integer of 32 bits, which epoch milliseconds exceed.
  if (type === "timestamp")
    return `CAST(from_unixtime(${name}_ms / 1e3) AT TIME ZONE 'UTC' AS timestamp(3)) AS ${name}`;
  // A notification that does not name its engine is Rekognition's own.
  if (name === "engine") return `${ENGINE_OF_SESSION} AS engine`;
  return name === TIME_TO_DETECTION.name ? `detected_at_ms - session_started_at_ms AS ${name}` : name;
}

/**
 * SQL of a row per delivered label, duplicates included. It scans the table once and reads the columns that are named
 * and `more_labels`, since the numbers are unnested, not the labels.
 * @param columns their names, without timestamps, or SQL of others
 * @param indent before every line but the first
 * @param keys the array that has the label and its frame: `more_keys`, which is shorter but null in rows of earlier versions
 */
export function deliveredLabels(
  columns: readonly string[],
  indent: string,
  keys: "more_keys" | "more_labels" = "more_labels",
): string {
  const isOfLabel = (name: string) => LABEL_COLUMNS.some((column) => column.name === name);
  const arrayOf = (name: string) => ((KEY_NAMES as readonly string[]).includes(name) ? keys : "more_labels");
  const items = columns.map((name) =>
    isOfLabel(name) ? `IF(n = 0, ${name}, ${arrayOf(name)}[n].${name}) AS ${name}` : name,
  );
  return `SELECT
  ${items.join(",\n  ")}
FROM detection_records
CROSS JOIN UNNEST(sequence(0, coalesce(cardinality(${keys}), 0))) AS numbers (n)`.replaceAll(
    "\n",
    `\n${indent}`,
  );
}

const names = columnsOf(detectionRecords)
  .filter(({ name, type }) => !INTERNAL.includes(name) && type !== "timestamp")
  .map(({ name }) => name);
/** All notifications of one frame that have one label; a frame is that of a fragment, which its server time stands for. */
const FRAME = "dt, hour, camera_id, detected_at_ms, fragment_key, label";
const DELIVERY = "received_at_ms, short_key, old_event_id";
const fragmentKey = (first: string, array: string): string =>
  `IF(n = 0, ${first}, ${array}[n].fragment_server_at_ms) % ${SHORT_KEY_MODULUS} AS fragment_key`;

/**
 * Each detection once: the first of its copies, and of the session that published it first. A session whose start returned
 * no result may be repeated, and detects the same label in the same frame again.
 *
 * An id is random, so it takes as many bytes as all else that most queries read of a row. Copies are known without ids: by
 * the frame, the arrival, the notification's short key, and the label's number in it. Rows of earlier versions have no short
 * key, and may have a notification's labels in several rows, so theirs are known by ids. A file has rows of one kind, which
 * its statistics say, so that each of the two scans skips the other's (documented: Athena guide, "Use columnar storage
 * formats"). What an earlier version wrote of a notification arrived before what this one writes of it.
 */
export const detections: View = {
  name: "detections",
  description:
    "One row is one label detected in one session, however often it was delivered. A label in a frame that two sessions analysed is the first one's.",
  columns,
  sql: `SELECT
  ${columns.map(shown).join(",\n  ")}
FROM (
  SELECT
    *,
    rank() OVER (
      PARTITION BY ${FRAME} ORDER BY ${DELIVERY}
    ) AS delivery,
    row_number() OVER (
      PARTITION BY ${FRAME}, n, old_label_id ORDER BY ${DELIVERY}
    ) AS copy
  FROM (
    ${deliveredLabels(
      [
        ...names,
        "n",
        "short_key",
        fragmentKey("short_key", "more_keys"),
        "CAST(NULL AS varchar) AS old_event_id",
        "CAST(NULL AS varchar) AS old_label_id",
      ],
      "    ",
      "more_keys",
    )}
    WHERE short_key IS NOT NULL
    UNION ALL
    ${deliveredLabels(
      [
        ...names,
        "n",
        "short_key",
        fragmentKey("fragment_server_at_ms", "more_labels"),
        "event_id AS old_event_id",
        "label_id AS old_label_id",
      ],
      "    ",
    )}
    WHERE short_key IS NULL
  )
)
WHERE delivery = 1 AND copy = 1`,
};
