import * as v from "valibot";
import { explain, type AnyAction } from "../api/action.ts";
import { missingHere, invalidAvailability } from "./errors.ts";
import type { RekognitionState } from "./state.ts";

const availability = v.strictObject({ open: v.boolean() });

/** Opens or closes streaming video to the account, as AWS closed it to new accounts. @throws AwsError for another body */
export function setAvailability(state: RekognitionState, body: unknown): void {
  const parsed = v.safeParse(availability, body);
  if (!parsed.success) throw invalidAvailability(explain(parsed.issues));
  state.isOpen = parsed.output.open;
}

/** The action, refused while streaming video is closed to the account. Running sessions go on. */
export const whileOpen = (action: AnyAction<RekognitionState>): AnyAction<RekognitionState> => ({
  ...action,
  run: (input, context) => {
    if (!context.state.isOpen) throw missingHere();
    return action.run(input, context) as unknown;
  },
});
