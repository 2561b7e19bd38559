import { TokenBucket } from "../../base/token-bucket.ts";
import type { AnyAction } from "../api/action.ts";
import { missingHere, rateExceeded, serviceUnavailable, slowDown } from "./errors.ts";

/** Calls per second and account (documented: General Reference, Amazon Rekognition quotas). */
const CALLS_PER_SECOND: Readonly<Record<string, number>> = {
  CreateStreamProcessor: 20,
  DescribeStreamProcessor: 20,
  StartStreamProcessor: 20,
  UpdateStreamProcessor: 20,
  DeleteStreamProcessor: 20,
  ListStreamProcessors: 5,
  StopStreamProcessor: 1,
};

/** Calls of DetectLabels per second and account, in the Regions that have it (documented as above, as of November 2026). */
const DETECT_LABELS_PER_SECOND: Readonly<Record<string, number>> = {
  "us-east-1": 50,
  "us-east-2": 5,
  "us-west-1": 5,
  "us-west-2": 50,
  "ap-northeast-1": 5,
  "ap-northeast-2": 5,
  "ap-south-1": 5,
  "ap-southeast-1": 5,
  "ap-southeast-2": 5,
  "ap-southeast-5": 5,
  "ap-southeast-7": 5,
  "eu-central-1": 5,
  "eu-south-2": 5,
  "eu-west-1": 50,
  "eu-west-2": 5,
  "il-central-1": 5,
  "sa-east-1": 5,
  "us-gov-west-1": 5,
};

/** Calls about faces per second and account: in three Regions, and in the others (documented as above). */
const FACE_CALLS_PER_SECOND: Readonly<Record<string, readonly [inThree: number, elsewhere: number]>> = {
  CreateCollection: [5, 5],
  DeleteCollection: [5, 5],
  DescribeCollection: [5, 5],
  ListCollections: [5, 5],
  DeleteFaces: [5, 5],
  CreateUser: [5, 5],
  DeleteUser: [5, 5],
  ListUsers: [5, 5],
  AssociateFaces: [5, 5],
  DisassociateFaces: [5, 5],
  IndexFaces: [50, 5],
  ListFaces: [50, 5],
  SearchFaces: [50, 5],
  SearchFacesByImage: [50, 5],
  SearchUsers: [50, 5],
  SearchUsersByImage: [50, 5],
  DetectFaces: [100, 25],
};
const THREE_REGIONS = ["us-east-1", "us-west-2", "eu-west-1"];

function callsPerSecond(name: string, region: string): number | undefined {
  if (name === "DetectLabels") return DETECT_LABELS_PER_SECOND[region];
  const faces = FACE_CALLS_PER_SECOND[name];
  return faces ? faces[THREE_REGIONS.includes(region) ? 0 : 1] : CALLS_PER_SECOND[name];
}

/** Stream processors per account (documented as above). */
export const MAX_PROCESSORS = 10_000;

/** The Regions with face search in streaming video (documented: Rekognition guide, "Working with streaming video events"). */
export const FACE_SEARCH_REGIONS: readonly string[] = [
  "us-east-1",
  "us-west-2",
  "ap-northeast-1",
  "eu-central-1",
  "eu-west-1",
];

/** Face search processors that run at the same time (documented: Rekognition limits). */
export const MAX_FACE_SEARCHES = 10;

/** Concurrent label sessions by Region (documented as above; other Regions have no label processors). */
const CONCURRENT_SESSIONS: Readonly<Record<string, number>> = { "us-east-1": 200, "us-west-2": 200 };
const CONCURRENT_SESSIONS_ELSEWHERE = 40;

export const maxConcurrentSessions = (region: string): number =>
  CONCURRENT_SESSIONS[region] ?? CONCURRENT_SESSIONS_ELSEWHERE;

/** What a call gets that finds a token in the first, second or third bucket of its action; other calls get `serviceUnavailable`. */
const REFUSALS = [undefined, rateExceeded, slowDown];

/**
 * The action, refused while its calls exceed their quota; SDKs retry each of the errors. Which of them is returned when is
 * unconfirmed: here twice the quota, three times the quota, and more.
 */
export function withinQuota<State>(name: string, region: string, action: AnyAction<State>): AnyAction<State> {
  const perSecond = callsPerSecond(name, region);
  if (!perSecond) {
    if (name !== "DetectLabels") throw new RangeError(`${name} has no quota`);
    return {
      ...action,
      run: () => {
        throw missingHere();
      },
    };
  }
  let buckets: readonly TokenBucket[] | undefined;
  return {
    ...action,
    run: (input, context) => {
      const nowMs = context.cloud.clock.now();
      buckets ??= REFUSALS.map(() => new TokenBucket(perSecond, nowMs));
      const index = buckets.findIndex((bucket) => bucket.has(1, nowMs));
      buckets[index]?.take(1, nowMs);
      if (index === 0) return action.run(input, context) as unknown;
      throw (REFUSALS[index] ?? serviceUnavailable)();
    },
  };
}
