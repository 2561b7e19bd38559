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
];

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
