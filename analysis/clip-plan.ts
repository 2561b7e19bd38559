import type { StoredFragment } from "../schemas/fragment.ts";
import {
  endMsOf,
  GAP_TOLERANCE_MS,
  gapsBetween,
  inOrder,
  OVERLAP_TOLERANCE_MS,
  reachingInto,
  type Span,
} from "./coverage.ts";

/** What one GetClip gives (documented: GetClip): the first 100 MB or 200 fragments of at most 24 hours. */
export const CLIP_LIMITS = { bytes: 100_000_000, fragments: 200, rangeMs: 24 * 3_600_000 } as const;

/** Longest fragment that Kinesis Video Streams takes (documented: quotas). */
export const MAX_FRAGMENT_MS = 20_000;

/** Footage without a gap that one GetClip gives whole. */
export interface ClipPart extends Span {
  /** Where its last fragment begins: GetClip compares both ends of its range with the starts of fragments (documented). */
  readonly lastStartMs: number;
  readonly fragments: number;
  readonly bytes: number;
}

export interface ClipPlan {
  /** In order of time. */
  readonly parts: readonly ClipPart[];
  /** Where there is no footage between the ends that were asked for. */
  readonly gaps: readonly Span[];
  /** Fragments that show only what others show, too: the same video was uploaded more than once. */
  readonly repeatedFragments: number;
}

/**
 * Plans the calls of GetClip that together give the footage of a span: every moment that fragments show which reach
 * into it, those whole, and none twice unless a fragment shows more than the repetition. A part ends where a limit is
 * reached, at a gap (what GetClip makes of one inside is not documented), and where fragments overlap (of those GetClip
 * may give some only, documented: ClipFragmentSelector).
 */
export function planClip(fragments: readonly StoredFragment[], span: Span): ClipPlan {
  const all = inOrder(reachingInto(fragments, span));
  const chosen = new Set(withoutRepetitions(all));
  const parts: ClipPart[] = [];
  let mustSplit = false;
  for (const fragment of all) {
    const last = parts.at(-1);
    if (!chosen.has(fragment)) {
      // Of fragments that begin together GetClip gives one by itself.
      mustSplit ||= last !== undefined && fragment.startMs > last.lastStartMs;
      continue;
    }
    const joined = last && !mustSplit ? join(last, fragment) : undefined;
    if (joined) parts[parts.length - 1] = joined;
    else parts.push(partOf(fragment));
    mustSplit = false;
  }
  return { parts, gaps: gapsBetween(parts, span), repeatedFragments: all.length - chosen.size };
}

/** The fragments without those that show only what others do; one that goes on where another ends is preferred. */
function withoutRepetitions(inOrderOfTime: readonly StoredFragment[]): StoredFragment[] {
  const chosen: StoredFragment[] = [];
  let shownUntilMs = -Infinity;
  let overlapping: StoredFragment[] = [];
  const choose = (fragment: StoredFragment) => {
    chosen.push(fragment);
    shownUntilMs = endMsOf(fragment);
    overlapping = overlapping.filter((one) => endMsOf(one) > shownUntilMs + OVERLAP_TOLERANCE_MS);
  };
  const chooseOverlapping = () => {
    // The one that reaches furthest makes the others needless.
    const [furthest] = overlapping.toSorted((a, b) => endMsOf(b) - endMsOf(a));
    if (furthest) choose(furthest);
  };
  for (const fragment of inOrderOfTime) {
    const isNew = endMsOf(fragment) > shownUntilMs + OVERLAP_TOLERANCE_MS;
    if (fragment.startMs > shownUntilMs + OVERLAP_TOLERANCE_MS) chooseOverlapping();
    if (fragment.startMs >= shownUntilMs - OVERLAP_TOLERANCE_MS) choose(fragment);
    else if (isNew) overlapping.push(fragment);
  }
  chooseOverlapping();
  // It may show all of what was chosen before it.
  let reachedMs = -Infinity;
  return inOrder(chosen).filter((one) => {
    const isNew = endMsOf(one) > reachedMs;
    reachedMs = Math.max(reachedMs, endMsOf(one));
    return isNew;
  });
}

const partOf = (fragment: StoredFragment): ClipPart => ({
  startMs: fragment.startMs,
  endMs: endMsOf(fragment),
  lastStartMs: fragment.startMs,
  fragments: 1,
  bytes: fragment.sizeBytes,
});

/** The part with one more fragment; undefined when GetClip would not give both. */
function join(part: ClipPart, fragment: StoredFragment): ClipPart | undefined {
  const joined: ClipPart = {
    startMs: part.startMs,
    endMs: Math.max(part.endMs, endMsOf(fragment)),
    lastStartMs: fragment.startMs,
    fragments: part.fragments + 1,
    bytes: part.bytes + fragment.sizeBytes,
  };
  const fits =
    fragment.startMs - part.endMs <= GAP_TOLERANCE_MS &&
    part.endMs - fragment.startMs <= OVERLAP_TOLERANCE_MS &&
    joined.fragments <= CLIP_LIMITS.fragments &&
    joined.bytes <= CLIP_LIMITS.bytes &&
    joined.lastStartMs - joined.startMs < CLIP_LIMITS.rangeMs;
  return fits ? joined : undefined;
}
