import type { Action } from "../../api/action.ts";
import { resourceInUse, tooManySessions } from "../errors.ts";
import { startInput, type StartInput } from "../inputs.ts";
import { isBusy } from "../processors.ts";
import { maxConcurrentSessions } from "../quotas.ts";
import type { RekognitionState } from "../state.ts";

/**
 * Starts a session and responds before the session uses role or stream: if one of them is wrong, the session ends as
 * FAILED (documented).
 */
export const startStreamProcessor: Action<RekognitionState, StartInput, { SessionId: string }> = {
  input: startInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (request, { cloud, state: { processors, sessions } }) => {
    if (isBusy(processors.get(request.Name))) throw resourceInUse();
    const limit = maxConcurrentSessions(cloud.region);
    if (sessions.count >= limit) throw tooManySessions(limit, cloud.region);
    return { SessionId: sessions.start(request) };
  },
};
