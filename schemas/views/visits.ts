import { FACE_KEY, FIRST_FACE } from "./faces.ts";
import type { View, ViewColumn } from "./view.ts";

/** Faces that are at most this far apart are of one visit. */
export const MAX_VISIT_GAP_MS = 60_000;

const dayOf = (days: string): string => `CAST(CAST(dt AS date) ${days} AS varchar)`;

/**
 * The faces of a day and of what its visits may reach: the last hour of the day before, in which the last minute decides
 * whether a visit began before midnight, and the day after.
 */
const NEAR_DAYS = [
  "SELECT *, dt AS visit_dt FROM face_records",
  `SELECT *, ${dayOf("+ INTERVAL '1' DAY")} AS visit_dt FROM face_records WHERE hour = '23'`,
  `SELECT *, ${dayOf("- INTERVAL '1' DAY")} AS visit_dt FROM face_records`,
];

/**
 * Faces joined to visits, each on the day of its first face. The day of a visit is computed from a row's `dt` before
 * anything else, so that conditions on `dt` reach the files; those on `hour` do not. Faces of the same time are peers in
 * the sum, so that their order does not matter.
 * @param keys whose faces are joined
 * @param condition on the faces
 * @param more further aggregates
 */
const joined = (keys: readonly string[], condition: string, more: readonly string[] = []): string => {
  const visitor = `PARTITION BY visit_dt, ${keys.join(", ")} ORDER BY seen_at_ms`;
  const columns = [
    ...keys,
    "min(seen_at) AS first_seen_at",
    "max(seen_at) AS last_seen_at",
    "max(seen_at_ms) - min(seen_at_ms) AS duration_ms",
    "count(*) AS faces",
    ...more,
    "array_sort(array_agg(DISTINCT engine)) AS engines",
    "visit_dt AS dt",
    "min(hour) FILTER (WHERE dt = visit_dt) AS hour",
  ];
  return `SELECT
  ${columns.join(",\n  ")}
FROM (
  SELECT
    *,
    sum(CASE WHEN gap_ms <= ${MAX_VISIT_GAP_MS} THEN 0 ELSE 1 END) OVER (
      ${visitor}
    ) AS visit
  FROM (
    SELECT
      *,
      seen_at_ms - lag(seen_at_ms) OVER (
        ${visitor}
      ) AS gap_ms
    FROM (
      SELECT
        *,
        row_number() OVER (
          PARTITION BY visit_dt, ${FACE_KEY} ${FIRST_FACE}
        ) AS copy
      FROM (
        ${NEAR_DAYS.join("\n        UNION ALL\n        ")}
      )
    )
    WHERE copy = 1 AND ${condition}
  )
)
GROUP BY visit_dt, ${keys.join(", ")}, visit
HAVING min(dt) = visit_dt`;
};

const CAMERA: ViewColumn = { name: "camera_id", type: "string", comment: "The camera." };

/** What both views have. */
const TIMES: readonly ViewColumn[] = [
  { name: "first_seen_at", type: "timestamp", comment: "When the camera captured the first face, UTC." },
  {
    name: "last_seen_at",
    type: "timestamp",
    comment: "When the camera captured the last face, UTC, at the latest on the day after.",
  },
  {
    name: "duration_ms",
    type: "bigint",
    comment: "From the first face to the last, milliseconds; 0 if there is one.",
  },
  { name: "faces", type: "bigint", comment: "How many faces were joined, each once." },
];
const ENGINES_AND_PARTITION: readonly ViewColumn[] = [
  {
    name: "engines",
    type: "array<string>",
    comment: "What detected the faces: frames, face-search, or both.",
  },
  { name: "dt", type: "string", comment: "UTC date of the first face, yyyy-MM-dd." },
  { name: "hour", type: "string", comment: "UTC hour of the first face, 00 to 23." },
];

const FILTERS =
  "Filters on dt reduce the data that Athena scans to that day, the hour before it and the day after; filters on hour do not.";

/** An enrolled person at a camera. */
export const visits: View = {
  name: "visits",
  description: `One row is one visit: an enrolled person at a camera, with faces at most ${MAX_VISIT_GAP_MS / 1000} seconds apart. ${FILTERS}`,
  columns: [
    CAMERA,
    {
      name: "person_id",
      type: "string",
      comment: "The person, a random id: `doorstep faces list` has the names.",
    },
    ...TIMES,
    { name: "best_similarity", type: "double", comment: "The highest similarity of the faces, 0 to 100." },
    ...ENGINES_AND_PARTITION,
  ],
  sql: joined(["camera_id", "person_id"], "person_id IS NOT NULL", ["max(similarity) AS best_similarity"]),
};

/** Somebody unknown at a camera: nothing says whether two of its faces are of one person. */
export const unknownVisitors: View = {
  name: "unknown_visitors",
  description: `One row is one interval in which a camera saw unknown faces, at most ${MAX_VISIT_GAP_MS / 1000} seconds apart: one person or several. Faces that were not searched are left out. ${FILTERS}`,
  columns: [CAMERA, ...TIMES, ...ENGINES_AND_PARTITION],
  sql: joined(["camera_id"], "person_id IS NULL AND unsearched_reason IS NULL"),
};
