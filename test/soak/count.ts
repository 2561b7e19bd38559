import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { connectDuckDb } from "../../local/duckdb.ts";
import type { LedgerEntry } from "./motion-reports.ts";
import type { SoakEvent } from "./soak-events.ts";

/** What the files of the lake hold, read without the local cloud and its views. */
export interface LakeCount {
  /** Ids of notifications in Parquet files. */
  readonly detections: ReadonlySet<string>;
  readonly ends: ReadonlySet<string>;
  /** Ids of notifications with a decision of alerts. */
  readonly decided: ReadonlySet<string>;
  /** Rows of detections and ends, with the copies. */
  readonly rows: number;
  readonly ledger: readonly LedgerEntry[];
  /** The reason of each message in quarantine, by the message. */
  readonly quarantined: ReadonlyMap<string, string>;
}

/** Counts with DuckDB over the Parquet files, and over the lines of the quarantine. */
export async function countLake(dataFolder: string): Promise<LakeCount> {
  const connection = await connectDuckDb();
  try {
    const rowsOf = async (table: string, columns: string, where = "true"): Promise<unknown[][]> => {
      const files = filesOf(dataFolder, `${table}/**/*.data`);
      if (files.length === 0) return [];
      const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(", ");
      const sql = `SELECT ${columns} FROM read_parquet([${list}], union_by_name = true) WHERE ${where}`;
      return (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][];
    };
    const detections = await rowsOf("detection_records", "event_id");
    const ends = await rowsOf("session_records", "session_id", "source = 'engine'");
    const decisions = await rowsOf("alert_records", "DISTINCT event_id");
    const ledger = await rowsOf(
      "session_records",
      "DISTINCT event_id, camera_id, session_started_at_ms, session_ended_at_ms",
      "source = 'ledger'",
    );
    return {
      detections: new Set(detections.map(([id]) => String(id))),
      ends: new Set(ends.map(([id]) => String(id))),
      decided: new Set(decisions.map(([id]) => String(id))),
      rows: detections.length + ends.length,
      ledger: ledger.map(([eventId, cameraId, fromMs, untilMs]) => ({
        eventId: String(eventId),
        cameraId: String(cameraId),
        fromMs: Number(fromMs),
        untilMs: Number(untilMs),
      })),
      quarantined: quarantineOf(dataFolder),
    };
  } finally {
    connection.closeSync();
  }
}

const filesOf = (dataFolder: string, pattern: string): string[] =>
  globSync(`s3/buckets/*/objects/${pattern}`, { cwd: dataFolder }).map((file) => join(dataFolder, file));

interface ErrorLine {
  readonly errorMessage?: string;
  readonly errorCode?: string;
  readonly rawData?: string;
}

function quarantineOf(dataFolder: string): Map<string, string> {
  const quarantined = new Map<string, string>();
  for (const file of filesOf(dataFolder, "errors/{detection,session}_records/**/*.data")) {
    const bytes = readFileSync(file);
    const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
    for (const line of text.split("\n").filter((one) => one !== "")) {
      const { errorMessage, errorCode, rawData = "" } = JSON.parse(line) as ErrorLine;
      const reason = errorMessage ?? errorCode ?? "";
      quarantined.set(Buffer.from(rawData, "base64").toString("utf8"), reason);
    }
  }
  return quarantined;
}

export interface Balance {
  /** Acknowledged, and neither in the lake nor in quarantine. */
  readonly lost: readonly string[];
  /** In the lake, and no decision of alerts is. */
  readonly undecided: readonly string[];
  /** In quarantine although it can be read, with the reason. */
  readonly misplaced: readonly string[];
  /** In the lake and never published. */
  readonly unknown: readonly string[];
}

export function balanceOf(
  lake: LakeCount,
  events: readonly SoakEvent[],
  acknowledged: ReadonlySet<SoakEvent>,
): Balance {
  const lost: string[] = [];
  const misplaced: string[] = [];
  const undecided: string[] = [];
  for (const event of acknowledged) {
    const isStored =
      event.kind === "detection"
        ? lake.detections.has(event.id)
        : event.kind === "end" && lake.ends.has(event.id);
    if (event.kind === "detection" && isStored && !lake.decided.has(event.id)) undecided.push(event.id);
    const reason = lake.quarantined.get(event.text);
    if (!isStored && (reason === undefined || reason === "")) lost.push(event.id);
    if (event.kind !== "unreadable" && !isStored && reason !== undefined)
      misplaced.push(`${event.id}: ${reason}`);
  }
  const known = new Set(events.map(({ id }) => id));
  const unknown = [...lake.detections, ...lake.ends].filter(
    (id) => !known.has(id) && /^(detection|end)-/.test(id),
  );
  return { lost, undecided, misplaced, unknown };
}
