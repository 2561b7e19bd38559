import type { AnyAction } from "../api/action.ts";
import { AwsError } from "../errors.ts";

/** Calls a second and account (documented: General Reference, Amazon Rekognition quotas). */
const CALLS_PER_SECOND: Readonly<Record<string, number>> = {
  CreateStreamProcessor: 20,
  DescribeStreamProcessor: 20,
  StartStreamProcessor: 20,
  UpdateStreamProcessor: 20,
  DeleteStreamProcessor: 20,
  ListStreamProcessors: 5,
  StopStreamProcessor: 1,
};

/** Stream processors an account may have (documented as above). */
export const MAX_PROCESSORS = 10_000;

/** Label runs at a time by Region (documented as above; other Regions have no label processors). */
const CONCURRENT_RUNS: Readonly<Record<string, number>> = { "us-east-1": 200, "us-west-2": 200 };
const CONCURRENT_RUNS_ELSEWHERE = 40;

export const maxConcurrentRuns = (region: string): number =>
  CONCURRENT_RUNS[region] ?? CONCURRENT_RUNS_ELSEWHERE;

/** Refuses calls of an action over its quota in any second, as AWS does; SDKs retry them. */
export function withinRate<State>(name: string, action: AnyAction<State>): AnyAction<State> {
  const perSecond = CALLS_PER_SECOND[name];
  if (!perSecond) throw new RangeError(`${name} has no quota`);
  let calledAtMs: number[] = [];
  return {
    ...action,
    run: (input, context) => {
      const now = context.cloud.clock.now();
      calledAtMs = calledAtMs.filter((atMs) => atMs > now - 1000);
      if (calledAtMs.length >= perSecond)
        throw new AwsError("ProvisionedThroughputExceededException", "Provisioned rate exceeded.");
      calledAtMs.push(now);
      return action.run(input, context) as unknown;
    },
  };
}
