import type { UploadSummary } from "../uploader/upload/summary.ts";
import type { Progress } from "../uploader/upload/upload.ts";
import { iso, megabytes } from "./text.ts";

/** The progress line of an upload. */
export function progressLine({
  safeFragments,
  sentFragments,
  totalFragments,
  bytes,
  failure,
}: Progress): string {
  const of = totalFragments === undefined ? "" : ` of ${totalFragments}`;
  const line = `${safeFragments}${of} fragments safe, ${sentFragments - safeFragments} in flight, ${megabytes(bytes)}`;
  return failure === undefined ? line : `${line}; retrying: ${failure}`;
}

/** The result of an upload, in a few lines. */
export function summaryLines(summary: UploadSummary): string[] {
  const { source, streamName, fragments, persistedFragments, receivedFragments, safe, bytes } = summary;
  const stored = persistedFragments > 0 ? `${persistedFragments} persisted` : `${receivedFragments} received`;
  return [
    `${source}: ${fragments} fragments to ${streamName}, ${stored}, ${megabytes(bytes)}`,
    ...safe.map(({ fromMs, toMs }) => `  safe  ${iso(fromMs)} to ${iso(toMs)}`),
    `  time  ${TIMES[summary.startFrom]}: the first frame is at ${iso(summary.firstProducerMs)}`,
    ...summary.failures.map((failure) => `  retried after: ${failure}`),
    ...summary.notices.map((notice) => `  ${notice}`),
  ];
}

const TIMES = {
  given: "as given",
  file: "the file's creation time",
  now: "by this machine's clock",
} as const;

/** What was reported to the motion API, or how to do so. */
export const motionLine = ({
  firstProducerMs,
  motionRequests,
}: UploadSummary & { motionRequests?: number }) =>
  motionRequests === undefined
    ? `  no motion reported: --motion does it, or a motion request with {"at":"${iso(firstProducerMs)}"}`
    : `  motion reported for it, in ${motionRequests} requests`;
