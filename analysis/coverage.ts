import type { StoredFragment } from "../schemas/fragment.ts";

/** A pause between two fragments of up to so long is no gap: a slow camera's last frame may be shown that long. */
export const GAP_TOLERANCE_MS = 1000;
/** Fragments that share no more than this do not overlap: lengths are rounded, and audio ends a little after video. */
export const OVERLAP_TOLERANCE_MS = 250;

/** Producer time from `startMs` up to `endMs`, epoch milliseconds. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Footage without a gap. */
export interface Stretch extends Span {
  readonly fragments: number;
  readonly bytes: number;
}

/** Time that more than one fragment shows. */
export interface Overlap extends Span {
  /** How many fragments show time that an earlier one shows already. */
  readonly fragments: number;
}

/** What footage there is. Stretches and gaps take turns and leave nothing between them out. */
export interface Coverage {
  readonly stretches: readonly Stretch[];
  readonly gaps: readonly Span[];
  readonly overlaps: readonly Overlap[];
}

export const endMsOf = ({ startMs, durationMs }: StoredFragment): number => startMs + durationMs;

/** By producer time, then by number. ListFragments gives them unordered (documented). */
export const inOrder = (fragments: readonly StoredFragment[]): StoredFragment[] =>
  fragments.toSorted((a, b) => a.startMs - b.startMs || (BigInt(a.number) < BigInt(b.number) ? -1 : 1));

/** Those that show some of the span, which may begin before it. */
export const reachingInto = (fragments: readonly StoredFragment[], span: Partial<Span>): StoredFragment[] =>
  fragments.filter(
    (one) => one.startMs < (span.endMs ?? Infinity) && endMsOf(one) > (span.startMs ?? -Infinity),
  );

/**
 * Where there is footage and where there is none, in order.
 * @param within ends that were asked for: what lacks behind its start or before its end is a gap too
 */
export function coverageOf(fragments: readonly StoredFragment[], within: Partial<Span> = {}): Coverage {
  const stretches: Stretch[] = [];
  const overlaps: Overlap[] = [];
  for (const fragment of inOrder(fragments)) {
    const last = stretches.at(-1);
    if (!last || fragment.startMs - last.endMs > GAP_TOLERANCE_MS) {
      stretches.push({
        startMs: fragment.startMs,
        endMs: endMsOf(fragment),
        fragments: 1,
        bytes: fragment.sizeBytes,
      });
      continue;
    }
    if (last.endMs - fragment.startMs > OVERLAP_TOLERANCE_MS) addOverlap(overlaps, fragment, last.endMs);
    stretches[stretches.length - 1] = {
      startMs: last.startMs,
      endMs: Math.max(last.endMs, endMsOf(fragment)),
      fragments: last.fragments + 1,
      bytes: last.bytes + fragment.sizeBytes,
    };
  }
  return { stretches, gaps: gapsBetween(stretches, within), overlaps };
}

function addOverlap(overlaps: Overlap[], fragment: StoredFragment, shownUntilMs: number): void {
  const endMs = Math.min(shownUntilMs, endMsOf(fragment));
  const last = overlaps.at(-1);
  if (last && fragment.startMs <= last.endMs + OVERLAP_TOLERANCE_MS)
    overlaps[overlaps.length - 1] = {
      startMs: last.startMs,
      endMs: Math.max(last.endMs, endMs),
      fragments: last.fragments + 1,
    };
  else overlaps.push({ startMs: fragment.startMs, endMs, fragments: 1 });
}

/** The gaps between spans in order that do not overlap, and between them and the given ends. */
export function gapsBetween(spans: readonly Span[], within: Partial<Span> = {}): Span[] {
  const starts = [...spans.map(({ startMs }) => startMs), within.endMs];
  const ends = [within.startMs, ...spans.map(({ endMs }) => endMs)];
  return starts.flatMap((endMs, index) => {
    const startMs = ends[index];
    if (startMs === undefined || endMs === undefined || endMs - startMs <= GAP_TOLERANCE_MS) return [];
    return [{ startMs, endMs }];
  });
}

/** The share of each of `cells` equal parts of the span that is covered, 0..1. */
export function coveredShares(stretches: readonly Span[], { startMs, endMs }: Span, cells: number): number[] {
  const cellMs = (endMs - startMs) / cells;
  const shares = Array.from({ length: cells }, () => 0);
  if (cellMs <= 0) return shares;
  for (const stretch of stretches) {
    const from = Math.max(0, (stretch.startMs - startMs) / cellMs);
    const to = Math.min(cells, (stretch.endMs - startMs) / cellMs);
    for (let cell = Math.floor(from); cell < to; cell++)
      shares[cell] = Math.min(1, shares[cell]! + Math.min(to, cell + 1) - Math.max(from, cell));
  }
  return shares;
}
