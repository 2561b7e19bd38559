import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { RekognitionState } from "../index.ts";
import { nameInput } from "../input.ts";
import { isBusy } from "../processors.ts";

/**
 * Ends a run at the end of the fragment in hand; STREAM_PROCESSING_COMPLETE follows. The guide describes Stop for
 * face search only: what it does to a label run on AWS is unconfirmed.
 */
export const stopStreamProcessor: Action<RekognitionState, { Name: string }, object> = {
  input: nameInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: ({ Name }, { state: { processors, sessions } }) => {
    if (!isBusy(processors.get(Name)))
      throw new AwsError("ResourceInUseException", "Processor not available for stopping stream.");
    sessions.stop(Name);
    return {};
  },
};
