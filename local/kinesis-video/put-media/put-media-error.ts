/** Why PutMedia ends a connection: ErrorIds of an ERROR acknowledgement (documented: API reference, PutMedia). */
const PUT_MEDIA_ERRORS = {
  STREAM_READ_ERROR: 4000,
  MAX_FRAGMENT_SIZE_REACHED: 4001,
  MAX_FRAGMENT_DURATION_REACHED: 4002,
  MAX_CONNECTION_DURATION_REACHED: 4003,
  FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS: 4004,
  MORE_THAN_ALLOWED_TRACKS_FOUND: 4005,
  INVALID_MKV_DATA: 4006,
  INVALID_PRODUCER_TIMESTAMP: 4007,
  STREAM_NOT_ACTIVE: 4008,
  FRAGMENT_METADATA_LIMIT_REACHED: 4009,
  TRACK_NUMBER_MISMATCH: 4010,
  FRAMES_MISSING_FOR_TRACK: 4011,
  INVALID_FRAGMENT_METADATA: 4012,
  ARCHIVAL_ERROR: 5001,
} as const;

type PutMediaErrorCode = keyof typeof PUT_MEDIA_ERRORS;

/** A fragment or the connection cannot be accepted. */
export class PutMediaError extends Error {
  override readonly name = "PutMediaError";
  readonly code: PutMediaErrorCode;
  readonly id: number;

  constructor(code: PutMediaErrorCode, problem: string, cause?: unknown) {
    super(problem, { cause });
    this.code = code;
    this.id = PUT_MEDIA_ERRORS[code];
  }
}
