import { LONGEST_PAUSE_MS } from "../core/sessions/intervals.ts";
import type { StoredFragment } from "../schemas/fragment.ts";
import {
  endMsOf,
  gapsBetween,
  inOrder,
  OVERLAP_TOLERANCE_MS,
  fragmentsWithin,
  type Span,
} from "./coverage.ts";

/** Limits of one GetClip call (documented: GetClip): the first 100 MB or 200 fragments of at most 24 hours. */
const CLIP_LIMITS = { bytes: 100_000_000, fragments: 200, rangeMs: 24 * 3_600_000 } as const;

/** Longest fragment that Kinesis Video Streams accepts (documented: quotas). */
export const MAX_FRAGMENT_MS = 20_000;

/** Footage without a gap that one GetClip call returns completely. */
export interface ClipPart extends Span {
  /** Start of its last fragment: GetClip compares both ends of its range with the starts of fragments (documented). */
  readonly lastStartMs: number;
  readonly fragments: number;
  readonly bytes: number;
}

export interface ClipPlan {
  /** In order of time. */
  readonly parts: readonly ClipPart[];
  /** Where footage is missing between the requested ends. */
  readonly gaps: readonly Span[];
  /** Fragments that cover only what others cover: the same video was uploaded more than once. */
  readonly repeatedFragments: number;
}

/**
 * Plans the GetClip calls that together return the footage of a span: every fragment that overlaps the span, complete,
 * without repetitions, except where a fragment repeats only in part. A part ends where a limit is reached, at a gap (how
 * GetClip treats a gap is not documented), and where fragments overlap (GetClip may return only some of those, documented:
 * ClipFragmentSelector).
 */
export function planClip(fragments: readonly StoredFragment[], span: Span): ClipPlan {
  const all = inOrder(fragmentsWithin(fragments, span));
  const chosen = new Set(withoutRepetitions(all));
  const parts: ClipPart[] = [];
  let mustSplit = false;
  for (const fragment of all) {
    const last = parts.at(-1);
    if (!chosen.has(fragment)) {
      // GetClip returns only one of several fragments with the same start.
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

/** Removes fragments that cover only what others cover; prefers one that continues where another ends. */
function withoutRepetitions(inOrderOfTime: readonly StoredFragment[]): StoredFragment[] {
  const chosen: StoredFragment[] = [];
  let coveredUntilMs = -Infinity;
  let overlapping: StoredFragment[] = [];
  const choose = (fragment: StoredFragment) => {
    chosen.push(fragment);
    coveredUntilMs = endMsOf(fragment);
    overlapping = overlapping.filter((one) => endMsOf(one) > coveredUntilMs + OVERLAP_TOLERANCE_MS);
  };
  const chooseOverlapping = () => {
    // The one with the latest end makes the others redundant.
    const [furthest] = overlapping.toSorted((a, b) => endMsOf(b) - endMsOf(a));
    if (furthest) choose(furthest);
  };
  for (const fragment of inOrderOfTime) {
    const isNew = endMsOf(fragment) > coveredUntilMs + OVERLAP_TOLERANCE_MS;
    if (fragment.startMs > coveredUntilMs + OVERLAP_TOLERANCE_MS) chooseOverlapping();
    if (fragment.startMs >= coveredUntilMs - OVERLAP_TOLERANCE_MS) choose(fragment);
    else if (isNew) overlapping.push(fragment);
  }
  chooseOverlapping();
  // A later choice may cover all of an earlier one.
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

/** The part with one more fragment; undefined if one GetClip call would not return both. */
function join(part: ClipPart, fragment: StoredFragment): ClipPart | undefined {
  const joined: ClipPart = {
    startMs: part.startMs,
    endMs: Math.max(part.endMs, endMsOf(fragment)),
    lastStartMs: fragment.startMs,
    fragments: part.fragments + 1,
    bytes: part.bytes + fragment.sizeBytes,
  };
  const fits =
    fragment.startMs - part.endMs <= LONGEST_PAUSE_MS &&
    part.endMs - fragment.startMs <= OVERLAP_TOLERANCE_MS &&
    joined.fragments <= CLIP_LIMITS.fragments &&
    joined.bytes <= CLIP_LIMITS.bytes &&
    joined.lastStartMs - joined.startMs < CLIP_LIMITS.rangeMs;
  return fits ? joined : undefined;
}
