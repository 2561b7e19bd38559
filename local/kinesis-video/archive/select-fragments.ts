import { AwsError } from "../../errors.ts";
import type { Fragment } from "../fragment-store.ts";
import type { Stream } from "../streams.ts";

/** Which of a fragment's two timestamps is meant. */
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
 * The fragments that start in the range, ordered by their start. Of several with one producer timestamp the newest
 * stays (documented: GetHLSStreamingSessionURL, PlaybackMode; for GetClip unconfirmed).
 */
export function fragmentsInRange(
  fragments: readonly Fragment[],
  { type, startMs, endMs }: TimestampRange,
): Fragment[] {
  const inRange = fragments
    .filter((one) => startOf(one, type) >= startMs && startOf(one, type) <= endMs)
    .toSorted(
      (a, b) => startOf(a, type) - startOf(b, type) || (BigInt(a.number) < BigInt(b.number) ? -1 : 1),
    );
  if (type === "SERVER_TIMESTAMP") return inRange;
  return inRange.filter((one, at) => one.producerTimestampMs !== inRange[at + 1]?.producerTimestampMs);
}

/** @throws AwsError NoDataRetentionException (documented: GetClip, GetImages, GetHLSStreamingSessionURL) */
export function requireArchive({ name, retentionHours }: Stream): void {
  if (retentionHours === 0)
    throw new AwsError(
      "NoDataRetentionException",
      `The stream ${name} retains no data: its DataRetentionInHours is 0; raise it with UpdateDataRetention.`,
    );
}
