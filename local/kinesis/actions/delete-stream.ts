import * as v from "valibot";
import { streamAction } from "../stream-action.ts";

/** The stream is gone at once; on AWS it is DELETING for a while. */
export const deleteStream = streamAction(
  { EnforceConsumerDeletion: v.optional(v.boolean()) },
  (stream, _, { state }) => {
    state.delete(stream);
    return {};
  },
);
