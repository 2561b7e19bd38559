import type { Action } from "../../api/action.ts";
import { nameInput } from "../inputs.ts";
import type { RekognitionState } from "../state.ts";

/** The processor as created, without its tags, and its status; times are epoch seconds (documented). */
export const describeStreamProcessor: Action<RekognitionState, { Name: string }, object> = {
  input: nameInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: ({ Name }, { state }) => {
    const { arn, definition, status, statusMessage, createdAtMs, updatedAtMs } = state.processors.get(Name);
    const { Tags: _, ...described } = definition;
    return {
      ...described,
      StreamProcessorArn: arn,
      Status: status,
      StatusMessage: statusMessage,
      CreationTimestamp: createdAtMs / 1000,
      LastUpdateTimestamp: updatedAtMs / 1000,
    };
  },
};
