import type { Action } from "../../api/action.ts";
import type { RekognitionState } from "../index.ts";
import { nameInput } from "../input.ts";

/** What the processor was created with, but for its tags, and how it is; times are epoch seconds (documented). */
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
