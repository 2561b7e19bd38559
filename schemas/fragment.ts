/** A fragment that a Kinesis video stream stores. */
export interface StoredFragment {
  /** Digits; a later fragment has a higher number (documented: PutMedia, "monotonically increasing"). */
  readonly number: string;
  /** Producer time of its first frame, epoch milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
}

/** A stored fragment and when Kinesis Video Streams received it. */
export interface ReceivedFragment extends StoredFragment {
  /** Epoch milliseconds. */
  readonly serverMs: number;
}
