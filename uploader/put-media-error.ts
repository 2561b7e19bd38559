/** PutMedia failed: by an ERROR acknowledgement, an HTTP error, or a closed connection. */
export class PutMediaError extends Error {
  override readonly name = "PutMediaError";
  /** For example `FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS`, `ResourceNotFoundException`, `CONNECTION_CLOSED`. */
  readonly code: string;
  readonly isRetryable: boolean;
  /** From an ERROR acknowledgement. */
  readonly errorId?: number;
  readonly fragmentNumber?: string;
  /** From an HTTP error. */
  readonly httpStatus?: number;

  constructor(code: string, message: string, details: PutMediaErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.isRetryable = details.isRetryable ?? true;
    if (details.errorId !== undefined) this.errorId = details.errorId;
    if (details.fragmentNumber !== undefined) this.fragmentNumber = details.fragmentNumber;
    if (details.httpStatus !== undefined) this.httpStatus = details.httpStatus;
  }
}

type PutMediaErrorDetails = {
  /** Whether sending the same video on another connection may succeed; default true. */
  isRetryable?: boolean;
  errorId?: number;
  fragmentNumber?: string;
  httpStatus?: number;
  cause?: unknown;
};

/** `retryable`: sending the same video on another connection may succeed. */
type AckError = readonly [code: string, meaning: string, retryable?: "retryable"];

/**
 * The error ids of ERROR acknowledgements (documented: API reference, PutMedia; 4500..4507 observed: producer SDK,
 * Include.h).
 */
const ackErrors: Readonly<Record<number, AckError>> = {
  4000: ["STREAM_READ_ERROR", "the service could not read the stream; send it again", "retryable"],
  4001: ["MAX_FRAGMENT_SIZE_REACHED", "a fragment is larger than 50 MB; encode with a lower bit rate"],
  4002: ["MAX_FRAGMENT_DURATION_REACHED", "a fragment is longer than 20 s; encode with more keyframes"],
  4003: [
    "MAX_CONNECTION_DURATION_REACHED",
    "one connection lasts at most 45 minutes; send the rest on another",
    "retryable",
  ],
  4004: [
    "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS",
    "a fragment begins before the one that was sent ahead of it",
  ],
  4005: ["MORE_THAN_ALLOWED_TRACKS_FOUND", "a fragment has more than 3 tracks"],
  4006: ["INVALID_MKV_DATA", "the data is not valid Matroska"],
  4007: [
    "INVALID_PRODUCER_TIMESTAMP",
    "the producer start timestamp is not valid; expected seconds since 1970",
  ],
  4008: ["STREAM_NOT_ACTIVE", "the stream no longer exists or is not active", "retryable"],
  4009: ["FRAGMENT_METADATA_LIMIT_REACHED", "a fragment has more than 10 tags"],
  4010: ["TRACK_NUMBER_MISMATCH", "a frame's track is not in the stream's header"],
  4011: ["FRAMES_MISSING_FOR_TRACK", "a fragment has no frame for one of the tracks"],
  4012: ["INVALID_FRAGMENT_METADATA", "a tag's name or value is not valid"],
  4500: ["KMS_KEY_ACCESS_DENIED", "the stream's KMS key refuses access"],
  4501: ["KMS_KEY_DISABLED", "the stream's KMS key is disabled"],
  4502: ["KMS_KEY_VALIDATION_ERROR", "the stream's KMS key could not be validated", "retryable"],
  4503: ["KMS_KEY_UNAVAILABLE", "the stream's KMS key is unavailable", "retryable"],
  4504: ["KMS_KEY_INVALID_USAGE", "the stream's KMS key is not for encryption"],
  4505: ["KMS_KEY_INVALID_STATE", "the stream's KMS key is in a state that allows no use"],
  4506: ["KMS_KEY_NOT_FOUND", "the stream's KMS key does not exist"],
  4507: ["STREAM_DELETED", "the stream was deleted"],
  5000: ["INTERNAL_ERROR", "the service failed; send it again", "retryable"],
  5001: ["ARCHIVAL_ERROR", "the service could not store the fragment; send it again", "retryable"],
};

/** Converts an ERROR acknowledgement into an error. */
export function ackError(ack: {
  errorId?: number;
  errorCode?: string;
  fragmentNumber?: string;
}): PutMediaError {
  const { errorId, fragmentNumber } = ack;
  const [code, meaning, retryable] = ackErrors[errorId ?? 0] ?? unknownAckError(ack.errorCode);
  const where = fragmentNumber === undefined ? "" : ` at fragment ${fragmentNumber}`;
  return new PutMediaError(code, `PutMedia${where}: ${meaning} (${code}, error ${errorId ?? "without id"})`, {
    isRetryable: retryable !== undefined,
    ...(errorId !== undefined && { errorId }),
    ...(fragmentNumber !== undefined && { fragmentNumber }),
  });
}

const unknownAckError = (code = "UNKNOWN_ERROR"): AckError => [code, "an undocumented error", "retryable"];
