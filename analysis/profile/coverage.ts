/** Stretches of the coverage ledger, alike in camera, bin, outcome and reason. */
export interface CoverageRow {
  /** Null for all cameras that have no profile of their own. */
  readonly cameraId: string | null;
  readonly bin: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly stretches: number;
  readonly durationMs: number;
}

/** What became of motion, in milliseconds of video. */
export interface CoverageTimes {
  readonly analysedMs: number;
  /** Of sessions that never told their end: perhaps analysed, perhaps not. */
  readonly lostMs: number;
  readonly gapMs: number;
  /** Analysed, of all three; null without any. */
  readonly coveredShare: number | null;
}

export interface GapReason {
  readonly outcome: string;
  readonly reason: string;
  readonly stretches: number;
  readonly durationMs: number;
}

export interface CoverageProfile extends CoverageTimes {
  readonly byBin: readonly (CoverageTimes & { readonly bin: string })[];
  /** Why motion was not analysed, the longest first. */
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
  for (const { outcome, reason, stretches, durationMs } of rows) {
    if (outcome === "completed") continue;
    const words = reason ?? "not told";
    const key = JSON.stringify([outcome, words]);
    const known = reasons.get(key);
    reasons.set(key, {
      outcome,
      reason: words,
      stretches: stretches + (known?.stretches ?? 0),
      durationMs: durationMs + (known?.durationMs ?? 0),
    });
  }
  const ofBin = Map.groupBy(rows, ({ bin }) => bin);
  return {
    ...coverageTimes(rows),
    byBin: bins.map((bin) => ({ bin, ...coverageTimes(ofBin.get(bin) ?? []) })),
    reasons: [...reasons.values()].toSorted(
      (a, b) => b.durationMs - a.durationMs || b.stretches - a.stretches,
    ),
  };
}
