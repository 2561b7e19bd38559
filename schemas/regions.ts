import { isSilent } from "../base/errors.ts";
import type { EngineName } from "./engine.ts";

/**
 * The Regions in which Rekognition detects labels in streaming video, with their quota of concurrent sessions (documented:
 * AWS General Reference, "Amazon Rekognition endpoints and quotas", as of November 2026).
 */
export const LABEL_REGIONS_AS_OF = "2026-11";

export const LABEL_REGIONS: Readonly<Record<string, { readonly maxRunning: number }>> = {
  "us-east-1": { maxRunning: 200 },
  "us-east-2": { maxRunning: 40 },
  "us-west-2": { maxRunning: 200 },
  "ap-south-1": { maxRunning: 40 },
  "eu-west-1": { maxRunning: 40 },
};

/**
 * The Regions in which Rekognition searches faces in streaming video, which are not those of labels (documented as above, as
 * of {@link LABEL_REGIONS_AS_OF}).
 */
export const FACE_SEARCH_REGIONS: readonly string[] = [
  "us-east-1",
  "us-west-2",
  "ap-northeast-1",
  "eu-central-1",
  "eu-west-1",
];

/** FaceSearch processors of an account that run at a time in a Region (documented: Rekognition guide, limits). */
export const MAX_FACE_SEARCHES = 10;

/**
 * The Regions of the engine `frames`: those with Kinesis Video Streams and with Rekognition's DetectLabels, with its
 * default quota of calls a second (documented: AWS General Reference, "Amazon Rekognition endpoints and quotas" and "Amazon
 * Kinesis Video Streams endpoints and quotas", as of {@link LABEL_REGIONS_AS_OF}).
 */
export const FRAMES_REGIONS: Readonly<Record<string, { readonly callsPerSecond: number }>> = {
  "us-east-1": { callsPerSecond: 50 },
  "us-east-2": { callsPerSecond: 5 },
  "us-west-2": { callsPerSecond: 50 },
  "ap-northeast-1": { callsPerSecond: 5 },
  "ap-northeast-2": { callsPerSecond: 5 },
  "ap-south-1": { callsPerSecond: 5 },
  "ap-southeast-1": { callsPerSecond: 5 },
  "ap-southeast-2": { callsPerSecond: 5 },
  "ap-southeast-5": { callsPerSecond: 5 },
  "eu-central-1": { callsPerSecond: 5 },
  "eu-south-2": { callsPerSecond: 5 },
  "eu-west-1": { callsPerSecond: 50 },
  "eu-west-2": { callsPerSecond: 5 },
  "il-central-1": { callsPerSecond: 5 },
  "sa-east-1": { callsPerSecond: 5 },
  "us-gov-west-1": { callsPerSecond: 5 },
};

const BUSY_REGIONS: readonly string[] = ["us-east-1", "us-west-2", "eu-west-1"];

/**
 * A Region's default quota of calls a second of each of SearchUsersByImage, SearchFacesByImage, IndexFaces and ListFaces
 * (documented as above).
 */
export const searchesPerSecond = (region: string): number => (BUSY_REGIONS.includes(region) ? 50 : 5);

/** The engines that work in a Region, the one that more Regions have first. */
export const enginesIn = (region: string): EngineName[] => [
  ...(Object.hasOwn(FRAMES_REGIONS, region) ? (["frames"] as const) : []),
  ...(Object.hasOwn(LABEL_REGIONS, region) ? (["stream-processor"] as const) : []),
  ...(FACE_SEARCH_REGIONS.includes(region) ? (["face-search"] as const) : []),
];

/** Why the engine `face-search` does not work in a Region, and what does; undefined where it does. */
export const faceSearchProblem = (region: string): string | undefined =>
  FACE_SEARCH_REGIONS.includes(region)
    ? undefined
    : `Rekognition searches no faces in streaming video in ${region} (as of ${LABEL_REGIONS_AS_OF}), but in ${FACE_SEARCH_REGIONS.join(", ")}`;

/** How faces are searched without stream processors. */
export const WITHOUT_FACE_SEARCH =
  "the engine frames searches faces too, in every account: --engine frames --faces on";

/** What to do without stream processors. */
export const WITHOUT_STREAMING =
  "use the engine frames: npx doorstep camera add <id> --engine frames, or camera update <id> --engine frames";

/** Stream processors of an account in a Region (documented as above). */
export const MAX_PROCESSORS = 10_000;

/** When streaming video was closed to accounts that had not used it before (documented: Rekognition guide, "Availability changes"). */
export const STREAMING_CLOSED_ON = "2026-04-30";

/**
 * Whether an error is how Rekognition refuses an account or Region that its streaming video is closed to. How it does is
 * not documented. Reported: AccessDeniedException without a message, also from Regions that lack the feature
 * (aws/aws-cli#4409); the SDK's message is then `UnknownError`. A policy that denies names user and action.
 */
export const isStreamingClosed = (error: Pick<Error, "name" | "message">): boolean =>
  error.name === "AccessDeniedException" && isSilent(error);

/** What that error means. */
export const STREAMING_CLOSED = `AccessDeniedException without a message: Rekognition's streaming video is probably closed to this account (since ${STREAMING_CLOSED_ON} to accounts that had not used it in the 12 months before) or missing in this Region`;
