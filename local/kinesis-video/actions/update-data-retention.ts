import * as v from "valibot";
import { invalidArgument } from "../errors.ts";
import { hours, MAX_RETENTION_HOURS, version } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { checkVersion } from "../streams.ts";

/**
 * The hours are a change, not the new value. Archived media is retained for the new time, and deleted at once where it
 * is older (documented). Buffered media stays buffered (unconfirmed).
 */
export const updateDataRetention = streamAction(
  {
    CurrentVersion: version,
    Operation: v.picklist(["INCREASE_DATA_RETENTION", "DECREASE_DATA_RETENTION"]),
    DataRetentionChangeInHours: v.pipe(hours, v.minValue(1)),
  },
  async (stream, request, { state }) => {
    checkVersion(stream, request.CurrentVersion);
    const change = request.DataRetentionChangeInHours;
    const retentionHours =
      stream.retentionHours + (request.Operation === "INCREASE_DATA_RETENTION" ? change : -change);
    if (retentionHours < 0 || retentionHours > MAX_RETENTION_HOURS)
      throw invalidArgument(
        `DataRetentionChangeInHours is ${change}, which would make the retention of ${stream.retentionHours} hours ` +
          `${retentionHours}; expected 0..${MAX_RETENTION_HOURS}`,
      );
    state.streams.update(stream, { retentionHours });
    await state.sweep(stream);
    return {};
  },
);
