import { DEFAULT_ENGINE, ENGINES, type EngineName } from "../../schemas/engine.ts";
import { SEVERITIES, type Severity } from "../../schemas/severity.ts";
import type { LakeFileRow } from "../../operator/lake-files.ts";

/**
 * The facts of an hour of the lake: each once, by the same rules as the lake's views (schemas/views), which are SQL. All
 * copies of a fact are in its hour.
 */
export interface HourFacts {
  readonly detections: readonly DetectionFact[];
  readonly sessions: readonly SessionFact[];
  readonly gaps: readonly GapFact[];
  readonly faces: readonly FaceFact[];
  readonly alerts: readonly AlertFact[];
}

export interface DetectionFact {
  readonly cameraId: string;
  readonly sessionId: string;
  /** Where the session was to begin; undefined if the notification does not say. */
  readonly sessionStartedAtMs: number | undefined;
  readonly engine: EngineName;
  readonly label: string;
  readonly confidence: number | null;
  readonly detectedAtMs: number;
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  readonly frameUri: string | undefined;
  readonly cropUri: string | undefined;
}

/** A session that ran. */
export interface SessionFact {
  readonly cameraId: string;
  readonly sessionId: string | undefined;
  readonly engine: EngineName;
  readonly outcome: string;
  readonly reason: string | undefined;
  readonly startedAtMs: number;
  /** Where its chain began, as the ledger has it. */
  readonly chainStartedAtMs: number | undefined;
  /** Where its video ends: by the ledger, else by the engine. */
  readonly endedAtMs: number | undefined;
  /** The intervals of video that it analysed, as the ledger has them. */
  readonly analysed: readonly { readonly fromMs: number; readonly untilMs: number }[];
}

/** Motion that was not analysed. */
export interface GapFact {
  readonly cameraId: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reason: string;
}

export interface FaceFact {
  readonly cameraId: string;
  readonly sessionId: string | undefined;
  readonly seenAtMs: number;
  readonly personId: string | undefined;
}

/** A decision that made a detection part of an alert. */
export interface AlertFact {
  readonly cameraId: string;
  readonly sessionId: string;
  readonly detectedAtMs: number;
  readonly alertId: string;
  readonly severity: Severity;
  readonly revision: number;
}

/** The tables that facts are read from, with the columns that they need. */
export const FACT_COLUMNS = {
  detection_records: [
    "event_id",
    "session_id",
    "camera_id",
    "engine",
    "session_started_at_ms",
    "label_id",
    "label",
    "confidence",
    "detected_at_ms",
    "fragment_number",
    "box_left",
    "box_top",
    "box_width",
    "box_height",
    "frame_image_uri",
    "cropped_image_uri",
    "more_labels",
    "received_at_ms",
  ],
  session_records: [
    "event_id",
    "source",
    "outcome",
    "reason",
    "session_id",
    "camera_id",
    "engine",
    "session_started_at_ms",
    "session_ended_at_ms",
    "chain_started_at_ms",
    "from_at_ms",
    "received_at_ms",
  ],
  face_records: [
    "session_id",
    "camera_id",
    "stream_arn",
    "engine",
    "seen_at_ms",
    "face_no",
    "unsearched_reason",
    "person_id",
    "received_at_ms",
  ],
  alert_records: [
    "event_id",
    "label_id",
    "session_id",
    "camera_id",
    "detected_at_ms",
    "decided_at_ms",
    "decision",
    "alert_id",
    "severity",
    "revision",
    "received_at_ms",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FactTable = keyof typeof FACT_COLUMNS;
export const FACT_TABLES = Object.keys(FACT_COLUMNS) as FactTable[];

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const engineOf = (value: unknown): EngineName => ENGINES.find((one) => one === value) ?? DEFAULT_ENGINE;

/** The least of numbers and texts, column by column. */
function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index]!;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Of each group of rows the first one, by an order. */
function firsts<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  orderOf: (row: T) => readonly (number | string)[],
): T[] {
  const found = new Map<string, T>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = found.get(key);
    if (known === undefined || compare(orderOf(row), orderOf(known)) < 0) found.set(key, row);
  }
  return [...found.values()];
}

const keyOf = (...parts: readonly unknown[]): string => JSON.stringify(parts);
const received = (row: LakeFileRow): number => number(row["received_at_ms"]) ?? Infinity;

/** As the view `detections` shows them. */
function detectionsOf(rows: readonly LakeFileRow[]): DetectionFact[] {
  const labels = rows.flatMap((row) => [
    row,
    ...((row["more_labels"] as readonly LakeFileRow[] | null | undefined) ?? []).map((more) => ({
      ...row,
      ...more,
    })),
  ]);
  const delivered = firsts(
    labels,
    (row) => keyOf(row["event_id"], row["label_id"]),
    (row) => [received(row)],
  );
  const first = new Map<string, LakeFileRow>();
  const frameOf = (row: LakeFileRow) =>
    keyOf(row["camera_id"], row["detected_at_ms"], row["fragment_number"], row["label"]);
  const orderOf = (row: LakeFileRow) => [received(row), text(row["event_id"]) ?? ""] as const;
  for (const row of delivered) {
    const known = first.get(frameOf(row));
    if (known === undefined || compare(orderOf(row), orderOf(known)) < 0) first.set(frameOf(row), row);
  }
  return delivered
    .filter((row) => row["event_id"] === first.get(frameOf(row))!["event_id"])
    .map((row) => ({
      cameraId: text(row["camera_id"]) ?? "",
      sessionId: text(row["session_id"]) ?? "",
      sessionStartedAtMs: number(row["session_started_at_ms"]),
      engine: engineOf(row["engine"]),
      label: text(row["label"]) ?? "",
      confidence: number(row["confidence"]) ?? null,
      detectedAtMs: number(row["detected_at_ms"]) ?? 0,
      box: {
        left: number(row["box_left"]) ?? 0,
        top: number(row["box_top"]) ?? 0,
        width: number(row["box_width"]) ?? 0,
        height: number(row["box_height"]) ?? 0,
      },
      frameUri: text(row["frame_image_uri"]),
      cropUri: text(row["cropped_image_uri"]),
    }));
}

