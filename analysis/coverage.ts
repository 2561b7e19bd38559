import { LONGEST_PAUSE_MS } from "../core/sessions/intervals.ts";
import type { StoredFragment } from "../schemas/fragment.ts";

/** A shorter overlap of two fragments does not count: durations are rounded, and audio ends slightly after video. */
export const OVERLAP_TOLERANCE_MS = 250;

/** Producer time from `startMs` up to `endMs`, epoch milliseconds. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Footage without a gap. */
interface FootageInterval extends Span {
  readonly fragments: number;
  readonly bytes: number;
}

/** Time that more than one fragment covers. */
interface Overlap extends Span {
  /** How many fragments cover time that an earlier one covers. */
  readonly fragments: number;
}

/** Footage in order of time. Intervals and gaps alternate and together leave nothing out. */
export interface Coverage {
  readonly intervals: readonly FootageInterval[];
  readonly gaps: readonly Span[];
  readonly overlaps: readonly Overlap[];
}

export const endMsOf = ({ startMs, durationMs }: StoredFragment): number => startMs + durationMs;

/** By producer time, then by number. ListFragments returns them unordered (documented). */
export const inOrder = (fragments: readonly StoredFragment[]): StoredFragment[] =>
  fragments.toSorted((a, b) => a.startMs - b.startMs || (BigInt(a.number) < BigInt(b.number) ? -1 : 1));

/** Fragments that overlap the span; the first may begin before it. */
export const fragmentsWithin = (
  fragments: readonly StoredFragment[],
  span: Partial<Span>,
): StoredFragment[] =>
  fragments.filter(
    (one) => one.startMs < (span.endMs ?? Infinity) && endMsOf(one) > (span.startMs ?? -Infinity),
  );

/**
 * The intervals with footage and the gaps, in order.
 * @param within the requested ends: missing footage between an end and the first or last fragment is a gap too
 */
export function coverageOf(fragments: readonly StoredFragment[], within: Partial<Span> = {}): Coverage {
  const intervals: FootageInterval[] = [];
  const overlaps: Overlap[] = [];
  for (const fragment of inOrder(fragments)) {
    const last = intervals.at(-1);
    if (!last || fragment.startMs - last.endMs > LONGEST_PAUSE_MS) {
      intervals.push({
        startMs: fragment.startMs,
        endMs: endMsOf(fragment),
        fragments: 1,
        bytes: fragment.sizeBytes,
      });
      continue;
    }
    if (last.endMs - fragment.startMs > OVERLAP_TOLERANCE_MS) addOverlap(overlaps, fragment, last.endMs);
    intervals[intervals.length - 1] = {
      startMs: last.startMs,
      endMs: Math.max(last.endMs, endMsOf(fragment)),
      fragments: last.fragments + 1,
      bytes: last.bytes + fragment.sizeBytes,
    };
  }
  return { intervals, gaps: gapsBetween(intervals, within), overlaps };
}

function addOverlap(overlaps: Overlap[], fragment: StoredFragment, coveredUntilMs: number): void {
  const endMs = Math.min(coveredUntilMs, endMsOf(fragment));
  const last = overlaps.at(-1);
  if (last && fragment.startMs <= last.endMs + OVERLAP_TOLERANCE_MS)
    overlaps[overlaps.length - 1] = {
      startMs: last.startMs,
      endMs: Math.max(last.endMs, endMs),
      fragments: last.fragments + 1,
    };
  else overlaps.push({ startMs: fragment.startMs, endMs, fragments: 1 });
}

/** The gaps between ordered spans that do not overlap, and between them and the given ends. */
export function gapsBetween(spans: readonly Span[], within: Partial<Span> = {}): Span[] {
  const starts = [...spans.map(({ startMs }) => startMs), within.endMs];
  const ends = [within.startMs, ...spans.map(({ endMs }) => endMs)];
  return starts.flatMap((endMs, index) => {
    const startMs = ends[index];
    if (startMs === undefined || endMs === undefined || endMs - startMs <= LONGEST_PAUSE_MS) return [];
    return [{ startMs, endMs }];
  });
}

/** Divides the span into `cells` equal parts and returns the covered share of each, 0..1. */
export function coveredShares(intervals: readonly Span[], { startMs, endMs }: Span, cells: number): number[] {
  const cellMs = (endMs - startMs) / cells;
  const shares = Array.from({ length: cells }, () => 0);
  if (cellMs <= 0) return shares;
  for (const interval of intervals) {
    const from = Math.max(0, (interval.startMs - startMs) / cellMs);
    const to = Math.min(cells, (interval.endMs - startMs) / cellMs);
    for (let cell = Math.floor(from); cell < to; cell++)
      shares[cell] = Math.min(1, shares[cell]! + Math.min(to, cell + 1) - Math.max(from, cell));
  }
  return shares;
}
