import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { RekognitionState } from "../index.ts";
import { startInput, type StartInput } from "../input.ts";
import { isBusy } from "../processors.ts";
import { maxConcurrentRuns } from "../quotas.ts";

/**
 * Starts a run and answers before anything is tried: a wrong role or stream ends it as FAILED (documented).
 * The error at full concurrency is unconfirmed.
 */
export const startStreamProcessor: Action<RekognitionState, StartInput, { SessionId: string }> = {
  input: startInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (request, { cloud, state: { processors, sessions } }) => {
    if (isBusy(processors.get(request.Name)))
      throw new AwsError("ResourceInUseException", "Specified resource is in use.");
    const limit = maxConcurrentRuns(cloud.region);
    if (sessions.count >= limit)
      throw new AwsError(
        "ThrottlingException",
        `${limit} label stream processors run already in ${cloud.region}.`,
      );
    return { SessionId: sessions.start(request) };
  },
};
