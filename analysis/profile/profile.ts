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
import { simulate, type FirstSightRow, type MotionRow, type Simulation } from "./simulation.ts";

/** Sessions alike in camera, bin and outcome. */
export interface SessionRow {
  readonly cameraId: string | null;
  readonly bin: string;
  readonly outcome: string;
  readonly sessions: number;
  readonly analysedMs: number;
}

/** Sessions that detected something. */
export interface SeeingRow {
  readonly cameraId: string | null;
  readonly bin: string;
  readonly sessions: number;
}

/** Detections alike in camera, bin and label. */
export interface ActivityRow {
  readonly cameraId: string | null;
  readonly bin: string;
  readonly label: string;
  readonly detections: number;
}

/** How long a camera takes to see a label, milliseconds since the session's start; null where no start is known. */
export interface CameraLabelRow {
  readonly cameraId: string | null;
  readonly label: string;
  readonly p5Ms: number | null;
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

/** The lake's answers, aggregated: thousands of rows for millions of detections. */
export interface ProfileRows {
  /** How many cameras had sessions. */
  readonly cameras: number;
  readonly sessions: readonly SessionRow[];
  readonly seeing: readonly SeeingRow[];
  readonly activity: readonly ActivityRow[];
  readonly detections: readonly DetectionRow[];
  readonly motions: readonly MotionRow[];
  readonly firstSights: readonly FirstSightRow[];
  readonly coverage: readonly CoverageRow[];
  readonly cameraLabels: readonly CameraLabelRow[];
}

export interface ProfileScope {
  readonly range: TimeRange;
  readonly binUnit: BinUnit;
  /** Empty for all. */
  readonly cameraIds: readonly string[];
  readonly costUsdOf: (analysedMs: number) => number;
}

export interface Summary {
  readonly cameras: number;
  /** Sessions that ran to their end. */
  readonly sessions: number;
  readonly failedSessions: number;
  readonly lostSessions: number;
  /** Of `sessions`, those that detected nothing. */
  readonly silentSessions: number;
  readonly motions: number;
  readonly analysedMs: number;
  readonly costUsd: number;
  readonly detections: number;
}

export interface CameraProfile {
  /** Null for all cameras behind those with the most sessions, together. */
  readonly cameraId: string | null;
  readonly sessions: number;
  readonly silentSessions: number;
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
  /** What the simulated durations cost at most, 1 s first. */
  readonly costUsdByDuration: readonly number[];
  readonly recommendation: Recommendation;
  readonly coverage: CoverageProfile;
  /** The camera with the most sessions first; the rest together last. */
  readonly cameras: readonly CameraProfile[];
}

const COMPLETED = "completed";

/** All numbers of the report. */
export function profileOf(
  rows: ProfileRows,
  { range, binUnit, cameraIds, costUsdOf }: ProfileScope,
): Profile {
  const binned = [...rows.sessions, ...rows.activity, ...rows.coverage].map(({ bin }) => bin);
  const bins = binsBetween([...new Set(binned)], binUnit);
  const labels = [...new Set(rows.activity.map(({ label }) => label))];
  const simulation = simulate(rows.motions, rows.firstSights);
  const sessionsOf = Map.groupBy(rows.sessions, ({ bin }) => bin);
  const seeingOf = Map.groupBy(rows.seeing, ({ bin }) => bin);
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
      ...countsOf(rows.sessions, rows.seeing, rows.activity, costUsdOf),
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
      const seeing = sumOf(seeingOf.get(bin) ?? [], (row) => row.sessions);
      return { bin, sessions, withDetections: Math.min(sessions, seeing) };
    }),
    distributions: distributionsOf(rows.detections),
    simulation,
    costUsdByDuration: simulation.durations.map(({ analysedMs }) => costUsdOf(analysedMs)),
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
  const [sessions, seeing, activity, coverage, labels] = [
    by(rows.sessions),
    by(rows.seeing),
    by(rows.activity),
    by(rows.coverage),
    by(rows.cameraLabels),
  ];
  return cameraIds
    .map((cameraId) => {
      const covered = coverage.get(cameraId) ?? [];
      const ofBin = Map.groupBy(covered, ({ bin }) => bin);
      return {
        cameraId,
        ...countsOf(
          sessions.get(cameraId) ?? [],
          seeing.get(cameraId) ?? [],
          activity.get(cameraId) ?? [],
          costUsdOf,
        ),
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
  seeing: readonly SeeingRow[],
  activity: readonly ActivityRow[],
  costUsdOf: ProfileScope["costUsdOf"],
): Omit<Summary, "cameras" | "motions"> {
  const of = (outcome: string) => rows.filter((row) => row.outcome === outcome);
  const completed = of(COMPLETED);
  const analysedMs = sumOf(rows, (row) => row.analysedMs);
  const sessions = sumOf(completed, (row) => row.sessions);
  return {
    sessions,
    failedSessions: sumOf(of("failed"), (row) => row.sessions),
    lostSessions: sumOf(of("lost"), (row) => row.sessions),
    // A session that was lost may have detected something, too.
    silentSessions: Math.max(0, sessions - sumOf(seeing, (row) => row.sessions)),
    analysedMs,
    costUsd: costUsdOf(analysedMs),
    detections: sumOf(activity, (row) => row.detections),
  };
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);
