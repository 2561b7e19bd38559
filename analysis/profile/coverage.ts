/** Stretches of the coverage ledger, grouped by camera, bin, outcome and reason. */
export interface CoverageRow {
  /** Null for all cameras without a profile of their own. */
  readonly cameraId: string | null;
  readonly bin: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly intervals: number;
  readonly durationMs: number;
}

/** How much motion was analysed, in milliseconds of video. */
export interface CoverageTimes {
  readonly analysedMs: number;
  /** Of failed sessions and of those whose end was never notified: possibly analysed. */
  readonly lostMs: number;
  readonly gapMs: number;
  /** Analysed share of all three; null if all are 0. */
  readonly coveredShare: number | null;
}

interface GapReason {
  readonly outcome: string;
  readonly reason: string;
  readonly intervals: number;
  readonly durationMs: number;
}

export interface CoverageProfile extends CoverageTimes {
  readonly byBin: readonly (CoverageTimes & { readonly bin: string })[];
  /** Why motion was not analysed, longest duration first. */
  readonly reasons: readonly GapReason[];
}

export function coverageTimes(rows: readonly CoverageRow[]): CoverageTimes {
  const sum = (...outcomes: readonly string[]): number =>
    rows.reduce((total, row) => total + (outcomes.includes(row.outcome) ? row.durationMs : 0), 0);
  const [analysedMs, lostMs, gapMs] = [sum("completed"), sum("lost", "failed"), sum("gap")];
  const allMs = analysedMs + lostMs + gapMs;
  return { analysedMs, lostMs, gapMs, coveredShare: allMs === 0 ? null : analysedMs / allMs };
}

export function coverageProfile(rows: readonly CoverageRow[], bins: readonly string[]): CoverageProfile {
  const reasons = new Map<string, GapReason>();
  for (const { outcome, reason, intervals, durationMs } of rows) {
    if (outcome === "completed") continue;
    const words = reason ?? "unknown";
    const key = JSON.stringify([outcome, words]);
    const known = reasons.get(key);
    reasons.set(key, {
      outcome,
      reason: words,
      intervals: intervals + (known?.intervals ?? 0),
      durationMs: durationMs + (known?.durationMs ?? 0),
    });
  }
  const ofBin = Map.groupBy(rows, ({ bin }) => bin);
  return {
    ...coverageTimes(rows),
    byBin: bins.map((bin) => ({ bin, ...coverageTimes(ofBin.get(bin) ?? []) })),
    reasons: [...reasons.values()].toSorted(
      (a, b) => b.durationMs - a.durationMs || b.intervals - a.intervals,
    ),
  };
}
