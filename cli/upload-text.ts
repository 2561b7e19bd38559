import type { UploadReport } from "../uploader/session/report.ts";
import type { Progress } from "../uploader/session/session.ts";

/** The line that is written over while an upload runs. */
export function progressLine({
  safeFragments,
  sentFragments,
  totalFragments,
  bytes,
  trouble,
}: Progress): string {
  const of = totalFragments === undefined ? "" : ` of ${totalFragments}`;
  const line = `${safeFragments}${of} fragments safe, ${sentFragments - safeFragments} on their way, ${megabytes(bytes)}`;
  return trouble === undefined ? line : `${line}; trying again: ${trouble}`;
}

/** What came of an upload, in a few lines. */
export function summaryLines(report: UploadReport): string[] {
  const { source, streamName, fragments, persistedFragments, receivedFragments, safe, bytes } = report;
  const stored = persistedFragments > 0 ? `${persistedFragments} persisted` : `${receivedFragments} received`;
  return [
    `${source}: ${fragments} fragments to ${streamName}, ${stored}, ${megabytes(bytes)}`,
    ...safe.map(({ fromMs, toMs }) => `  safe  ${iso(fromMs)} to ${iso(toMs)}`),
    ...report.failures.map((failure) => `  tried again after: ${failure}`),
    ...report.notices.map((notice) => `  ${notice}`),
  ];
}

const iso = (ms: number): string => new Date(ms).toISOString();
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
