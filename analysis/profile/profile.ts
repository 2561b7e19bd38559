import type { EngineName } from "../../schemas/engine.ts";
import type { Analysed } from "../cost.ts";
import { binsBetween, type BinUnit, type TimeRange } from "./bins.ts";
import {
  coverageProfile,
  coverageTimes,
  type CoverageProfile,
  type CoverageRow,
  type CoverageTimes,
} from "./coverage.ts";
import { distributionsOf, type DetectionRow, type LabelDistribution } from "./distribution.ts";
import { recommend, type Recommendation } from "./recommendation.ts";
import {
  analysedAt,
  samplesWithin,
  simulate,
  type FirstDetectionRow,
  type MotionRow,
  type Simulation,
} from "./simulation.ts";

/** Sessions, grouped by engine, camera, bin and outcome. */
interface SessionRow {
  readonly engine: EngineName;
  readonly cameraId: string | null;
  readonly bin: string;
  readonly outcome: string;
  readonly sessions: number;
  readonly analysedMs: number;
  /** Images that the engine `frames` had analysed. */
  readonly samples: number;
}

/** Sessions with detections, grouped by camera and bin. */
interface DetectingSessionRow {
  readonly cameraId: string | null;
  readonly bin: string;
  readonly sessions: number;
}

/** Detections, grouped by camera, bin and label. */
interface ActivityRow {
  readonly cameraId: string | null;
  readonly bin: string;
  readonly label: string;
  readonly detections: number;
}

