import { storageConfiguration, version } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { checkVersion } from "../streams.ts";

/** Stores the tier. On AWS it changes cost and latency, which have no local equivalent. */
export const updateStreamStorageConfiguration = streamAction(
  { CurrentVersion: version, StreamStorageConfiguration: storageConfiguration },
  (stream, request, { state }) => {
    checkVersion(stream, request.CurrentVersion);
    state.streams.update(stream, { storageTier: request.StreamStorageConfiguration.DefaultStorageTier });
    return {};
  },
);
