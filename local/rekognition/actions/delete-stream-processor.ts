import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { RekognitionState } from "../index.ts";
import { nameInput } from "../input.ts";
import { isBusy } from "../processors.ts";

/** Deletes a processor that does not run. */
export const deleteStreamProcessor: Action<RekognitionState, { Name: string }, object> = {
  input: nameInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: ({ Name }, { state: { processors } }) => {
    if (isBusy(processors.get(Name)))
      throw new AwsError("ResourceInUseException", "Cannot delete stream processor.");
    processors.delete(Name);
    return {};
  },
};
