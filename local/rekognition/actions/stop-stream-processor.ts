import type { Action } from "../../api/action.ts";
import { resourceInUse } from "../errors.ts";
import { nameInput } from "../inputs.ts";
import { isBusy, isFaceProcessor } from "../processors.ts";
import type { RekognitionState } from "../state.ts";

/**
 * Ends a face search (documented), or a label session at the end of the current fragment; STREAM_PROCESSING_COMPLETE
 * follows that. The guide describes Stop for face search only: its effect on a label session on AWS is unconfirmed.
 */
export const stopStreamProcessor: Action<RekognitionState, { Name: string }, object> = {
  input: nameInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: ({ Name }, { state: { processors, sessions, faceSearches } }) => {
    const processor = processors.get(Name);
    if (!isBusy(processor)) throw resourceInUse("Processor not available for stopping stream.");
    if (isFaceProcessor(processor)) faceSearches.stop(Name);
    else sessions.stop(Name);
    return {};
  },
};
