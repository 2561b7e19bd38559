import * as v from "valibot";

/** What became of the latest attempt to send a test message. It is the sender's to enter, and `doorstep alert test` reads it. */
export const alertTest = v.strictObject({
  /** `failed` messages are sent again; `unsent` ones are not. */
  outcome: v.picklist(["accepted", "failed", "unsent"]),
  /** Why it was not accepted, without the target's URL. */
  reason: v.optional(v.string()),
  /** Epoch milliseconds. */
  atMs: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export type AlertTest = v.InferOutput<typeof alertTest>;
