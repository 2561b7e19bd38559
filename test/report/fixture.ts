import { JSDOM } from "jsdom";
import type { Analysed } from "../../analysis/cost.ts";
import type { EngineName } from "../../schemas/engine.ts";
import { profileOf, type ProfileRows } from "../../analysis/profile/profile.ts";
import type { ReportInput } from "../../report/page.ts";
import { firstDetectionsUpTo } from "../support/first-detections.ts";

/** Text that would be markup, script or the end of an attribute if it were not escaped. */
export const HOSTILE = `"><img src=x onerror=alert(1)><script>alert('1')</script>&amp;\u202e`;

const FROM_MS = Date.parse("2026-11-19T00:00:00Z");
const BINS = ["2026-11-19", "2026-11-20"] as const;
const LABELS = ["PERSON", "PET", HOSTILE] as const;
const CAMERAS = ["porch", HOSTILE, null] as const;

export const EMPTY_ROWS: ProfileRows = {
  cameras: 0,
  sessions: [],
  detectingSessions: [],
  activity: [],
  detections: [],
  motions: [],
  firstDetections: [],
  coverage: [],
  cameraLabels: [],
};

const ENGINE = { engine: "stream-processor", samples: 0 } as const;

/** Two days of three cameras; the last stands for all others together. */
export const ROWS: ProfileRows = {
  cameras: 7,
  sessions: CAMERAS.flatMap((cameraId) => [
    ...BINS.map((bin) => ({
      ...ENGINE,
      cameraId,
      bin,
      outcome: "completed",
      sessions: 100,
      analysedMs: 3_000_000,
    })),
    { ...ENGINE, cameraId, bin: BINS[0], outcome: "failed", sessions: 2, analysedMs: 0 },
  ]),
  detectingSessions: CAMERAS.flatMap((cameraId) => BINS.map((bin) => ({ cameraId, bin, sessions: 60 }))),
  activity: CAMERAS.flatMap((cameraId) =>
    BINS.flatMap((bin) =>
      LABELS.map((label, index) => ({ cameraId, bin, label, detections: 50 - 20 * index })),
    ),
  ),
  detections: LABELS.flatMap((label, index) => [
    { label, afterS: 2, level: 90, detections: 200 - 80 * index },
    { label, afterS: 9, level: 60, detections: 100 - 40 * index },
  ]),
  motions: [
    { engine: ENGINE.engine, reachS: 30, lastedS: 30, motions: 500, lastedMs: 15_000_000 },
    { engine: ENGINE.engine, reachS: 10, lastedS: 10, motions: 100, lastedMs: 1_000_000 },
  ],
  firstDetections: LABELS.flatMap((label, index) => [
    ...firstDetectionsUpTo(-1, 90, { label, afterS: 2, firstDetections: 200 - 80 * index }),
    ...firstDetectionsUpTo(-1, 60, { label, afterS: 9, firstDetections: 100 - 40 * index }),
  ]),
  coverage: CAMERAS.flatMap((cameraId) => [
    ...BINS.map((bin) => ({
      cameraId,
      bin,
      outcome: "completed",
      reason: null,
      intervals: 100,
      durationMs: 3_000_000,
    })),
    { cameraId, bin: BINS[1], outcome: "gap", reason: HOSTILE, intervals: 3, durationMs: 90_000 },
  ]),
  cameraLabels: CAMERAS.flatMap((cameraId) =>
    LABELS.map((label) => ({ cameraId, label, p5Ms: 700, medianMs: 2100, p95Ms: 8800 })),
  ),
};

const SCOPE = {
  range: { fromMs: FROM_MS, toMs: FROM_MS + 2 * 86_400_000 },
  binUnit: "day",
  cameraIds: [],
  costUsdOf: (engine: EngineName, { analysedMs, samples }: Analysed) =>
    engine === "frames" ? samples / 1000 : analysedMs / 60_000 / 100,
} as const;

const detection = {
  cameraId: HOSTILE,
  label: "PERSON",
  detectedAtMs: FROM_MS,
  confidence: 91.5,
  timeToDetectionMs: 2100,
  box: { left: 0.1, top: 0.2, width: 0.3, height: 0.4 },
  frameImageUri: `s3://evidence/${HOSTILE}`,
} as const;

export function reportInput(rows: ProfileRows = ROWS): ReportInput {
  return {
    profile: profileOf(rows, SCOPE),
    sql: {
      cameras: "SELECT 'cameras'",
      sessions: "SELECT 'sessions'",
      detectingSessions: "SELECT 'detecting sessions'",
      detections: "SELECT 'detections' WHERE camera_id IN ('</code><script>')",
      cameraLabels: "SELECT 'cameraLabels'",
      motions: "SELECT 'motions'",
      firstDetections: "SELECT 'firstDetections'",
      evidence: "SELECT 'evidence'",
    },
    evidence: [
      { ...detection, image: { kind: "embedded", dataUri: "data:image/png;base64,iVBORw0KGgo=" } },
      { ...detection, image: { kind: "missing", why: `The frame no longer exists ${HOSTILE}` } },
    ],
    document: new JSDOM("").window.document,
    createdAtMs: FROM_MS,
    stackName: "doorstep-dev",
    isSynthetic: false,
    pricing: "each session with its engine, prices of us-east-1 as of 2026-11-20",
    scannedBytes: 12_345_678,
  };
}
