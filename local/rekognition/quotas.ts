import { TokenBucket } from "../../base/token-bucket.ts";
import type { AnyAction } from "../api/action.ts";
import { rateExceeded } from "./errors.ts";

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

/** Calls of DetectLabels per second and account by Region (documented as above). */
const DETECT_LABELS_PER_SECOND: Readonly<Record<string, number>> = {
  "us-east-1": 50,
  "us-west-2": 50,
  "eu-west-1": 50,
};
const DETECT_LABELS_PER_SECOND_ELSEWHERE = 5;

const callsPerSecond = (name: string, region: string): number | undefined =>
  name === "DetectLabels"
    ? (DETECT_LABELS_PER_SECOND[region] ?? DETECT_LABELS_PER_SECOND_ELSEWHERE)
    : CALLS_PER_SECOND[name];

/** Stream processors per account (documented as above). */
export const MAX_PROCESSORS = 10_000;

/** Concurrent label sessions by Region (documented as above; other Regions have no label processors). */
const CONCURRENT_SESSIONS: Readonly<Record<string, number>> = { "us-east-1": 200, "us-west-2": 200 };
const CONCURRENT_SESSIONS_ELSEWHERE = 40;

export const maxConcurrentSessions = (region: string): number =>
  CONCURRENT_SESSIONS[region] ?? CONCURRENT_SESSIONS_ELSEWHERE;

/** The action, refused while its calls exceed their quota; SDKs retry that error. */
export function withinQuota<State>(name: string, region: string, action: AnyAction<State>): AnyAction<State> {
  const perSecond = callsPerSecond(name, region);
  if (!perSecond) throw new RangeError(`${name} has no quota`);
  let bucket: TokenBucket | undefined;
  return {
    ...action,
    run: (input, context) => {
      const nowMs = context.cloud.clock.now();
      bucket ??= new TokenBucket(perSecond, nowMs);
      if (!bucket.has(1, nowMs)) throw rateExceeded();
      bucket.take(1, nowMs);
      return action.run(input, context) as unknown;
    },
  };
}
