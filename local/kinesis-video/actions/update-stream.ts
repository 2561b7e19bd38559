import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { deviceName, mediaType, namesOneStream, streamReference, version } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";
import { checkVersion } from "../streams.ts";

const input = v.pipe(
  v.object({
    ...streamReference,
    CurrentVersion: version,
    DeviceName: v.optional(deviceName),
    MediaType: v.optional(mediaType),
  }),
  namesOneStream(),
);

/** UpdateStream: what isn't given stays. Done at once, while AWS's stream is UPDATING for a while (documented). */
export const updateStream: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state }) => {
    const stream = state.streams.find(request);
    const { CurrentVersion, DeviceName, MediaType } = request;
    checkVersion(stream, CurrentVersion);
    state.streams.update(stream, {
      ...(DeviceName !== undefined && { deviceName: DeviceName }),
      ...(MediaType !== undefined && { mediaType: MediaType }),
    });
    return {};
  },
};
