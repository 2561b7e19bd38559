import * as v from "valibot";
import { explain, type Action } from "../../api/action.ts";
import { invalidParameter, resourceInUse, tooManySessions } from "../errors.ts";
import { anyStartInput, startFacesInput, startInput } from "../inputs.ts";
import { isBusy, isFaceProcessor } from "../processors.ts";
import { MAX_FACE_SEARCHES, maxConcurrentSessions } from "../quotas.ts";
import type { RekognitionState } from "../state.ts";

/**
 * Starts a session of a label processor, or a face search, which has no session id. Responds before it uses role or stream:
 * if one of them is wrong, the processor ends as FAILED (documented).
 */
export const startStreamProcessor: Action<
  RekognitionState,
  v.InferOutput<typeof anyStartInput>,
  { SessionId?: string }
> = {
  input: anyStartInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (request, { cloud, state: { processors, sessions, faceSearches } }) => {
    const processor = processors.find(request.Name);
    if (processor && isFaceProcessor(processor)) {
      checked(startFacesInput, request);
      if (isBusy(processor)) throw resourceInUse();
      if (faceSearches.count >= MAX_FACE_SEARCHES)
        throw tooManySessions(MAX_FACE_SEARCHES, cloud.region, "face search");
      faceSearches.start(request.Name);
      return {};
    }
    const ofLabels = checked(startInput, request);
    if (isBusy(processors.get(request.Name))) throw resourceInUse();
    const limit = maxConcurrentSessions(cloud.region);
    if (sessions.count >= limit) throw tooManySessions(limit, cloud.region, "label");
    return { SessionId: sessions.start(ofLabels) };
  },
};

/** @throws AwsError InvalidParameterException */
function checked<S extends v.GenericSchema>(schema: S, request: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, request);
  if (!parsed.success) throw invalidParameter(explain(parsed.issues));
  return parsed.output;
}
