import { invalidArgument } from "../errors.ts";
import { retentionHours } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";

export const decreaseStreamRetentionPeriod = streamAction(
  { RetentionPeriodHours: retentionHours },
  (stream, { RetentionPeriodHours: hours }, { state }) => {
    if (hours > stream.retentionHours)
      throw invalidArgument(
        `Requested retention period (${hours} hours) for stream ${stream.name} must not be longer than the existing one (${stream.retentionHours} hours).`,
      );
    state.update(stream, { retentionHours: hours });
    return {};
  },
);
