import type { Action } from "../../api/action.ts";
import { resourceInUse } from "../errors.ts";
import { nameInput } from "../inputs.ts";
import { isBusy } from "../processors.ts";
import type { RekognitionState } from "../state.ts";

/** Deletes a processor without a running session. */
export const deleteStreamProcessor: Action<RekognitionState, { Name: string }, object> = {
  input: nameInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: ({ Name }, { state: { processors } }) => {
    if (isBusy(processors.get(Name))) throw resourceInUse("Cannot delete stream processor.");
    processors.delete(Name);
    return {};
  },
};
