/** The part of a request that kept its credential from being accepted. */
type FailedCheck =
  "credential" | "authorization" | "token" | "webhook-id" | "webhook-timestamp" | "webhook-signature";

/**
 * Why a credential was refused, for the developer of the camera. It is written to the function's log, which only the
 * account's owner reads; the response is the same for every reason. It has neither a credential nor a signature.
 */
export interface Diagnosis {
  readonly check: FailedCheck;
  /** What was wrong, and what is expected. */
  readonly reason: string;
  /** The text that the signature must cover; a body that is not a motion request's own is replaced by its length and hash. */
  readonly signedText?: string | undefined;
  /** How far the request's timestamp is behind this clock; negative if it is ahead. */
  readonly clockSkewMs?: number | undefined;
}

/** Of a webhook that was signed correctly and has acted before. */
export const REPLAYED: Diagnosis = {
  check: "webhook-id",
  reason:
    "a request with this id was accepted before, or the id is too old to be known; send each request with a new id",
};
