import * as v from "valibot";
import { deviceName, mediaType, version } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { checkVersion } from "../streams.ts";

/** Members left out stay. Done at once, while AWS's stream is UPDATING for a time (documented). */
export const updateStream = streamAction(
  { CurrentVersion: version, DeviceName: v.optional(deviceName), MediaType: v.optional(mediaType) },
  (stream, { CurrentVersion, DeviceName, MediaType }, { state }) => {
    checkVersion(stream, CurrentVersion);
    state.streams.update(stream, {
      ...(DeviceName !== undefined && { deviceName: DeviceName }),
      ...(MediaType !== undefined && { mediaType: MediaType }),
    });
    return {};
  },
);
