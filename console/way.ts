import type { LakeFile, LakeFileRow, LakeFiles } from "../operator/lake-files.ts";
import type { TryLog } from "../schemas/console/tries.ts";
import type { Run } from "../schemas/session.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/durations.ts";
import { LAKE_TABLES, type LakeTable } from "../schemas/tables/lake-tables.ts";

/** A part of a motion's way from the camera to the lake. */
export type Hop = TryLog["way"][number];

/** What a session may leave in the lake, and how much of it is shown. */
const TABLES = ["detection_records", "session_records", "alert_records"] as const;
const MAX_ROWS = 20;
/** How much later than where its video is to end a session's last row may be filed. */
const LATE_MS = 5 * MINUTE_MS;

type Files = Pick<LakeFiles, "days" | "filesOf" | "read">;

interface StoredRow {
  readonly table: LakeTable;
  readonly row: LakeFileRow;
  readonly file: LakeFile;
}

/** Notifications, rows and alerts of a session, as far as they have reached the lake. */
export async function lakeHops(run: Run, files: Files): Promise<Hop[]> {
  if (run.sessionId === undefined) return [];
  const fromMs = run.videoStartMs;
  const untilMs = fromMs + run.maxDurationSeconds * SECOND_MS + LATE_MS;
  const stored = await Promise.all(TABLES.map((table) => rowsOf(table, { fromMs, untilMs }, files)));
  const ofSession = stored.flat().filter(({ row }) => row["session_id"] === run.sessionId);
  return ofSession.slice(0, MAX_ROWS).flatMap(hopsOf);
}

async function rowsOf(
  table: LakeTable,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  files: Files,
): Promise<StoredRow[]> {
  const hours = new Set<string>();
  for (let ms = Math.floor(fromMs / HOUR_MS) * HOUR_MS; ms <= untilMs; ms += HOUR_MS)
    hours.add(new Date(ms).toISOString().slice(0, 13));
  // A day without files yet would be remembered as such for minutes.
  const days = (await files.days(table)).filter((dt) => [...hours].some((hour) => hour.startsWith(dt)));
  const listed = (await Promise.all(days.map((dt) => files.filesOf(table, dt)))).flat();
  const due = listed.filter(({ dt, hour }) => hours.has(`${dt}T${hour}`));
  const columns = LAKE_TABLES[table].columns.map(({ name }) => name);
  const read = due.map(async (file) =>
    (await files.read(file, columns)).map((row) => ({ table, row, file })),
  );
  return (await Promise.all(read)).flat();
}

/** What came, and the row that it became. */
function hopsOf({ table, row, file }: StoredRow): Hop[] {
  const stored: Hop = {
    hop: "row",
    atMs: file.modifiedAtMs,
    title: `row of ${table}`,
    document: { file: file.key, row },
  };
  const arrivedAtMs = timeOf(row, "received_at_ms") ?? file.modifiedAtMs;
  switch (table) {
    case "detection_records": {
      const more = (row["more_labels"] as readonly LakeFileRow[] | null | undefined) ?? [];
      const labels = [row, ...more].map(({ label, confidence }) =>
        typeof confidence === "number" ? `${String(label)} ${Math.round(confidence)} %` : String(label),
      );
      const title = `notification of ${labels.join(", ")}`;
      return [{ hop: "notification", atMs: arrivedAtMs, title, document: row }, stored];
    }
    case "session_records":
      return row["source"] === "engine"
        ? [
            {
              hop: "notification",
              atMs: arrivedAtMs,
              title: `notification that the session ${String(row["outcome"])}`,
              document: row,
            },
            stored,
          ]
        : [stored];
    case "alert_records": {
      const words = row["decision"] === "suppressed" ? `no alert: ${String(row["reason"])}` : "alert raised";
      const title = row["decision"] === "merged" ? "part of the alert" : words;
      return [{ hop: "alert", atMs: timeOf(row, "decided_at_ms") ?? arrivedAtMs, title, document: row }];
    }
    default:
      return [stored];
  }
}

const timeOf = (row: LakeFileRow, column: string): number | undefined => {
  const value = row[column];
  return typeof value === "number" ? value : undefined;
};
