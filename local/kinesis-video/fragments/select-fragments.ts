import type { Fragment } from "./fragment.ts";
/** A fragment's two timestamps. */
export const TIMESTAMP_TYPES = ["PRODUCER_TIMESTAMP", "SERVER_TIMESTAMP"] as const;
export type TimestampType = (typeof TIMESTAMP_TYPES)[number];

/** Gaps and overlaps up to this are rounding (documented: GetHLSStreamingSessionURL, DiscontinuityMode). */
export const TOLERANCE_MS = 50;

export const startOf = (fragment: Fragment, type: TimestampType): number =>
  type === "PRODUCER_TIMESTAMP" ? fragment.producerTimestampMs : fragment.serverTimestampMs;

/** A range of fragments' starts, both ends included (documented: ClipTimestampRange, HLSTimestampRange). */
export interface TimestampRange {
  readonly type: TimestampType;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The fragments that start in the range, ordered by their start. Of several with the same producer timestamp one stays:
 * the newest in a playlist (documented: GetHLSStreamingSessionURL, PlaybackMode), the oldest in a clip ("If some
 * fragments are ingested within the same time range and very different points in time, only the oldest ingested
 * collection of fragments are returned"; documented: ClipFragmentSelector). How different the times must be is
 * unconfirmed.
 */
export function fragmentsInRange(
  fragments: readonly Fragment[],
  { type, startMs, endMs }: TimestampRange,
  keep: "newest" | "oldest" = "newest",
): Fragment[] {
  const inRange = fragments
    .filter((one) => startOf(one, type) >= startMs && startOf(one, type) <= endMs)
    .toSorted(
      (a, b) => startOf(a, type) - startOf(b, type) || (BigInt(a.number) < BigInt(b.number) ? -1 : 1),
    );
  if (type === "SERVER_TIMESTAMP") return inRange;
  const next = keep === "newest" ? 1 : -1;
  return inRange.filter((one, at) => one.producerTimestampMs !== inRange[at + next]?.producerTimestampMs);
}
