import { alertDecisions } from "./alert-decisions.ts";
import { alerts } from "./alerts.ts";
import { coverage } from "./coverage.ts";
import { detections } from "./detections.ts";
import { faces } from "./faces.ts";
import { sessions } from "./sessions.ts";
import { unknownVisitors, visits } from "./visits.ts";
import type { View } from "./view.ts";

/**
 * Every view of the lake; the template and docs/tables.md have what is listed here.
 *
 * Each has `dt` and `hour`, and all but `alerts`, `visits` and `unknown_visitors` pick the first copy of a fact by a row_number() partitioned by dt, hour and the
 * fact's key. Copies share the event's hour, and Athena's engine moves conditions on columns by which a window is
 * partitioned below the window (documented: Trino, predicate pushdown), so filters on dt and hour reach the files.
 */
export const views: readonly View[] = [
  detections,
  sessions,
  coverage,
  alertDecisions,
  alerts,
  faces,
  visits,
  unknownVisitors,
];
