import type { Loss } from "../sources/losses.ts";
import type { StartFrom } from "../start-time.ts";
import type { Interval } from "./fragment-log.ts";

/** Something of the source that was not sent. */
export interface Dropped {
  /** `video` and `audio` are counted in frames, `data` in bytes of the file. */
  readonly kind: Loss["kind"] | "fragments";
  /** The producer time where the first of it is; for lost fragments, where the first one after them is. */
  readonly at: string;
  readonly reason: string;
  /** Null for all of it. */
  readonly count: number | null;
}

export const droppedOf = ({ kind, atMs, reason, count }: Loss, startMs: number): Dropped => ({
  kind,
  at: new Date(startMs + Math.round(atMs)).toISOString(),
  reason,
  count: count ?? null,
});

/** The result of an upload, successful or not. Times are producer times, epoch milliseconds. */
export interface UploadSummary {
  readonly source: string;
  readonly streamName: string;
  /** Distinct fragments that were sent. */
  readonly fragments: number;
  readonly receivedFragments: number;
  /** Fragments that the stream has stored; 0 where it stores nothing. */
  readonly persistedFragments: number;
  /** Fragments that a live source could not hold until they were safe. */
  readonly lostFragments: number;
  /** Number of the last PERSISTED fragment; of the last RECEIVED one where the stream stores nothing. */
  readonly lastPersistedFragmentNumber?: string;
  /** The intervals that the service has acknowledged as safe, in order. */
  readonly safe: readonly Interval[];
  /** Whose time was taken for the first frame: the one that was given, the file's creation time, or the clock's. */
  readonly startFrom: StartFrom;
  readonly firstProducerMs: number;
  /** The end of the last fragment that was sent. */
  readonly lastProducerMs: number;
  readonly durationMs: number;
  /** Bytes of Matroska that were sent, repetitions included. */
  readonly bytes: number;
  readonly connections: number;
  /** The reason of each failed connection. */
  readonly failures: readonly string[];
  /** What was left out of the source and why, and what else is worth knowing, a sentence each. */
  readonly notices: readonly string[];
  /** What was left out, by kind. */
  readonly dropped: readonly Dropped[];
}

/** An upload that failed; `summary` lists what is safe nevertheless. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  /** For example `ResourceNotFoundException`, `MAX_FRAGMENT_SIZE_REACHED`, `CONNECTION_FAILED`, `CORRUPT`. */
  readonly code: string;
  readonly summary: UploadSummary;

  constructor(cause: unknown, summary: UploadSummary) {
    const { code, name, message } = cause as { code?: unknown; name?: string; message?: string };
    super(message ?? String(cause), { cause });
    this.code = typeof code === "string" ? code : (name ?? "UNKNOWN");
    this.summary = summary;
  }
}