const least = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
};
const most = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
};

/** As the view `sessions` shows them: by the engine's row, else by the ledger's. */
function sessionsOf(rows: readonly LakeFileRow[]): SessionFact[] {
  const ran = rows.filter(
    (row) => row["outcome"] !== "gap" && number(row["session_started_at_ms"]) !== undefined,
  );
  const groups = Map.groupBy(ran, (row) => text(row["session_id"]) ?? keyOf(row["event_id"]));
  return [...groups.values()].map((copies) => {
    const [row] = copies.toSorted((a, b) => compare(orderOfSession(a), orderOfSession(b))) as [LakeFileRow];
    const ledger = copies.filter((one) => one["source"] === "ledger");
    const intervals = firsts(
      ledger.filter((one) => one["outcome"] === "completed"),
      (one) => keyOf(one["from_at_ms"], one["session_ended_at_ms"]),
      (one) => [received(one)],
    ).flatMap((one) => {
      const fromMs = number(one["from_at_ms"]);
      const untilMs = number(one["session_ended_at_ms"]);
      return fromMs !== undefined && untilMs !== undefined && untilMs > fromMs ? [{ fromMs, untilMs }] : [];
    });
    return {
      cameraId: text(row["camera_id"]) ?? "",
      sessionId: text(row["session_id"]),
      engine: engineOf(copies.find((one) => text(one["engine"]) !== undefined)?.["engine"]),
      outcome: text(row["outcome"]) ?? "",
      reason:
        text(row["reason"]) ?? text(copies.find((one) => text(one["reason"]) !== undefined)?.["reason"]),
      startedAtMs: number(row["session_started_at_ms"])!,
      chainStartedAtMs: least(copies.map((one) => number(one["chain_started_at_ms"]))),
      endedAtMs:
        most(ledger.map((one) => number(one["session_ended_at_ms"]))) ?? number(row["session_ended_at_ms"]),
      analysed: intervals.toSorted((a, b) => a.fromMs - b.fromMs),
    };
  });
}

const orderOfSession = (row: LakeFileRow) => [row["source"] === "engine" ? 0 : 1, received(row)];

function gapsOf(rows: readonly LakeFileRow[]): GapFact[] {
  const gaps = rows.filter((row) => row["outcome"] === "gap");
  return firsts(
    gaps,
    (row) => keyOf(row["event_id"]),
    (row) => [received(row)],
  ).flatMap((row) => {
    const fromMs = number(row["from_at_ms"]) ?? number(row["session_started_at_ms"]);
    const untilMs = number(row["session_ended_at_ms"]);
    if (fromMs === undefined || untilMs === undefined || untilMs <= fromMs) return [];
    return [
      { cameraId: text(row["camera_id"]) ?? "", fromMs, untilMs, reason: text(row["reason"]) ?? "unknown" },
    ];
  });
}

/** As the view `faces` shows them, without those that were not searched. */
const facesOf = (rows: readonly LakeFileRow[]): FaceFact[] =>
  firsts(
    rows,
    (row) => keyOf(row["stream_arn"], row["engine"], row["seen_at_ms"], row["face_no"]),
    (row) => [received(row), text(row["person_id"]) ?? "~"],
  )
    .filter((row) => row["unsearched_reason"] === null || row["unsearched_reason"] === undefined)
    .map((row) => ({
      cameraId: text(row["camera_id"]) ?? "",
      sessionId: text(row["session_id"]),
      seenAtMs: number(row["seen_at_ms"]) ?? 0,
      personId: text(row["person_id"]),
    }));

/** As the view `alert_decisions` shows them, of those that belong to an alert. */
const alertsOf = (rows: readonly LakeFileRow[]): AlertFact[] =>
  firsts(
    rows,
    (row) => keyOf(row["event_id"], row["label_id"]),
    (row) => [number(row["decided_at_ms"]) ?? Infinity, received(row)],
  ).flatMap((row) => {
    const alertId = text(row["alert_id"]);
    const severity = SEVERITIES.find((one) => one === row["severity"]);
    if (alertId === undefined || severity === undefined) return [];
    return [
      {
        cameraId: text(row["camera_id"]) ?? "",
        sessionId: text(row["session_id"]) ?? "",
        detectedAtMs: number(row["detected_at_ms"]) ?? 0,
        alertId,
        severity,
        revision: number(row["revision"]) ?? 0,
      },
    ];
  });

/** The facts of an hour's rows. */
export const factsOf = (rows: Readonly<Record<FactTable, readonly LakeFileRow[]>>): HourFacts => ({
  detections: detectionsOf(rows.detection_records),
  sessions: sessionsOf(rows.session_records),
  gaps: gapsOf(rows.session_records),
  faces: facesOf(rows.face_records),
  alerts: alertsOf(rows.alert_records),
});

/** The facts of several hours. */
export const joined = (hours: readonly HourFacts[]): HourFacts => ({
  detections: hours.flatMap(({ detections }) => detections),
  sessions: hours.flatMap(({ sessions }) => sessions),
  gaps: hours.flatMap(({ gaps }) => gaps),
  faces: hours.flatMap(({ faces }) => faces),
  alerts: hours.flatMap(({ alerts }) => alerts),
});
