import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { hours, MAX_RETENTION_HOURS, namesOneStream, streamReference, version } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";
import { checkVersion } from "../streams.ts";

const input = v.pipe(
  v.object({
    ...streamReference,
    CurrentVersion: version,
    Operation: v.picklist(["INCREASE_DATA_RETENTION", "DECREASE_DATA_RETENTION"]),
    DataRetentionChangeInHours: v.pipe(hours, v.minValue(1)),
  }),
  namesOneStream(),
);

/**
 * UpdateDataRetention: the hours are a change, not the new value. What is stored is retained for the new time, and
 * deleted at once where it is older (documented). What was only buffered stays so (unconfirmed).
 */
export const updateDataRetention: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: async (request, { state }) => {
    const stream = state.streams.find(request);
    checkVersion(stream, request.CurrentVersion);
    const change = request.DataRetentionChangeInHours;
    const retentionHours =
      stream.retentionHours + (request.Operation === "INCREASE_DATA_RETENTION" ? change : -change);
    if (retentionHours < 0 || retentionHours > MAX_RETENTION_HOURS)
      throw new AwsError(
        "InvalidArgumentException",
        `DataRetentionChangeInHours is ${change}, which would make the retention of ${stream.retentionHours} hours ` +
          `${retentionHours}; expected 0..${MAX_RETENTION_HOURS}`,
      );
    state.streams.update(stream, { retentionHours });
    await state.sweep(stream);
    return {};
  },
};
