/** What calls of Rekognition with an image have in common. */
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { isSilent } from "../base/errors.ts";
import { FRAMES_REGIONS } from "../schemas/regions.ts";
import { isDenied, isResponse } from "./responses.ts";
import { isThrottling } from "./throttling.ts";

/**
 * Without retries: each attempt is a call of the account's few a second, and costs one of the caller's limit. Callers
 * retry by queue.
 */
export const imageClient = /* @__PURE__ */ new RekognitionClient({ maxAttempts: 1 });

/** Sends a command again when the connection failed: these calls store nothing. */
export const sendOnce = <Output>(send: () => Promise<Output>): Promise<Output> =>
  send().catch((error: unknown) => {
    if (isResponse(error)) throw error;
    return send();
  });

/** Why a call returned nothing. */
export type ImageRefusal =
  /** Rekognition refused the call for now: the account's rate is used up, or the service is busy. */
  | { readonly kind: "throttled" }
  | { readonly kind: "unreadable"; readonly reason: string }
  /** No image will ever be accepted: no permission, or no such call in this Region. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * What an error means (documented: the API reference of each call, and the guide's "Error handling").
 * @throws the error itself if it is none that is documented
 */
export function imageRefusal(error: unknown, action: "DetectLabels" | "SearchUsersByImage"): ImageRefusal {
  if (!isResponse(error)) throw error;
  const { name, message, $metadata } = error;
  const reason = `${name}: ${message}`;
  // ThrottlingException is 400 or 500, InternalServerError 500; all are to be sent again later.
  if (isThrottling(error) || $metadata.httpStatusCode >= 500) return { kind: "throttled" };
  if (UNREADABLE.includes(name)) return { kind: "unreadable", reason: `${action}: ${reason}` };
  if (name === "UnknownOperationException" || (isDenied(error) && isSilent(error)))
    return {
      kind: "refused",
      reason: `${missing(action)}: ${isSilent(error) ? `${name} without a message` : reason}`,
    };
  if (isDenied(error))
    return { kind: "refused", reason: `the function's role may not call rekognition:${action}: ${reason}` };
  throw error;
}

/** How a Region without it responds is not documented; reported is AccessDeniedException without a message (aws/aws-cli#4409). */
const missing = (action: string): string =>
  `${action} is not available in this account and Region; the engine frames runs in ${Object.keys(FRAMES_REGIONS).join(", ")}`;

/** InvalidParameterException is what an image of too few or too many pixels gets (documented: guidelines and quotas). */
const UNREADABLE: readonly string[] = [
  "ImageTooLargeException",
  "InvalidImageFormatException",
  "InvalidParameterException",
];
