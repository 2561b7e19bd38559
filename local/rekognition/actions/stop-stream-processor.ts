import type { Action } from "../../api/action.ts";
import { resourceInUse } from "../errors.ts";
import { nameInput } from "../inputs.ts";
import { isBusy } from "../processors.ts";
import type { RekognitionState } from "../state.ts";

/**
 * Ends a session at the end of the current fragment; STREAM_PROCESSING_COMPLETE follows. The guide describes Stop for
 * face search only: its effect on a label session on AWS is unconfirmed.
 */
export const stopStreamProcessor: Action<RekognitionState, { Name: string }, object> = {
  input: nameInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: ({ Name }, { state: { processors, sessions } }) => {
    if (!isBusy(processors.get(Name))) throw resourceInUse("Processor not available for stopping stream.");
    sessions.stop(Name);
    return {};
  },
};
