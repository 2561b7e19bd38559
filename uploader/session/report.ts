import type { Stretch } from "./ledger.ts";

/** What came of an upload, whether it ended well or not. Times are producer times in epoch milliseconds. */
export interface UploadReport {
  readonly source: string;
  readonly streamName: string;
  /** Distinct fragments that were sent. */
  readonly fragments: number;
  readonly receivedFragments: number;
  /** Those that the stream stored; 0 where it retains nothing. */
  readonly persistedFragments: number;
  /** Those that a live source could not hold until they were safe. */
  readonly lostFragments: number;
  /** Number of the last one PERSISTED, or RECEIVED where nothing is stored. */
  readonly lastPersistedFragmentNumber?: string;
  /** Producer time that the service acknowledged as safe, in order. */
  readonly safe: readonly Stretch[];
  readonly firstProducerMs: number;
  /** End of what was sent. */
  readonly lastProducerMs: number;
  readonly durationMs: number;
  /** Matroska sent, repetitions included. */
  readonly bytes: number;
  readonly connections: number;
  /** Connections that failed, each with its reason. */
  readonly failures: readonly string[];
  /** What of the source was left out, and why. */
  readonly notices: readonly string[];
}

/** An upload that was given up; `report` lists what is safe nevertheless. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  /** For example `ResourceNotFoundException`, `MAX_FRAGMENT_SIZE_REACHED`, `CONNECTION_FAILED`, `CORRUPT`. */
  readonly code: string;
  readonly report: UploadReport;

  constructor(cause: unknown, report: UploadReport) {
    const { code, name, message } = cause as { code?: unknown; name?: string; message?: string };
    super(message ?? String(cause), { cause });
    this.code = typeof code === "string" ? code : (name ?? "UNKNOWN");
    this.report = report;
  }
}