/** A camera's time to detection of a label, milliseconds since the session's start; null if no start is known. */
interface CameraLabelRow {
  readonly cameraId: string | null;
  readonly label: string;
  readonly p5Ms: number | null;
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

/** Aggregated query results: thousands of rows for millions of detections. */
export interface ProfileRows {
  /** Number of cameras with sessions. */
  readonly cameras: number;
  readonly sessions: readonly SessionRow[];
  readonly detectingSessions: readonly DetectingSessionRow[];
  readonly activity: readonly ActivityRow[];
  readonly detections: readonly DetectionRow[];
  readonly motions: readonly MotionRow[];
  readonly firstDetections: readonly FirstDetectionRow[];
  readonly coverage: readonly CoverageRow[];
  readonly cameraLabels: readonly CameraLabelRow[];
}

export interface ProfileScope {
  readonly range: TimeRange;
  readonly binUnit: BinUnit;
  /** Empty for all cameras. */
  readonly cameraIds: readonly string[];
  /** @param analysed samples as if the engine `frames` ran the sessions, where it did not */
  readonly costUsdOf: (engine: EngineName, analysed: Analysed) => number;
}

interface Summary {
  readonly cameras: number;
  /** Completed sessions. */
  readonly sessions: number;
  readonly failedSessions: number;
  readonly lostSessions: number;
  /** Completed sessions without detections. */
  readonly silentSessions: number;
  /** Completed sessions that sampled their video, of the engine `frames`. */
  readonly sampledSessions: number;
  /** Images that they had analysed. */
  readonly samples: number;
  readonly motions: number;
  readonly analysedMs: number;
  readonly costUsd: number;
  readonly detections: number;
}

export interface CameraProfile {
  /** Null for all other cameras together. */
  readonly cameraId: string | null;
  /** The engines that ran its sessions. */
  readonly engines: readonly EngineName[];
  readonly sessions: number;
  readonly silentSessions: number;
  readonly sampledSessions: number;
  readonly samples: number;
  readonly failedSessions: number;
  readonly lostSessions: number;
  readonly analysedMs: number;
  readonly costUsd: number;
  readonly detections: number;
  readonly labels: readonly CameraLabelRow[];
  readonly activity: readonly ActivityRow[];
  readonly coverage: CoverageTimes & { readonly byBin: CoverageProfile["byBin"] };
}

export interface Profile {
  readonly range: TimeRange;
  readonly cameraIds: readonly string[];
  readonly binUnit: BinUnit;
  readonly bins: readonly string[];
  readonly summary: Summary;
  readonly activity: readonly { readonly bin: string; readonly label: string; readonly detections: number }[];
  readonly sessionsByBin: readonly {
    readonly bin: string;
    readonly sessions: number;
    readonly withDetections: number;
  }[];
  readonly distributions: readonly LabelDistribution[];
  readonly simulation: Simulation;
  /** Upper bound of the cost of each simulated duration, 1 s first. */
  readonly costUsdByDuration: readonly number[];
  readonly recommendation: Recommendation;
  readonly coverage: CoverageProfile;
  /** Ordered by number of sessions, most first; all other cameras together come last. */
  readonly cameras: readonly CameraProfile[];
}

const COMPLETED = "completed";

/** All numbers of the report page. */
export function profileOf(
  rows: ProfileRows,
  { range, binUnit, cameraIds, costUsdOf }: ProfileScope,
): Profile {
  const binned = [...rows.sessions, ...rows.activity, ...rows.coverage].map(({ bin }) => bin);
  const bins = binsBetween([...new Set(binned)], binUnit);
  const labels = [...new Set(rows.activity.map(({ label }) => label))];
  const simulation = simulate(rows.motions, rows.firstDetections);
  const motionsOf = Map.groupBy(rows.motions, ({ engine }) => engine);
  const sessionsOf = Map.groupBy(rows.sessions, ({ bin }) => bin);
  const detectingOf = Map.groupBy(rows.detectingSessions, ({ bin }) => bin);
  const activityOf = Map.groupBy(rows.activity, ({ bin, label }) => `${bin} ${label}`);
  const cameras = [
    ...new Set([...rows.sessions, ...rows.activity, ...rows.coverage].map(({ cameraId }) => cameraId)),
  ];
  return {
    range,
    cameraIds,
    binUnit,
    bins,
    summary: {
      ...countsOf(rows.sessions, rows.detectingSessions, rows.activity, costUsdOf),
      cameras: rows.cameras,
      motions: simulation.motions,
    },
    activity: bins.flatMap((bin) =>
      labels.map((label) => ({
        bin,
        label,
        detections: sumOf(activityOf.get(`${bin} ${label}`) ?? [], ({ detections }) => detections),
      })),
    ),
    sessionsByBin: bins.map((bin) => {
      const completed = (sessionsOf.get(bin) ?? []).filter(({ outcome }) => outcome === COMPLETED);
      const sessions = sumOf(completed, (row) => row.sessions);
      const detectingSessions = sumOf(detectingOf.get(bin) ?? [], (row) => row.sessions);
      return { bin, sessions, withDetections: Math.min(sessions, detectingSessions) };
    }),
    distributions: distributionsOf(rows.detections),
    simulation,
    costUsdByDuration: simulation.durations.map(({ durationS }) =>
      sumOf([...motionsOf], ([engine, motions]) => costUsdOf(engine, analysedAt(motions, durationS))),
    ),
    recommendation: recommend(simulation),
    coverage: coverageProfile(rows.coverage, bins),
    cameras: camerasOf(cameras, rows, bins, costUsdOf),
  };
}

function camerasOf(
  cameraIds: readonly (string | null)[],
  rows: ProfileRows,
  bins: readonly string[],
  costUsdOf: ProfileScope["costUsdOf"],
): CameraProfile[] {
  const by = <T extends { readonly cameraId: string | null }>(all: readonly T[]): Map<string | null, T[]> =>
    Map.groupBy(all, ({ cameraId }) => cameraId);
  const [sessions, detectingSessions, activity, coverage, labels] = [
    by(rows.sessions),
    by(rows.detectingSessions),
    by(rows.activity),
    by(rows.coverage),
    by(rows.cameraLabels),
  ];
  return cameraIds
    .map((cameraId) => {
      const covered = coverage.get(cameraId) ?? [];
      const ofBin = Map.groupBy(covered, ({ bin }) => bin);
      const own = sessions.get(cameraId) ?? [];
      return {
        cameraId,
        engines: [...new Set(own.map(({ engine }) => engine))].toSorted(),
        ...countsOf(own, detectingSessions.get(cameraId) ?? [], activity.get(cameraId) ?? [], costUsdOf),
        labels: (labels.get(cameraId) ?? []).toSorted((a, b) => (a.label < b.label ? -1 : 1)),
        activity: activity.get(cameraId) ?? [],
        coverage: {
          ...coverageTimes(covered),
          byBin: bins.map((bin) => ({ bin, ...coverageTimes(ofBin.get(bin) ?? []) })),
        },
      };
    })
    .toSorted(
      (a, b) =>
        Number(a.cameraId === null) - Number(b.cameraId === null) ||
        b.sessions - a.sessions ||
        (a.cameraId! < b.cameraId! ? -1 : 1),
    );
}

function countsOf(
  rows: readonly SessionRow[],
  detectingSessions: readonly DetectingSessionRow[],
  activity: readonly ActivityRow[],
  costUsdOf: ProfileScope["costUsdOf"],
): Omit<Summary, "cameras" | "motions"> {
  const of = (outcome: string) => rows.filter((row) => row.outcome === outcome);
  const completed = of(COMPLETED);
  const sessions = sumOf(completed, (row) => row.sessions);
  return {
    sessions,
    failedSessions: sumOf(of("failed"), (row) => row.sessions),
    lostSessions: sumOf(of("lost"), (row) => row.sessions),
    // A lost session may have detected something too, so the difference can be negative.
    silentSessions: Math.max(0, sessions - sumOf(detectingSessions, (row) => row.sessions)),
    sampledSessions: sumOf(completed.filter(isSampled), (row) => row.sessions),
    samples: sumOf(rows.filter(isSampled), (row) => row.samples),
    analysedMs: sumOf(rows, (row) => row.analysedMs),
    costUsd: sumOf(rows, (row) => costUsdOf(row.engine, analysedBy(row))),
    detections: sumOf(activity, (row) => row.detections),
  };
}

const isSampled = ({ engine }: SessionRow): boolean => engine === "frames";

/** What sessions analysed; those that were not sampled get the samples of their mean length. */
const analysedBy = (row: SessionRow): Analysed => ({
  analysedMs: row.analysedMs,
  samples: isSampled(row)
    ? row.samples
    : row.sessions * samplesWithin(row.analysedMs / Math.max(1, row.sessions) / 1000),
});

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);
