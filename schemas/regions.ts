import { ENGINES } from "./engine.ts";

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

/** What to do without stream processors. */
export const WITHOUT_STREAMING: string =
  ENGINES.length > 1
    ? `register cameras with --engine ${ENGINES.filter((one: string) => one !== "stream-processor").join(" or ")}`
    : "stream processors are the only engine of this version: use an account and Region that have them";

/** Stream processors of an account in a Region (documented as above). */
export const MAX_PROCESSORS = 10_000;

/** When streaming video was closed to accounts that had not used it before (documented: Rekognition guide, "Availability changes"). */
export const STREAMING_CLOSED_ON = "2026-04-30";
