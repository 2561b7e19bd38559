import { faceRecords } from "../tables/face-records.ts";
import { columnsOf, type View } from "./view.ts";

/** What identifies a face; its copies are all in its hour. */
export const FACE_KEY = "dt, hour, stream_arn, engine, seen_at_ms, face_no";
/** The copy that arrived first; of copies that arrived at the same time, always the same one. */
export const FIRST_FACE = "ORDER BY received_at_ms, person_id";

const columns = columnsOf(faceRecords);

/** Each face once, as it was delivered first. */
export const faces: View = {
  name: "faces",
  description:
    "One row is one face in one analysed image, however often it was delivered. The best match is person_id, a random id; names are not in the lake.",
  columns,
  sql: `SELECT
  ${columns.map(({ name }) => name).join(",\n  ")}
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY ${FACE_KEY} ${FIRST_FACE}) AS copy
  FROM face_records
)
WHERE copy = 1`,
};
